package io.lethean.lem.cli;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.model.FlashAttention;
import io.lethean.lem.model.GpuLayers;
import io.lethean.lem.model.KvType;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that say which model is loaded, and where and how it runs. */
@Heading("Model and device")
final class ModelArguments {

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "FILE",
            description = HubNames.MODEL + " " + ModelLocator.DEFAULT)
    @Nullable
    Path model;

    @Option(
            names = {"--adapter", "--adapter-path", "--lora"},
            paramLabel = "PATH[=WEIGHT]",
            description =
                    "LoRA adapter to apply: a GGUF file, a folder of lem train, PEFT or mlx-lm, or a name on the hub"
                            + " such as hf:org/name; repeatable. WEIGHT multiplies the adapter's update. Default: no adapter, weight 1.")
    private List<String> adapters = List.of();

    @Option(
            names = {"-c", "--context", "--ctx-size"},
            paramLabel = "TOKENS",
            description =
                    "Maximum tokens of prompt and answer together; 0 is the model's training length, at most 8192."
                            + " Default: ${DEFAULT-VALUE}.")
    private int context = 0;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Number of threads; 0 uses all processors but one. Default: ${DEFAULT-VALUE}.")
    private int threads = 0;

    @Option(
            names = {"--batch", "--batch-size"},
            paramLabel = "TOKENS",
            description = "Maximum tokens per call. Default: ${DEFAULT-VALUE}.")
    private int batch = 2048;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description =
                    "Number of answers generated at once, each with a KV cache of --context tokens; on GPUs and ARM the"
                            + " last digits of scores depend on it. Default: ${DEFAULT-VALUE}.")
    private int parallel = 1;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description =
                    "auto, cpu, or a device that 'lem info' lists, such as CUDA0 or MTL0. Default: ${DEFAULT-VALUE}.")
    private String device = "auto";

    @Option(
            names = {"-ngl", "--gpu-layers"},
            paramLabel = "auto|all|N",
            description = "Layers on the GPU. Default: ${DEFAULT-VALUE}.")
    private String gpuLayers = "auto";

    @Option(
            names = "--flash-attention",
            paramLabel = "MODE",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private FlashAttention flashAttention = FlashAttention.AUTO;

    @Option(
            names = "--kv-type",
            paramLabel = "TYPE",
            description = "Type of the cached keys and values: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private KvType kvType = KvType.F16;

    @Option(names = "--no-mmap", description = "Read the model file into memory instead of mapping it.")
    private boolean noMmap;

    @Option(
            names = "--check-tensors",
            description = "Refuse a model with NaN or infinite weights; reads the whole file.")
    private boolean checkTensors;

    private @Nullable LocatedModel located;
    private @Nullable List<AdapterUse> uses;

    /** Whether the user names a model here, by the option or the variable. */
    boolean isNamed() {
        String variable = System.getenv("LEM_MODEL");
        return model != null || variable != null && !variable.isBlank();
    }

    private LocatedModel located() throws IOException {
        LocatedModel found =
                located == null ? ModelLocator.ofProcess(HubNames.of(command)).locate(model) : located;
        located = found;
        return found;
    }

    /** The file that the options, the environment or the configuration name, else the default model. */
    Path locate() throws IOException {
        return located().file();
    }

    /** Tells the user on standard error which model is used; a command does so when it begins to use it. */
    void announce() throws IOException {
        PrintWriter err = command.commandLine().getErr();
        err.println(located().sentence());
        err.flush();
    }

    /** The adapters that the options name; all exist. */
    List<AdapterUse> adapters() throws IOException {
        List<AdapterUse> found = uses;
        if (found == null) {
            found = new ArrayList<>();
            for (String adapter : adapters) {
                found.add(AdapterOption.parse(command, adapter));
            }
            uses = found;
        }
        return found;
    }

    /** Every file that the options name: the model and those of its adapters. */
    List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>(List.of(locate()));
        for (AdapterUse adapter : adapters()) {
            files.addAll(AdapterFiles.files(adapter.path()));
        }
        return files;
    }

    /** The model with its adapters. */
    NamedModel named() throws IOException {
        return NamedModel.of(locate(), adapters(), options());
    }

    /** Loads the model and its adapters with other options than these. */
    LemModel load(ModelOptions others) throws IOException {
        LemModel loaded = NamedModel.of(locate(), adapters(), others).load();
        announce();
        return loaded;
    }

    /** Loads the model and its adapters; what should not go unnoticed reaches the user through the library's log. */
    LemModel load() throws IOException {
        return load(options());
    }

    ModelOptions options() {
        return Usage.valid(
                command,
                () -> ModelOptions.builder()
                        .contextTokens(context)
                        .batchTokens(batch)
                        .parallel(parallel)
                        .threads(threads)
                        .device(device)
                        .gpuLayers(GpuLayers.parse(gpuLayers))
                        .flashAttention(flashAttention)
                        .kvTypeK(kvType)
                        .kvTypeV(kvType)
                        .mmap(!noMmap)
                        .checkTensors(checkTensors)
                        .build());
    }
}
