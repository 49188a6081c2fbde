package io.lethean.lem.cli;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.ab.AbSeries;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of commands that run A/B benchmarks of several models, one file each. */
final class SeriesArguments {

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Option(
            names = "--models",
            paramLabel = "NAME=FILE[+ADAPTER[=WEIGHT]]",
            arity = "1..*",
            description = "The models in the order of the table, each with its name there and with adapters, if any."
                    + " Without NAME= the files' names serve. FILE and ADAPTER may be names on the hub, such as"
                    + " hf:org/name:Q4_K_M. Default: the one of --model.")
    private List<String> models = List.of();

    private @Nullable List<NamedModel> named;

    @Option(
            names = {"-k", "--kernel"},
            paramLabel = "NAME=FILE",
            description = "A kernel and the name of its condition; repeatable.")
    private List<String> kernels = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description =
                    "Folder for the answers of each model and for the tables. Run again, the command resumes there.")
    private @Nullable Path output;

    @Mixin
    private AbArguments asking = new AbArguments();

    @Option(names = "--limit", paramLabel = "N", description = "Ask the first N probes only.")
    private @Nullable Integer limit;

    @Option(names = "--overwrite", description = "Delete what an earlier run recorded in the folder and start again.")
    private boolean overwrite;

    @Option(names = "--json", description = "Print JSON instead of the tables.")
    boolean json;

    Path output() {
        if (output == null) {
            throw new ParameterException(command.commandLine(), "Missing required option: '--output=DIR'");
        }
        return output;
    }

    boolean namesModels() {
        return !models.isEmpty();
    }

    boolean namesKernels() {
        return !kernels.isEmpty();
    }

    /** The models, which exist. */
    List<NamedModel> models() throws IOException {
        List<NamedModel> found = named;
        if (found == null) {
            found = models.isEmpty() ? List.of(model.named()) : parseAll(models);
            named = found;
        }
        return found;
    }

    /** More models, given by another option. */
    List<NamedModel> parseAll(List<String> given) throws IOException {
        return new NamedModelOption(command, model.adapters(), model.options()).parseAll(given);
    }

    List<Kernel> kernels() throws IOException {
        List<Kernel> read = new ArrayList<>();
        for (String kernel : kernels) {
            read.add(Kernel.read(kernel));
        }
        return read;
    }

    /** The files that the kernels came from, in their order. */
    List<Path> kernelFiles() {
        return kernels.stream()
                .map(given -> Path.of(given.substring(given.indexOf('=') + 1)))
                .toList();
    }

    /** All files that the options name as inputs, of models given here or by another option too. */
    Outputs inputs(List<NamedModel> named) throws IOException {
        Outputs outputs = new Outputs(command).reads(kernelFiles());
        for (NamedModel each : named) {
            outputs.reads(each.file());
            for (AdapterUse adapter : each.adapters()) {
                outputs.reads(AdapterFiles.files(adapter.path()));
            }
        }
        return outputs;
    }

    boolean overwrites() {
        return overwrite;
    }

    /** The names of answers and of what lies next to them: the log and the lock. */
    static Pattern answers(Collection<String> files) {
        return Pattern.compile(files.stream().map(Pattern::quote).collect(Collectors.joining("|", "(", ")(\\..+)?")));
    }

    /** The first of the probes, as many as are asked. */
    List<Probe> asked(List<Probe> probes) {
        return limit == null ? probes : probes.subList(0, Math.clamp(limit, 1, probes.size()));
    }

    /** How each model is asked. */
    AbSeries series(Console console) {
        GenerationOptions options = Usage.valid(command, asking::options);
        return new AbSeries(output(), overwrite, options, asking.samples, named -> {
            console.note(named.name() + ": " + named.file());
            return new BenchmarkProgress(console);
        });
    }
}
