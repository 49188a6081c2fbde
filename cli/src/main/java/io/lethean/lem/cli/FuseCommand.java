package io.lethean.lem.cli;

import io.lethean.lem.LemException;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.quantize.BoundedFuse;
import io.lethean.lem.quantize.BoundedMerge;
import io.lethean.lem.quantize.Fuse;
import io.lethean.lem.quantize.FuseOptions;
import io.lethean.lem.quantize.FuseReport;
import io.lethean.lem.quantize.LogitParity;
import io.lethean.lem.quantize.MergeParity;
import io.lethean.lem.quantize.OutputTypes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lem fuse}: adapters merged into their model. */
@Command(
        name = "fuse",
        description = {
            "Merge LoRA adapters into their model, and compare the merged model with the base and its adapters.",
            "Tensors that no adapter changes are copied byte for byte; the others keep their types unless --type says"
                    + " otherwise."
        })
final class FuseCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private RewriteArguments files = new RewriteArguments();

    @Option(
            names = {"--adapter", "--adapter-path"},
            paramLabel = "PATH[=WEIGHT]",
            required = true,
            description =
                    "A GGUF adapter, a folder of lem train, PEFT or mlx-lm, or a name on the hub such as hf:org/name;"
                            + " repeatable, they add up.")
    private List<String> adapters = List.of();

    @Option(
            names = "--type",
            paramLabel = "TYPES",
            description =
                    "What the changed tensors are written in: a type such as f16, or a list as ffn_down=f16,q8_0 of"
                            + " which the first item that matches counts. Default: each keeps its own.")
    private String types = "";

    @Option(
            names = "--parity-text",
            paramLabel = "FILE",
            description = "Text to compare the models on, up to 2048 tokens of it. Default: a story.")
    private @Nullable Path parityText;

    @Option(names = "--no-parity", description = "Do not compare the models, which loads both.")
    private boolean noParity;

    @Option(
            names = "--max-kl",
            paramLabel = "NATS",
            description =
                    "Choose finer types than --type where that is needed, tensor by tensor, so that the mean KL divergence"
                            + " from base and adapters on the text is at most this; the choice is measured, printed and"
                            + " recorded in the file.")
    private @Nullable Double maxKl;

    FuseCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        OutputTypes written = Usage.valid(spec, () -> OutputTypes.parse(types));
        List<AdapterUse> uses = new ArrayList<>();
        for (String adapter : adapters) {
            uses.add(AdapterOption.parse(spec, adapter));
        }
        if (maxKl != null && noParity) {
            throw new ParameterException(
                    spec.commandLine(), "--max-kl compares the models, and --no-parity forbids it; give one of them.");
        }
        if (maxKl != null && !(maxKl > 0)) {
            throw new ParameterException(
                    spec.commandLine(), "--max-kl is " + maxKl + ", and should be a positive number of nats.");
        }
        String text = parityText == null ? LogitParity.SAMPLE_TEXT : TextFile.read(parityText);
        LocatedModel located = files.model(console);
        Path model = located.file();
        List<Path> others = new ArrayList<>(parityText == null ? List.of() : List.of(parityText));
        for (AdapterUse use : uses) {
            others.addAll(AdapterFiles.files(use.path()));
        }
        files.checkOutput(spec, model, others);
        located.announce(console);
        FuseOptions options = new FuseOptions(
                model, uses, files.output(), written, files.writing().threads(), WritingArguments.progress(console));
        if (maxKl != null) {
            return bounded(options, maxKl, text);
        }
        FuseReport report = Fuse.run(options);
        return print(report, noParity ? Optional.empty() : Optional.of(parity(model, uses, text)));
    }

    private int bounded(FuseOptions options, double bound, String text) throws IOException {
        console.note("Choosing types: each choice is merged and compared with base and adapters");
        BoundedMerge merge = BoundedFuse.run(
                options, bound, new MergeParity(text, files.writing().threads()));
        files.writing()
                .print(
                        console,
                        () -> {
                            Map<String, Object> fields = fields(merge.report(), Optional.of(merge.parity()));
                            fields.put("max_kl", merge.bound());
                            fields.put(
                                    "trials",
                                    merge.trials().stream()
                                            .map(FuseCommand::fields)
                                            .toList());
                            return fields;
                        },
                        () -> merge.text()
                                + merge.report().text()
                                + merge.parity().text());
        if (files.writing().json()) {
            merge.report().warnings().forEach(warning -> console.note("lem: " + warning));
        }
        return 0;
    }

    private static Map<String, Object> fields(BoundedMerge.Trial trial) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("types", trial.summary());
        fields.put("bytes", trial.bytes());
        fields.put("kl_divergence", trial.divergence());
        return fields;
    }

    private LogitParity parity(Path model, List<AdapterUse> uses, String text) throws IOException {
        console.note("Comparing " + files.output() + " with its base and adapters");
        try {
            return new MergeParity(text, files.writing().threads()).compare(model, uses, files.output());
        } catch (LemException failed) {
            throw new IllegalStateException(
                    files.output() + " is written, but could not be compared with its base and" + " adapters: "
                            + failed.getMessage() + " --no-parity leaves the comparison out.",
                    failed);
        }
    }

    private int print(FuseReport report, Optional<LogitParity> parity) {
        files.writing()
                .print(
                        console,
                        () -> fields(report, parity),
                        () -> report.text() + parity.map(LogitParity::text).orElse(""));
        if (files.writing().json()) {
            report.warnings().forEach(warning -> console.note("lem: " + warning));
        }
        return 0;
    }

    private Map<String, Object> fields(FuseReport report, Optional<LogitParity> parity) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("output", files.output().toString());
        fields.put("bytes", report.bytes());
        fields.put("merged", RewriteArguments.fields(report.merged()));
        fields.put("copied", report.copied());
        fields.put("update_norm", report.updateNorm());
        fields.put("error_norm", report.errorNorm());
        fields.put("error_per_update", report.errorPerUpdate());
        fields.put("warnings", report.warnings());
        parity.ifPresent(found -> fields.put("parity", fields(found)));
        return fields;
    }

    private static Map<String, Object> fields(LogitParity parity) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("positions", parity.positions());
        fields.put("max_logit_difference", parity.largestDifference());
        fields.put("rms_logit_difference", parity.rmsDifference());
        fields.put("kl_divergence", parity.divergence());
        fields.put("same_choice", parity.sameChoice());
        fields.put("adapter_perplexity", parity.adapterPerplexity());
        fields.put("merged_perplexity", parity.mergedPerplexity());
        return fields;
    }
}
