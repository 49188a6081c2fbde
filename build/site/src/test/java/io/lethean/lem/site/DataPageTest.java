package io.lethean.lem.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** {@code docs/data.md} lists every file of data. To write its table again, run the test with {@code LEM_WRITE_DOCS=1}. */
class DataPageTest {

    private static final Path PAGE = Path.of("docs/data.md");
    private static final String BEGIN = "<!-- data -->\n";
    private static final String END = "<!-- end of data -->\n";
    private static final Path PROSE = Path.of("models/text");
    private static final int DIGITS = 16;

    private static final Map<String, String> WHAT = new TreeMap<>(Map.ofEntries(
            Map.entry("kernel/axioms.json", "kernel: five axioms in JSON"),
            Map.entry("kernel/lek-1-kernel.txt", "kernel: the same axioms as prose"),
            Map.entry("seeds/P01-P20.json", "probes, one for each domain"),
            Map.entry("seeds/P21-P40.json", "probes"),
            Map.entry("seeds/P41-P60.json", "probes"),
            Map.entry("seeds/P61-P80.json", "probes"),
            Map.entry("seeds/P81-P100.json", "probes"),
            Map.entry("seeds/P01-P100.json", "`P01-P20.json` to `P81-P100.json` in one file"),
            Map.entry("training/train.jsonl", "lessons to train"),
            Map.entry("training/valid.jsonl", "lessons for the validation loss"),
            Map.entry("training/test.jsonl", "lessons for a last test"),
            Map.entry("training/composure.jsonl", "staying calm, partly over several turns"),
            Map.entry("models/lem-nano.gguf", "the test model")));

    @Test
    void everyFileOfDataIsInTheTable() throws IOException {
        try (Stream<Path> files =
                Stream.of("kernel", "seeds", "training", "models").map(Path::of).flatMap(DataPageTest::list)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.toString().replace('\\', '/'))
                            .filter(name -> !name.endsWith(".md") && !name.endsWith(".part")))
                    .containsExactlyInAnyOrderElementsOf(WHAT.keySet());
        }
        assertThat(files(PROSE)).allMatch(file -> file.toString().endsWith(".txt"));
    }

    private static Stream<Path> list(Path folder) {
        try {
            return Files.list(folder);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.endsWith("README.md")).sorted().toList();
        }
    }

    @Test
    void tableHasTheFactsOfToday() throws IOException {
        StringBuilder table =
                new StringBuilder(BEGIN + "| file | what it is | entries | bytes | SHA-256 |\n|---|---|---|---|---|\n");
        for (Map.Entry<String, String> file : WHAT.entrySet()) {
            byte[] content = Files.readAllBytes(Path.of(file.getKey()));
            row(table, file.getKey(), file.getValue(), entries(file.getKey(), content), content.length, content);
        }
        long bytes = 0;
        long words = 0;
        for (Path file : files(PROSE)) {
            bytes += Files.size(file);
            words += Arrays.stream(Files.readString(file).split("\\s+"))
                    .filter(word -> !word.isEmpty())
                    .count();
        }
        table.append(String.format(
                Locale.ROOT,
                "| [models/text/*.txt](../models/text/README.md) | prose for the test model | %d files, %,d words | %,d | |%n",
                files(PROSE).size(),
                words,
                bytes));
        table.append(END);

        String page = Files.readString(PAGE);
        if ("1".equals(System.getenv("LEM_WRITE_DOCS"))) {
            page = page.substring(0, page.indexOf(BEGIN)) + table + page.substring(page.indexOf(END) + END.length());
            Files.writeString(PAGE, page);
        }
        assertThat(page).as("stale; run this test with LEM_WRITE_DOCS=1").contains(table);
    }

    private static void row(StringBuilder table, String file, String what, String entries, long bytes, byte[] content) {
        table.append(String.format(
                Locale.ROOT,
                "| [%s](../%s) | %s | %s | %,d | `%s` |%n",
                file,
                file,
                what,
                entries,
                bytes,
                FileViews.sha256(content).substring(0, DIGITS)));
    }

    private static String entries(String file, byte[] content) {
        if (file.endsWith(".jsonl")) {
            return new String(content, java.nio.charset.StandardCharsets.UTF_8)
                            .lines()
                            .count() + " conversations";
        }
        if (file.startsWith("seeds/")) {
            return JsonMapper.shared().readTree(content).size() + " probes";
        }
        if (file.endsWith("axioms.json")) {
            return JsonMapper.shared().readTree(content).get("axioms").size() + " axioms";
        }
        return file.endsWith(".gguf") ? "1,713,760 parameters" : "";
    }
}
