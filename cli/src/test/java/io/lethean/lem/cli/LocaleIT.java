package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.jinja.Limits;
import io.lethean.lem.internal.jinja.Template;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands in locales with other digits, another decimal separator or another lower case of I, against the root locale. */
class LocaleIT {

    private static final String CHAT = "{\"messages\": [{\"role\": \"user\", \"content\": \"Why?\"},"
            + " {\"role\": \"assistant\", \"content\": \"Because.\"}]}\n";

    private static final Locale BEFORE = Locale.getDefault();

    @TempDir
    private static Path folder;

    private static Map<String, Object> expected = Map.of();

    @BeforeAll
    static void runInTheRootLocale() throws IOException {
        RandomModel.llama(2, 32, 4, 2, 48, 400).write(folder.resolve("model.gguf"), 3);
        Files.createDirectory(folder.resolve("d"));
        Files.writeString(folder.resolve("d/train.jsonl"), CHAT.repeat(3));
        Files.writeString(folder.resolve("d/valid.jsonl"), CHAT);
        Files.writeString(
                folder.resolve("p.json"),
                "[{\"id\": \"P01_ITEM\", \"prompt\": \"Is it?\"}, {\"id\": \"P02_ITEM\", \"prompt\": \"IF NOT, why?\"}]");
        Files.writeString(folder.resolve("k.txt"), "Be KIND.");
        Locale.setDefault(Locale.ROOT);
        expected = everything("root");
    }

    @AfterEach
    void restore() {
        Locale.setDefault(BEFORE);
    }

    private static String path(String name) {
        return folder.resolve(name).toString();
    }

    /** What a command printed, without the folder's and the file's own names. */
    private static String run(String out, String... arguments) {
        return checked(out, CommandRun.of(arguments));
    }

    private static String checked(String out, CommandRun run) {
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out() + run.err()).doesNotContainPattern("[\\p{Nd}&&[^0-9]]");
        return run.out().replace(path(out), "OUT");
    }

    private static String train(String out, String... more) {
        Stream<String> usual = Stream.of("--rank", "2", "--iters", "4");
        return checked(
                out,
                CommandRun.train(
                        folder, out, Stream.concat(usual, Stream.of(more)).toArray(String[]::new)));
    }

    /** Names and contents of the files below a folder, but for times and paths in logs. */
    private static Map<String, String> files(String name) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder.resolve(name))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                files.put(
                        folder.resolve(name).relativize(file).toString(),
                        file.toString().contains(".jsonl")
                                ? text.replace(path(name), "OUT")
                                        .replaceAll("(\"(time|seconds|[a-z_]*per_second|timestamp)\": )[^,}]*", "$1")
                                : text);
            }
        }
        return files;
    }

    private static Map<String, Object> everything(String out) throws IOException {
        Map<String, Object> all = new TreeMap<>();
        all.put("paraphrase", run(out, "paraphrase", path("p.json")));
        all.put("inspect", run(out, "inspect", path("model.gguf")));
        all.put("inspect --json", run(out, "inspect", path("model.gguf"), "--json"));
        all.put(
                "quantize",
                run(out, "quantize", "-m", path("model.gguf"), "--type", "Q8_0", "-o", path(out + "/q.gguf")));
        all.put("train", train(out + "/a", "--save-every", "2"));
        run(
                out,
                "benchmark",
                "-m",
                path("model.gguf"),
                "--prompts",
                path("p.json"),
                "-k",
                "KIND=" + path("k.txt"),
                "--max-tokens",
                "4",
                "--threads",
                "1",
                "-o",
                path(out + "/ab.jsonl"),
                "--report",
                path(out + "/ab.md"));
        all.put("files", files(out).keySet());
        all.put("report", files(out).get("ab.md"));
        all.put("adapter", files(out + "/a").get("adapter.gguf"));
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG", "fa-IR", "ne-NP", "tr-TR", "de-DE"})
    void commandsWriteAndPrintTheSameInEveryLocale(String tag) throws IOException {
        Locale.setDefault(Locale.forLanguageTag(tag));
        Map<String, Object> found = everything(tag);

        assertThat(found).isEqualTo(expected);
        assertThat(folder.resolve(tag + "/a/checkpoint-0000004.gguf")).exists();
        assertThat(CommandRun.of(
                                "train",
                                "--model",
                                path("model.gguf"),
                                "--data",
                                path("d"),
                                "--adapter-path",
                                path(tag + "/a"),
                                "--threads",
                                "1",
                                "--batch-size",
                                "2",
                                "--rank",
                                "2",
                                "--iters",
                                "4",
                                "--save-every",
                                "2",
                                "--resume")
                        .err())
                .contains("Resuming after iteration 4 of 4");
    }

    /** picocli, which writes the script, formats in the default locale. */
    @Test
    void completionScript_hasAsciiDigits() throws Exception {
        ProcessBuilder builder = LemProcess.builder("completion", "bash");
        builder.environment().put("JAVA_TOOL_OPTIONS", "-Duser.language=ar -Duser.country=EG");

        String script = new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(script).contains("complete -F").doesNotContainPattern("[\\p{Nd}&&[^0-9]]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG", "fa-IR", "ne-NP", "tr-TR"})
    void templates_writeDatesWithEnglishNamesAndAsciiDigits(String tag) {
        Locale.setDefault(Locale.forLanguageTag(tag));

        String date = Template.parse("{{ strftime_now('%d %e %k %l %j %Y %H:%M:%S %s') }}|{{ 'TITLE'|lower }}|{{ 7 }}")
                .render(Map.of(), Limits.defaults());

        assertThat(date).matches("[0-9 :]+\\|title\\|7");
    }
}
