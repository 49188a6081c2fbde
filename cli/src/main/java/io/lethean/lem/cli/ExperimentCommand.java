package io.lethean.lem.cli;

import io.lethean.lem.evaluation.experiment.ExperimentResult;
import io.lethean.lem.evaluation.experiment.ExperimentRunner;
import io.lethean.lem.evaluation.kernel.AxiomKernel;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.run.NamedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lem experiment}: A/B benchmarks of several models or kernels that answer one question together. */
@Command(
        name = "experiment",
        description = {
            "Run A/B benchmarks that answer one question together: one file of answers per model, and tables with"
                    + " intervals, tests and the correction for their number as text, JSON, Markdown and HTML.",
            "After an interruption, run the same command again to continue."
        },
        synopsisSubcommandLabel = "EXPERIMENT",
        subcommands = {
            ExperimentCommand.Realignment.class,
            ExperimentCommand.Lineage.class,
            ExperimentCommand.IsolationOfAxioms.class,
            ExperimentCommand.Length.class,
            ExperimentCommand.Scale.class
        })
final class ExperimentCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** An experiment without its name is wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Which experiment? Choose realignment, lineage, isolation, length or scale.");
    }

    /** What every experiment is made of. */
    private abstract static class Kind implements Callable<Integer> {
        final Console console;

        @Mixin
        final ExperimentArguments arguments = new ExperimentArguments();

        @Spec
        CommandSpec spec = CommandSpec.create();

        Kind(Console console) {
            this.console = console;
        }

        ExperimentRunner runner() throws IOException {
            return arguments.runner(console, List.of());
        }

        int print(ExperimentResult result) throws IOException {
            return arguments.print(console, result);
        }

        List<Kernel> requiredKernels() throws IOException {
            List<Kernel> kernels = arguments.series().kernels();
            if (kernels.isEmpty()) {
                throw Usage.error(spec, "This experiment needs at least one --kernel NAME=FILE.");
            }
            return kernels;
        }
    }

    /** Tuned models with and without kernels. */
    @Command(name = "realignment", description = "Does a kernel still change what (tuned) models answer?")
    static final class Realignment extends Kind {
        Realignment(Console console) {
            super(console);
        }

        @Override
        public Integer call() throws IOException {
            List<Kernel> kernels = requiredKernels();
            return print(runner().realignment(kernels));
        }
    }

    /** Many models in one table. */
    @Command(name = "lineage", description = "How do the models of a family differ from one to the next?")
    static final class Lineage extends Kind {
        Lineage(Console console) {
            super(console);
        }

        @Override
        public Integer call() throws IOException {
            if (arguments.series().models().size() < 2) {
                throw Usage.error(spec, "A lineage needs at least two --models.");
            }
            return print(runner().lineage(arguments.series().kernels()));
        }
    }

    /** Each axiom alone, and each left out. */
    @Command(
            name = "isolation",
            description = "Which axiom of a kernel does what? The kernel is JSON in the shape of kernel/axioms.json.")
    static final class IsolationOfAxioms extends Kind {
        IsolationOfAxioms(Console console) {
            super(console);
        }

        @Override
        public Integer call() throws IOException {
            List<Kernel> given = requiredKernels();
            if (given.size() > 1) {
                throw Usage.error(spec, "Only one kernel can be isolated at a time; give a single --kernel.");
            }
            Path file = arguments.series().kernelFiles().getFirst();
            return print(runner().isolation(AxiomKernel.of(file, given.getFirst())));
        }
    }

    /** Kernels against neutral texts of as many tokens. */
    @Command(
            name = "length",
            description = "Is it a kernel's meaning or its length? Each kernel against a neutral text that is, by the"
                    + " model's tokenizer, of exactly as many tokens.")
    static final class Length extends Kind {
        Length(Console console) {
            super(console);
        }

        @Override
        public Integer call() throws IOException {
            return print(runner().length(requiredKernels()));
        }
    }

    /** Kernels and tuning with models of different sizes. */
    @Command(name = "scale", description = "How do the effects of a kernel and of tuning change with the models' size?")
    static final class Scale extends Kind {
        @Option(
                names = "--tuned",
                paramLabel = "NAME=FILE[+ADAPTER]",
                arity = "1..*",
                description = "The tuned model for the one of --models with the same name; some or all.")
        private List<String> tuned = List.of();

        Scale(Console console) {
            super(console);
        }

        @Override
        public Integer call() throws IOException {
            List<Kernel> kernels = arguments.series().kernels();
            Map<String, NamedModel> partners = partners(arguments.series().models());
            if (kernels.isEmpty() && partners.isEmpty()) {
                throw Usage.error(
                        spec,
                        "This experiment compares something at each size; give --kernel NAME=FILE or --tuned NAME=FILE.");
            }
            return print(
                    arguments.runner(console, List.copyOf(partners.values())).scale(kernels, partners));
        }

        private Map<String, NamedModel> partners(List<NamedModel> models) throws IOException {
            Map<String, NamedModel> partners = new LinkedHashMap<>();
            for (NamedModel partner : arguments.series().parseAll(tuned)) {
                if (models.stream().noneMatch(model -> model.name().equals(partner.name()))) {
                    throw Usage.error(
                            spec, "No model in --models has the name of the tuned model '" + partner.name() + "'.");
                }
                partners.put(partner.name(), partner);
            }
            return partners;
        }
    }
}
