package io.lethean.lem.cli;

import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterFormat;
import io.lethean.lem.adapter.ModelOutline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lem adapter}: adapters as files. */
@Command(
        name = "adapter",
        description = "Work with the files of LoRA adapters.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = AdapterCommand.Convert.class)
final class AdapterCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Without a subcommand it is wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing subcommand; choose convert.");
    }

    /** One form of adapter from another. */
    @Command(
            name = "convert",
            description =
                    "Write an adapter of GGUF, PEFT or mlx-lm as another of these, after checking that it fits its model.")
    static final class Convert implements Callable<Integer> {

        private static final String CONFIG = "adapter_config.json";

        private final Console console;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Option(
                names = {"-m", "--model"},
                paramLabel = "FILE",
                description =
                        "The GGUF model that the adapter is for, of which only the header is read: a file, or a name on the"
                                + " hub such as hf:org/name:Q4_K_M. "
                                + ModelLocator.DEFAULT)
        private @Nullable Path model;

        @Option(
                names = {"--adapter", "--adapter-path"},
                paramLabel = "PATH",
                required = true,
                description =
                        "A GGUF adapter, a folder of lem train, PEFT or mlx-lm, or a name on the hub such as hf:org/name.")
        private Path adapter = Path.of("");

        @Option(
                names = {"-o", "--output", "--save-path"},
                paramLabel = "PATH",
                required = true,
                description = "A file for GGUF, a folder for the others.")
        private Path output = Path.of("");

        @Option(
                names = {"-f", "--format"},
                description = "${COMPLETION-CANDIDATES}. Default: GGUF if the path ends with .gguf.")
        private @Nullable AdapterFormat format;

        @Option(
                names = "--base",
                paramLabel = "NAME",
                description =
                        "What the configuration calls the base model, such as its name on a hub. Default: the path of"
                                + " --model.")
        private @Nullable String base;

        @Option(
                names = "--force",
                description = "Read a PEFT adapter as plain LoRA although its initialisation changed the base model"
                        + " (PiSSA, OLoRA, CorDA, LoftQ, LoRA-GA) or its configuration has unknown sections. On the"
                        + " original model the result answers wrongly.")
        private boolean force;

        @Mixin
        private OverwriteOption overwrite = new OverwriteOption();

        Convert(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws IOException {
            HubNames hub = HubNames.of(console);
            LocatedModel located = ModelLocator.ofProcess(hub).locate(model);
            Path source = hub.adapter(adapter);
            Path file = located.file();
            AdapterFormat wanted = format();
            new Outputs(spec).reads(file).reads(AdapterFiles.files(source)).writes(overwrite.given, written(wanted));
            located.announce(console);
            String name = Optional.ofNullable(base).orElse(file.toString());
            ModelOutline outline = ModelOutline.read(file);
            Adapter read = force
                    ? AdapterFiles.convertForced(source, outline, wanted, output, name)
                    : AdapterFiles.convert(source, outline, wanted, output, name);
            read.notes().forEach(note -> console.note("lem: " + note));
            console.out()
                    .println(String.format(
                            Locale.ROOT,
                            "%d tensors of rank %s, alpha %s: %s",
                            read.pairs().size(),
                            ranks(read),
                            read.alpha(),
                            output));
            console.out().flush();
            return 0;
        }

        /** The files that a format consists of. */
        private List<Path> written(AdapterFormat wanted) {
            return switch (wanted) {
                case GGUF -> List.of(Files.isDirectory(output) ? output.resolve(AdapterFiles.GGUF_NAME) : output);
                case PEFT -> List.of(output.resolve("adapter_model.safetensors"), output.resolve(CONFIG));
                case MLX -> List.of(output.resolve("adapters.safetensors"), output.resolve(CONFIG));
            };
        }

        private AdapterFormat format() {
            if (format == null && !output.toString().endsWith(".gguf")) {
                throw new ParameterException(
                        spec.commandLine(), "Say with --format gguf, peft or mlx what " + output + " is to be.");
            }
            return format == null ? AdapterFormat.GGUF : format;
        }

        private static String ranks(Adapter adapter) {
            var ranks = adapter.pairs().stream().mapToInt(pair -> pair.rank()).summaryStatistics();
            return ranks.getMin() == ranks.getMax() ? "" + ranks.getMax() : ranks.getMin() + " to " + ranks.getMax();
        }
    }
}
