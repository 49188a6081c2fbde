package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.train.options.TrainingOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The published configuration file: which option of which command each key becomes, and what is refused. */
class ProjectConfigTest {

    private static final String PUBLISHED = """
            {"_comment": "as the published project has it",
             "model_dir": "data/models", "adapter_dir": "data/adapters", "training_dir": "lessons", "seeds_dir": "seeds",
             "benchmarks_dir": "benchmarks", "kernel_dir": "kernel", "default_kernel": "kernel/axioms.json",
             "default_probes": "seeds/P01-P100.json", "default_model": "gemma-3-1b-it", "backend": "auto",
             "device": "CPU", "max_tokens": 1024, "temperature": 0.7, "batch_size": 3,
             "training": {"iters": 200, "batch_size": 2, "learning_rate": 1e-5, "save_every": 50,
                          "adapter_path": "tuned", "_why": "small"},
             "distillation": {"samples": 11, "threshold": 20.5, "max_tokens": 2048, "temperature": 0.8},
             "scoring": {"format": "jsonl", "delta": true},
             "_huggingface": {"base_url": "https://huggingface.co", "lem_org": "lthn"}}
            """;

    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();

    private ProjectDefaults project(String json) throws IOException {
        Files.writeString(folder.resolve("lem.config.json"), json);
        Console console = new Console(
                new BufferedReader(new StringReader("")),
                new PrintWriter(new StringWriter()),
                new PrintWriter(err, true),
                false);
        return ProjectDefaults.in(folder, console);
    }

    /** The command that is named last, parsed and completed. */
    private ParseResult parsed(ProjectDefaults project, String... arguments) throws IOException {
        CommandLine command = project.prepare(Lem.commandLine(Console.ofProcess()));
        ParseResult last = command.parseArgs(arguments);
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        project.complete(last);
        return last;
    }

    private static String value(ParseResult parsed, String name) {
        OptionSpec option = parsed.commandSpec().findOption(name);
        Object value = option.getValue();
        return String.valueOf(value);
    }

    @ParameterizedTest
    @CsvSource({
        "generate, --max-tokens, 1024",
        "generate, --temperature, 0.7",
        "generate, --device, CPU",
        "generate, --parallel, 1",
        "chat, --max-tokens, 1024",
        "benchmark, --kernel, [kernel/axioms.json]",
        "benchmark, --prompts, seeds/P01-P100.json",
        "benchmark, --max-tokens, 1024",
        "benchmark, --temperature, 0.7",
        "benchmark, --parallel, 3",
        "distill, --prompts, seeds/P01-P100.json",
        "distill, --samples, 11",
        "distill, --threshold, 20.5",
        "distill, --max-tokens, 2048",
        "distill, --temperature, 0.8",
        "distill, --parallel, 3",
        "train, --data, lessons",
        "train, --adapter-path, tuned",
        "train, --iters, 200"
    })
    void eachValue_isTheDefaultOfItsOption(String command, String option, String expected) throws IOException {
        assertThat(value(parsed(project(PUBLISHED), command), option)).isEqualTo(expected);
    }

    @Test
    void experiments_getTheValuesOfABenchmark() throws IOException {
        ParseResult parsed = parsed(project(PUBLISHED), "experiment", "lineage", "-o", "x");

        assertThat(value(parsed, "--max-tokens")).isEqualTo("1024");
        assertThat(value(parsed, "--prompts")).isEqualTo("seeds/P01-P100.json");
        assertThat(value(parsed, "--parallel")).isEqualTo("3");
    }

    @Test
    void protocolsOfOthers_keepTheirOwnSettings() throws IOException {
        ParseResult parsed = parsed(project(PUBLISHED), "standard", "--benchmark", "gsm8k", "--data", "q.jsonl");

        assertThat(parsed.commandSpec().findOption("--temperature").defaultValue())
                .isNull();
        assertThat(parsed.commandSpec().findOption("--max-tokens").defaultValue())
                .isNull();
    }

    @Test
    void trainingOptions_reachTheTraining() throws IOException {
        Path model = Files.createFile(folder.resolve("m.gguf"));
        Path data = Files.createDirectory(folder.resolve("d"));
        String[] given = {"train", "--model", model.toString(), "--data", data.toString(), "--iters", "7"};
        ParseResult parsed = parsed(project(PUBLISHED), given);

        assertThat(parsed.commandSpec().findOption("--batch-size").defaultValue())
                .isNull();
        Path yaml = Files.writeString(folder.resolve("t.yaml"), "batch_size: 9\n");
        TrainingOptions options = TrainConfigFile.read(yaml, parsed).options(true);
        assertThat(options.named())
                .containsEntry("learning-rate", "1.0E-5")
                .containsEntry("save-every", "50")
                .containsEntry("batch-size", "9")
                .containsEntry("iters", "7");
        assertThat(options.files().adapterFolder()).isEqualTo(Path.of("tuned"));
    }

    @Test
    void commandLineWins_andTheRestIsTold() throws IOException {
        ParseResult parsed = parsed(project(PUBLISHED), "generate", "-n", "5", "--device", "cpu");

        assertThat(value(parsed, "--max-tokens")).isEqualTo("5");
        assertThat(err)
                .hasToString("lem: " + folder.resolve("lem.config.json") + " gives --temperature=0.7."
                        + System.lineSeparator());
    }

    @Test
    void folders_areWhereFilesAreLookedFor() throws IOException {
        Files.createDirectories(folder.resolve("kernel"));
        Files.createDirectories(folder.resolve("seeds"));
        Files.createDirectories(folder.resolve("benchmarks"));
        Files.createDirectories(folder.resolve("data/adapters/tuned"));
        Path kernel = Files.createFile(folder.resolve("kernel/axioms.txt"));
        Path seeds = Files.createFile(folder.resolve("seeds/P.json"));
        Path questions = Files.createFile(folder.resolve("benchmarks/q.jsonl"));
        Path adapter = folder.resolve("data/adapters/tuned");
        ProjectDefaults project = project(PUBLISHED);

        ParseResult benchmark = parsed(
                project,
                "benchmark",
                "--prompts=P.json",
                "-k",
                "lek=axioms.txt",
                "-k",
                "axioms.txt",
                "-k",
                "none=no",
                "--adapter",
                "tuned",
                "--adapter",
                "tuned=0.5");
        assertThat(value(benchmark, "--prompts")).isEqualTo(seeds.toString());
        assertThat(value(benchmark, "--kernel")).isEqualTo("[lek=" + kernel + ", " + kernel + ", none=no]");
        assertThat(value(benchmark, "--adapter")).isEqualTo("[" + adapter + ", " + adapter + "=0.5]");
        assertThat(value(parsed(project, "chat", "--kernel", "axioms.txt"), "--kernel"))
                .isEqualTo(kernel.toString());
        assertThat(value(parsed(project, "standard", "--benchmark", "gsm8k", "--data", "q.jsonl"), "--data"))
                .isEqualTo(questions.toString());
        assertThat(value(parsed(project, "generate", "--adapter", seeds.toString()), "--adapter"))
                .isEqualTo("[" + seeds + "]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'modle_dir': 'x'} | has a key modle_dir, which is not known; did you mean model_dir?",
                "{'frobnicate': 1} | has a key frobnicate, which is not known; docs/models.md lists the keys.",
                "{'training': {'lr': 1}} | has a key training.lr, which is not known;",
                "{'training': {'iter': 1}} | training.iter, which is not known; did you mean training.iters?",
                "{'training': 5} | has 5 as training; it should be an object.",
                "{'max_tokens': 'many'} | has \"many\" as max_tokens; it should be an integer.",
                "{'max_tokens': 1.5} | has 1.5 as max_tokens; it should be an integer.",
                "{'temperature': null} | has null as temperature; it should be a number.",
                "{'seeds_dir': 3} | has 3 as seeds_dir; it should be text in quotes.",
                "{'backend': 'mlx'} | has \"mlx\" as backend; it should be \"auto\" or \"llama.cpp\"",
                "{'scoring': {'format': 'csv'}} | has \"csv\" as scoring.format; it should be \"jsonl\"",
                "{'scoring': {'delta': false}} | has false as scoring.delta; it should be true, because",
                "[1] | should contain one JSON object.",
                "{'model_dir' | is not valid JSON"
            })
    void whatCannotBeUsed_isRefusedByName(String json, String sentence) throws IOException {
        Files.writeString(folder.resolve("lem.config.json"), json.replace('\'', '"'));

        assertThatThrownBy(() -> ProjectConfig.in(folder))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(folder.resolve("lem.config.json") + " ")
                .hasMessageContaining(sentence);
    }

    @Test
    void brokenFile_stopsOnlyCommandsThatUseIt() throws IOException {
        ProjectDefaults project = project("{\"backend\": \"mlx\"}");

        assertThatThrownBy(() -> parsed(project, "generate")).hasMessageContaining("\"mlx\" as backend");
        assertThat(parsed(project, "version").commandSpec().name()).isEqualTo("version");
    }

    @Test
    void everyPublishedKey_isInTheTable() throws IOException {
        project(PUBLISHED);
        ProjectConfig config = ProjectConfig.in(folder);

        assertThat(ConfigKey.names())
                .allSatisfy(name -> assertThat(config.value(name)).isPresent());
        List<String> unused = ConfigKey.all().stream()
                .filter(key -> !key.option().isEmpty() && !isUsed(key))
                .map(ConfigKey::name)
                .toList();
        assertThat(unused).isEmpty();
    }

    private static boolean isUsed(ConfigKey key) {
        return concerns(Lem.commandLine(Console.ofProcess()), key);
    }

    private static boolean concerns(CommandLine command, ConfigKey key) {
        return key.concerns(command.getCommandSpec())
                || command.getSubcommands().values().stream().anyMatch(sub -> concerns(sub, key));
    }
}
