package io.lethean.lem.model;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.ggml.NativeDevice;
import io.lethean.lem.internal.gguf.GgufCheck;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.VocabularyGuard;
import io.lethean.lem.internal.llama.MemoryUse;
import io.lethean.lem.internal.llama.ModelParameters;
import io.lethean.lem.internal.llama.NativeBuild;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.NativeModel;
import io.lethean.lem.internal.llama.Vocabulary;
import io.lethean.lem.internal.nativelib.AvailableMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Loads weights and context on the model's thread and records the result. */
final class ModelLoader {

    private final GgufFile file;
    private final ModelOptions options;

    ModelLoader(GgufFile file, ModelOptions options) {
        this.file = file;
        this.options = options;
    }

    /**
     * The header of a file that llama.cpp may see.
     *
     * @throws InvalidModelException if it breaks a rule, or is an adapter
     * @throws IOException if it cannot be read
     */
    static GgufFile read(Path path) throws IOException {
        GgufFile file = GgufFile.readModel(path);
        GgufCheck.requireModel(file);
        return file;
    }

    /**
     * The header of a file with a vocabulary that llama.cpp may see; the file need not have weights.
     *
     * @throws InvalidModelException if it breaks a rule, or is an adapter
     * @throws IOException if it cannot be read
     */
    static GgufFile readVocabulary(Path path) throws IOException {
        GgufFile file = GgufFile.readModel(path);
        if (!file.tensors().isEmpty()) {
            return read(path);
        }
        GgufCheck.requireVocabulary(file);
        return file;
    }

    /** Refuses texts that llama.cpp must not be given with this file's vocabulary. */
    static VocabularyGuard guard(GgufFile file) {
        return VocabularyGuard.of(file.metadata());
    }

    /** What was loaded; its parts are freed in the order context, model. */
    record Loaded(
            NativeModel model,
            NativeContext context,
            Vocabulary vocabulary,
            Map<String, String> metadata,
            ModelInfo info,
            LoadPlan plan)
            implements AutoCloseable {
        @Override
        public void close() {
            context.close();
            model.close();
        }
    }

    Loaded load() {
        Devices devices = Devices.detect();
        long available = new AvailableMemory().bytes(devices.cpu().totalBytes());
        LoadPlan plan = new LoadPlanner(file, options, devices, available).plan();
        NativeModel model = NativeModel.load(plan.modelParameters(), options.progress()::onProgress);
        try {
            return withContext(model, plan, devices);
        } catch (RuntimeException | Error failed) {
            model.close();
            throw failed;
        }
    }

    private Loaded withContext(NativeModel model, LoadPlan plan, Devices devices) {
        NativeContext context = model.createContext(plan.contextParameters());
        try {
            Vocabulary vocabulary = model.vocabulary(guard(file));
            requireCache(context, plan);
            ModelInfo info = describe(model, context, vocabulary, plan, devices);
            return new Loaded(model, context, vocabulary, model.metadata(), info, plan);
        } catch (RuntimeException | Error failed) {
            context.close();
            throw failed;
        }
    }

    private void requireCache(NativeContext context, LoadPlan plan) {
        if (!plan.isEncoder() && !context.remembers()) {
            throw new InvalidModelException(
                    "generates-text",
                    "The model " + file.path()
                            + " keeps nothing of the tokens before, so it cannot continue a text, and its"
                            + " file does not say that it is an encoder ("
                            + file.metadata().ownKey("attention.causal") + "); load another model.");
        }
    }

    private ModelInfo describe(
            NativeModel model, NativeContext context, Vocabulary vocabulary, LoadPlan plan, Devices devices) {
        return new ModelInfo(
                weights(model),
                architecture(model),
                new ModelInfo.VocabularyInfo(
                        vocabulary.size(),
                        vocabulary.addsBos(),
                        file.metadata().text("tokenizer.chat_template").isPresent()),
                context(context, plan),
                compute(plan, devices, model.layers()),
                new ModelInfo.Build(NativeBuild.llamaCppVersion(), devices.backends()),
                warnings(context, plan.isEncoder() ? 0 : model.trainedContextTokens(), devices));
    }

    private ModelInfo.Weights weights(NativeModel model) {
        return new ModelInfo.Weights(
                file.path(),
                file.fileSize(),
                model.fileType(),
                model.parameters(),
                model.weightBytes(),
                options.mmap());
    }

    private ModelInfo.Architecture architecture(NativeModel model) {
        return new ModelInfo.Architecture(
                file.metadata().architecture(),
                model.description(),
                model.hiddenSize(),
                model.embeddingSize(),
                model.layers(),
                model.heads(),
                model.kvHeads(),
                model.trainedContextTokens());
    }

    private ModelInfo.ContextInfo context(NativeContext context, LoadPlan plan) {
        MemoryUse use = MemoryUse.of(context);
        return new ModelInfo.ContextInfo(
                plan.isEncoder() ? plan.contextTokens() : context.capacity(),
                context.batchTokens(),
                context.microBatchTokens(),
                options.context().kvTypeK(),
                options.context().kvTypeV(),
                options.context().flashAttention(),
                use.cacheBytes(),
                use.computeBytes());
    }

    private static ModelInfo.ComputeInfo compute(LoadPlan plan, Devices devices, int layers) {
        boolean gpu = !plan.gpus().isEmpty();
        Device first = gpu ? Devices.described(plan.gpus().getFirst()) : devices.cpu();
        return new ModelInfo.ComputeInfo(
                deviceNames(plan, first),
                first.description(),
                gpu ? layersOffloaded(plan.gpuLayers(), layers) : 0,
                plan.threads(),
                plan.batchThreads());
    }

    private static List<String> deviceNames(LoadPlan plan, Device first) {
        return plan.gpus().isEmpty()
                ? List.of(first.name())
                : plan.gpus().stream().map(NativeDevice::name).toList();
    }

    private static int layersOffloaded(int asked, int layers) {
        return asked == ModelParameters.ALL_LAYERS ? layers + 1 : Math.min(asked, layers + 1);
    }

    private List<String> warnings(NativeContext context, int trained, Devices devices) {
        List<String> warnings = new ArrayList<>();
        if (options.context().contextTokens() > trained && trained > 0) {
            warnings.add(String.format(
                            Locale.ROOT,
                            "The context of %d tokens is larger than the %d the model was trained for;"
                                    + " text beyond them may be",
                            context.capacity(),
                            trained)
                    + " worse.");
        }
        if (devices.lacksItsGpu()
                && !options.compute().device().toLowerCase(Locale.ROOT).equals("cpu")) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "The native libraries were built for %s, but no GPU was found; the model runs on the processor.",
                    devices.backends()));
        }
        return warnings;
    }
}
