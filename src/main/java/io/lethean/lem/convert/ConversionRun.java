package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.Checkpoint;
import io.lethean.lem.internal.checkpoint.MlxTensors;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.SourceTensor;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.tokenizer.HfTokenizer;
import io.lethean.lem.internal.tokenizer.TokenizerMetadata;
import io.lethean.lem.internal.tokenizer.TokenizerRequest;
import io.lethean.lem.quantize.ConvertProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One conversion from an open checkpoint to a file. */
final class ConversionRun {

    /** The version of the block formats that the pinned release writes. */
    private static final int QUANTIZATION_VERSION = 2;

    /** Of a model with experts in MXFP4, as numbered in llama.h. */
    private static final int MXFP4_FILE_TYPE = 38;

    private final ConvertOptions options;
    private final ModelFolder folder;
    private final Family family;
    private final List<SourceTensor> tensors = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private @Nullable OutputType output;
    private @Nullable TensorPlan plan;
    private @Nullable GgufWriter writer;

    ConversionRun(ConvertOptions options, ModelFolder folder, Family family, Checkpoint checkpoint) {
        this.options = options;
        this.folder = folder;
        this.family = family;
        int left = 0;
        List<SourceTensor> found = checkpoint.tensors();
        for (SourceTensor tensor : MlxTensors.quantization(folder)
                .map(mlx -> MlxTensors.joined(mlx, found))
                .orElse(found)) {
            family.select(tensor).ifPresent(tensors::add);
            left += TextTensors.isOther(tensor.name()) ? 1 : 0;
        }
        if (left > 0) {
            notes.add(left + " tensors for images or sound are left out; the file is the text part of the model.");
        }
    }

    /** Decides what is written, and checks everything that can be checked without reading weights. */
    void plan(Optional<OutputType> wanted) throws IOException {
        output = wanted.orElseGet(this::widest);
        TokenizerMetadata tokenizer = tokenizer();
        plan = tensorPlan(output, tokenizer);
        writer = metadata(output, plan, tokenizer);
    }

    /** Writes what was planned; once. */
    ConvertReport write(Path target, ConvertProgress progress) throws IOException {
        TensorPlan planned = Objects.requireNonNull(plan);
        OutputType type = Objects.requireNonNull(output);
        write(Objects.requireNonNull(writer), planned.tensors(), target, progress);
        Map<String, Integer> counts = new TreeMap<>();
        planned.tensors().forEach(tensor -> counts.merge(tensor.type().ggmlName(), 1, Integer::sum));
        return new ConvertReport(
                family.id(),
                type.type().ggmlName(),
                counts,
                SizeLabel.parameters(planned.tensors()),
                Files.size(target),
                notes);
    }

    /** The smallest type that holds all matrices exactly. */
    OutputType lossless() {
        Set<GgmlType> types = EnumSet.noneOf(GgmlType.class);
        for (SourceTensor tensor : tensors) {
            if (tensor.shape().size() > 1 && tensor.element().isReadable()) {
                types.add(tensor.rows().type());
            }
        }
        if (types.equals(EnumSet.of(GgmlType.BF16))) {
            return OutputType.BF16;
        }
        return types.equals(EnumSet.of(GgmlType.F16)) ? OutputType.F16 : OutputType.F32;
    }

    /** The 16-bit type of the first matrix that has one; F16 if all are wider. */
    private OutputType widest() {
        for (SourceTensor tensor : tensors) {
            GgmlType type = tensor.rows().type();
            if (tensor.shape().size() > 1 && (type == GgmlType.BF16 || type == GgmlType.F16)) {
                return type == GgmlType.BF16 ? OutputType.BF16 : OutputType.F16;
            }
        }
        return OutputType.F16;
    }

    private TensorPlan tensorPlan(OutputType output, TokenizerMetadata tokenizer) throws IOException {
        TensorPlan plan = new TensorPlan(output);
        Conversion conversion = new Conversion(family, folder, plan, EmbeddingRows.of(folder, tokenizer));
        family.addOwn(conversion, tensors);
        tensors.forEach(tensor -> family.convert(tensor, conversion));
        conversion.requireComplete();
        if (folder.config().isFalse("tie_word_embeddings") && !plan.has("output.weight") && family.hasHead()) {
            notes.add(
                    "config.json says that the output head is a matrix of its own, and the folder has no lm_head.weight;"
                            + " llama.cpp then uses the embedding as head. If the model should have one, the folder is incomplete.");
        }
        return plan;
    }

    private GgufWriter metadata(OutputType output, TensorPlan plan, TokenizerMetadata tokenizer) throws IOException {
        GgufWriter writer =
                new GgufWriter().put("general.architecture", family.id()).put("general.type", "model");
        new GeneralMetadata(folder, name(), plan.tensors()).write(writer);
        Hyperparameters values = new Hyperparameters(family.id());
        family.hyperparameters(values, folder);
        values.values().forEach(writer::put);
        writer.put("general.file_type", GgufValue.uint32(fileType(output, plan)));
        writer.put("general.quantization_version", GgufValue.uint32(QUANTIZATION_VERSION));
        tokenizer.putInto(writer);
        return writer;
    }

    /** A model with MXFP4 has a number of its own, unless the rest is Q8_0. */
    private static int fileType(OutputType output, TensorPlan plan) {
        boolean mxfp4 = plan.tensors().stream().anyMatch(tensor -> tensor.type() == GgmlType.MXFP4);
        return mxfp4 && output != OutputType.Q8_0 ? MXFP4_FILE_TYPE : output.fileType();
    }

    private TokenizerMetadata tokenizer() throws IOException {
        int size = clamped(folder.config().required("vocab_size"));
        TokenizerRequest request = TokenizerRequest.of(folder.path(), family.tokenizer(), size);
        long types = folder.config().count("type_vocab_size").orElse(1);
        TokenizerRequest typed = request.withTokenTypes(clamped(types));
        return HfTokenizer.read(
                options.preTokenizer().map(typed::withPreTokenizer).orElse(typed), new LlamaCppProof());
    }

    /** Sizes beyond an int are refused with those that are merely too large. */
    private static int clamped(long count) {
        return (int) Math.min(count, Integer.MAX_VALUE);
    }

    private String name() throws IOException {
        Path name = options.model().toRealPath().getFileName();
        return options.name().orElse(name == null ? "model" : name.toString());
    }

    private void write(GgufWriter file, List<PlannedTensor> planned, Path target, ConvertProgress progress)
            throws IOException {
        try (TensorStream stream = new TensorStream(options.threads())) {
            int number = 0;
            for (PlannedTensor tensor : planned) {
                int done = ++number;
                file.tensor(tensor.name(), tensor.dims(), tensor.type(), channel -> {
                    stream.write(tensor, channel);
                    progress.tensorDone(tensor.name(), done, planned.size());
                });
            }
            // A new file needs no wait for the disk: after a loss of power it can be converted again.
            file.forced(Files.exists(target)).write(target);
        }
    }
}
