package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Each option of each command that names a file or folder is either one that is only read, or is in the table of
 * outputs with a command line that proves the rule: an output that is an input is refused, under any name.
 */
class OutputRuleTest {

    private static final String EXPERIMENT =
            " --models m=m.gguf n=n.gguf --prompts p.json --kernel k=k.txt --output OUT";

    /** Options that name inputs, by their first long name; {@code train --adapter-path} is the folder that is filled. */
    private static final Set<String> READ = Set.of(
            "--adapter",
            "--api-key-file",
            "--base",
            "--config",
            "--curriculum",
            "--data",
            "--grammar-file",
            "--input",
            "--json-schema-file",
            "--kernel",
            "--model",
            "--models",
            "--p100",
            "--p20",
            "--parity-text",
            "--preamble",
            "--prompt-file",
            "--prompts",
            "--questions",
            "--recorded",
            "--request-adapter",
            "--resume-adapter-file",
            "--sandwich",
            "--signature",
            "--tuned");

    /**
     * The outputs. {@code OUT} is the output, words with a dot are inputs. In a folder, {@code inside} is a file that the
     * command writes, and the last input is the one that it meets.
     */
    private enum Output {
        ADAPTER("adapter convert --output", "--model m.gguf --adapter l.gguf --format gguf --output OUT"),
        BENCHMARK("benchmark --output", "--model m.gguf --prompts p.json --kernel k=k.txt --output OUT"),
        BENCHMARK_REPORT("benchmark --report", "--model m.gguf --prompts p.json --kernel k.md --report OUT"),
        COMPARE_MARKDOWN("compare --markdown", "a.md b.md --markdown OUT"),
        COMPARE_HTML("compare --html", "a.md b.md --html OUT"),
        CONVERT("convert --output", "--model m.gguf --output OUT"),
        DISTILL("distill --output", "--model m.gguf --prompts p.json --kernel k=k.txt --output OUT"),
        EXPORT("export --output", "--model m.gguf --output OUT", "config.json"),
        FUSE("fuse --output", "--model m.gguf --adapter l.gguf --parity-text t.txt --output OUT"),
        LESSON("lesson --output", "t.txt --output OUT", "train.jsonl"),
        PARAPHRASE("paraphrase --output", "p.json --output OUT"),
        PRETRAIN("pretrain --output", "t.txt a.md --output OUT"),
        PRETRAIN_SAMPLES("pretrain --work", "t.txt --output o.x --work OUT", "data/valid.jsonl"),
        PRETRAIN_FIRST("pretrain --work", "t.txt --output o.x --work OUT", "first.gguf"),
        PRETRAIN_RUN("pretrain --work", "t.txt --output o.x --work OUT", "run/events.jsonl"),
        QUANTIZE("quantize --output", "--model m.gguf --type f16 --output OUT"),
        REPORT("report --output", "a.md --questions q.md --output OUT"),
        REPRODUCE_MARKDOWN("reproduce --markdown", "--models base-1b=m.gguf --output d --markdown OUT --p20 t.txt"),
        REPRODUCE("reproduce --output", "--models base-1b=m.gguf --output OUT --p20 p.json", "ab-base-1b-mlxlm.jsonl"),
        SCORE("score --output", "--input a.md --questions q.md --output OUT"),
        SCORE_MEMORY("score --judge-cache", "--input a.md --scorer toxigen --judge gemini --judge-cache OUT"),
        STANDARD("standard --output", "--model m.gguf --benchmark gsm8k --data q.md --preamble t.txt --output OUT"),
        STANDARD_MEMORY(
                "standard --judge-cache",
                "--model m.gguf --benchmark truthfulqa --judge gemini --data q.md --output o.x --judge-cache OUT"),
        TRAIN_FULL(
                "train --adapter-path",
                "--data d --fine-tune-type full --adapter-path OUT --model m.gguf",
                "model.gguf"),
        TRAIN("train --adapter-path", "--data d --adapter-path OUT --model m.gguf", "checkpoint-0000010.gguf"),
        TRAIN_REPORT("train --report-json", "--data d --adapter-path o.x --model m.gguf --report-json OUT"),
        TRAIN_START(
                "train --adapter-path",
                "--data d --adapter-path OUT --model m.gguf --resume-adapter-file l.gguf",
                "best.gguf"),
        TRAIN_CURRICULUM(
                "train --adapter-path",
                "--adapter-path OUT --model m.gguf --curriculum v.json",
                "01-p/data/train.jsonl"),
        TRAIN_CONFIG(
                "train --adapter-path", "--data d --adapter-path OUT --model m.gguf --config c.json", "events.jsonl"),
        REALIGNMENT("experiment realignment --output", EXPERIMENT, "m.jsonl"),
        REALIGNMENT_TABLE("experiment realignment --output", EXPERIMENT, "realignment.md"),
        LINEAGE("experiment lineage --output", EXPERIMENT, "n.jsonl.run.jsonl"),
        ISOLATION("experiment isolation --output", EXPERIMENT, "kernels/k.txt"),
        LENGTH("experiment length --output", EXPERIMENT, "length.json"),
        SCALE("experiment scale --output", "--tuned m=l.gguf" + EXPERIMENT, "m-tuned.jsonl");

        private final String option;
        private final String arguments;
        private final String inside;

        Output(String option, String arguments) {
            this(option, arguments, "");
        }

        Output(String option, String arguments, String inside) {
            this.option = option;
            this.arguments = arguments;
            this.inside = inside;
        }

        private static boolean isInput(String word) {
            return file(word).matches("[a-np-z]\\.[a-z]+");
        }

        private static String file(String word) {
            return word.substring(word.indexOf('=') + 1);
        }

        private String command() {
            return option.substring(0, option.indexOf(" --"));
        }

        private List<String> inputs() {
            return Stream.of(arguments.strip().split(" "))
                    .filter(Output::isInput)
                    .map(Output::file)
                    .toList();
        }
    }

    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        for (String name : List.of(
                "a.md",
                "b.md",
                "k.md",
                "q.md",
                "p.json",
                "m.gguf",
                "n.gguf",
                "l.gguf",
                "t.txt",
                "k.txt",
                "d/train.jsonl")) {
            Files.createDirectories(folder.resolve(name).getParent());
            Files.writeString(folder.resolve(name), "content of " + name);
        }
        Files.writeString(folder.resolve("c.json"), "{}");
        Files.writeString(
                folder.resolve("v.json"), "{\"phases\": [{\"name\": \"p\", \"train\": [\"d/train.jsonl\"]}]}");
    }

    private CommandRun run(Output output, String out) {
        List<String> words = new ArrayList<>(List.of(output.command().split(" ")));
        for (String word : output.arguments.strip().split(" ")) {
            boolean path = Output.isInput(word) || word.equals("o.x") || word.equals("d");
            words.add(
                    word.equals("OUT")
                            ? out
                            : path
                                    ? word.replace(
                                            Output.file(word),
                                            folder.resolve(Output.file(word)).toString())
                                    : word);
        }
        return CommandRun.of(words.toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource
    void outputThatIsAnInput_isRefusedUnderEachName(Output output) throws IOException {
        for (String input : output.inside.isEmpty()
                ? output.inputs()
                : List.of(output.inputs().getLast())) {
            if (output.arguments.contains(".md ") && !input.endsWith(".md") || input.equals("d")) {
                continue;
            }
            for (boolean symbolic : List.of(true, false)) {
                Path file = folder.resolve(input);
                Path target = folder.resolve("out" + input + symbolic + (output.inside.isEmpty() ? suffix(input) : ""));
                Path written = output.inside.isEmpty() ? target : target.resolve(output.inside);
                Files.createDirectories(written.getParent());
                String content = Files.readString(file);
                if (symbolic) {
                    Files.createSymbolicLink(written, file);
                } else {
                    Files.createLink(written, file);
                }

                CommandRun run = run(output, target.toString());

                assertThat(run.err())
                        .as("%s as %s", input, written)
                        .contains("The output ")
                        .contains(" is the same file as the input " + file)
                        .endsWith("; choose another output.\n");
                assertThat(run.code()).isEqualTo(2);
                assertThat(file).hasContent(content);
                assertThat(written).hasContent(content);
            }
        }
    }

    private static String suffix(String input) {
        return input.substring(input.indexOf('.'));
    }

    @Test
    void reproductionsOutput_isNoRecordedFile() throws IOException {
        Path recorded = folder.resolve("d/train.jsonl");

        CommandRun run = CommandRun.of(
                "reproduce", "--recorded", folder.resolve("d").toString(), "--markdown", recorded.toString());

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("is the same file as the input " + recorded);
        assertThat(recorded).hasContent("content of d/train.jsonl");
    }

    @Test
    void tablesOfSomethingElse_areNotReplaced() throws IOException {
        Path table = folder.resolve("out/length.md");
        Files.createDirectories(table.getParent());
        Files.writeString(table, "mine");
        Path markdown = Files.writeString(folder.resolve("there.md"), "mine");

        for (CommandRun run : List.of(
                run(Output.LENGTH, folder.resolve("out").toString()),
                run(Output.REPRODUCE_MARKDOWN, markdown.toString()))) {
            assertThat(run.err()).endsWith(" exists already; choose another name, or replace it with --overwrite.\n");
            assertThat(run.code()).isEqualTo(1);
        }
        assertThat(table).hasContent("mine");
        assertThat(markdown).hasContent("mine");
    }

    @Test
    void everyOptionThatNamesAFile_isReadOnlyOrInTheTable() {
        Set<String> table = new TreeSet<>();
        for (Output output : Output.values()) {
            table.add(output.option);
        }
        Set<String> found = new TreeSet<>();
        collect("", command(), found);

        assertThat(found).isEqualTo(table);
    }

    private static CommandLine command() {
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        return Lem.commandLine(new Console(new BufferedReader(Reader.nullReader()), nowhere, nowhere, false));
    }

    private static void collect(String name, CommandLine command, Set<String> outputs) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            String first = Stream.of(option.names())
                    .filter(each -> each.startsWith("--"))
                    .findFirst()
                    .orElse(option.longestName());
            boolean file = option.paramLabel().matches(".*(FILE|FOLDER|DIR|PATH).*") || option.type() == Path.class;
            if (file && !READ.contains(first)) {
                outputs.add(name + " " + first);
            }
        }
        for (Map.Entry<String, CommandLine> sub : command.getSubcommands().entrySet()) {
            collect((name + " " + sub.getKey()).strip(), sub.getValue(), outputs);
        }
    }
}
