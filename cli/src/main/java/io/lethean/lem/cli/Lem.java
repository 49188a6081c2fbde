package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code lem} command. */
@Command(
        name = "lem",
        description = "Run, train and evaluate language models in GGUF files on this machine.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            InfoCommand.class,
            InspectCommand.class,
            PullCommand.class,
            GenerateCommand.class,
            ChatCommand.class,
            ServeCommand.class,
            EmbedCommand.class,
            RerankCommand.class,
            BenchmarkCommand.class,
            ScoreCommand.class,
            StandardCommand.class,
            TrainCommand.class,
            ConvertCommand.class,
            FuseCommand.class,
            QuantizeCommand.class,
            ExportCommand.class,
            AdapterCommand.class,
            PretrainCommand.class,
            StatusCommand.class,
            CompareCommand.class,
            ReportCommand.class,
            ReproduceCommand.class,
            ExperimentCommand.class,
            DistillCommand.class,
            LessonCommand.class,
            ParaphraseCommand.class,
            HelpCommand.class,
            VersionCommand.class,
            CompletionCommand.class
        })
public final class Lem implements Runnable {

    private final Console console;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description =
                    "Print details: a stack trace with an error, and each tensor to which 'lem quantize' gives a type other"
                            + " than the one asked for.")
    private boolean verbose;

    Lem(Console console) {
        this.console = console;
        this.spec = CommandSpec.create();
    }

    /** Runs the command and ends the process: 0 success, 1 failure, 2 wrong usage. */
    public static void main(String[] arguments) {
        prepareProcess();
        System.exit(run(Console.ofProcess(), arguments));
    }

    /** Settings of the whole process, before anything is written. */
    static void prepareProcess() {
        // The library's warnings are sentences; the date and class that the JDK puts before them help nobody here.
        System.setProperty("java.util.logging.SimpleFormatter.format", "lem: %5$s%6$s%n");
        // For picocli: the messages are English, and some locales would write their figures in other digits.
        Locale.setDefault(Locale.ROOT);
    }

    static int run(Console console, String... arguments) {
        return run(console, ProjectDefaults.in(Path.of(""), console), arguments);
    }

    static int run(Console console, ProjectDefaults project, String... arguments) {
        Lem lem = new Lem(console);
        CommandLine command = project.prepare(commandLine(lem, console));
        command.setExecutionStrategy(parsed -> complete(project, parsed));
        command.setOut(console.out());
        command.setErr(console.err());
        command.setParameterExceptionHandler(lem::wrongUsage);
        command.setExecutionExceptionHandler((failure, where, parsed) -> lem.failed(failure));
        int code = isReadable(console, arguments) ? command.execute(arguments) : CommandLine.ExitCode.USAGE;
        console.out().flush();
        console.err().flush();
        if (console.out().checkError() && code == CommandLine.ExitCode.OK) {
            console.note("lem: Standard output could not be written completely; is the disk full, or the pipe closed?");
            return CommandLine.ExitCode.SOFTWARE;
        }
        return code;
    }

    /** The configuration of the project concerns the command that runs, and not a request for its help. */
    private static int complete(ProjectDefaults project, ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        if (!last.isUsageHelpRequested() && !last.isVersionHelpRequested()) {
            try {
                project.complete(last);
            } catch (IOException e) {
                throw new ExecutionException(last.commandSpec().commandLine(), e.getMessage(), e);
            }
        }
        return new RunLast().execute(parsed);
    }

    /** In a locale without UTF-8, Java replaces what it cannot read in an argument. */
    private static boolean isReadable(Console console, String... arguments) {
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        for (String argument : arguments) {
            if (argument.indexOf('\uFFFD') >= 0 && !encoding.equalsIgnoreCase("UTF-8")) {
                console.note(String.format(
                        Locale.ROOT,
                        "lem: The argument '%s' cannot be read in the locale's encoding %s; set LC_ALL=C.UTF-8.",
                        argument,
                        encoding));
                return false;
            }
        }
        return true;
    }

    /** The command with all its subcommands, as help and completion show it. */
    static CommandLine commandLine(Console console) {
        return commandLine(new Lem(console), console);
    }

    private static CommandLine commandLine(Lem lem, Console console) {
        CommandLine command = new CommandLine(lem, new ConsoleFactory(console));
        command.setCaseInsensitiveEnumValuesAllowed(true);
        return GroupedHelp.prepare(OptionValues.prepare(command));
    }

    /** A command without a subcommand is wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "No command is given; 'lem --help' lists them.");
    }

    private int wrongUsage(ParameterException failure, String[] arguments) {
        console.note(UsageSentence.of(failure, arguments));
        if (verbose) {
            failure.printStackTrace(console.err());
        }
        return CommandLine.ExitCode.USAGE;
    }

    private int failed(Exception failure) {
        console.out().flush();
        console.note("lem: " + ErrorSentence.of(failure));
        if (verbose) {
            failure.printStackTrace(console.err());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** Whether the user asked for details. */
    static boolean isVerbose(CommandSpec command) {
        return Boolean.TRUE.equals(
                Objects.requireNonNull(command.root().findOption("--verbose")).getValue());
    }

    /** The folder of the project, where the script says which it is; else the current one. */
    static Path home() {
        return Path.of(System.getProperty("lem.home", ""));
    }
}
