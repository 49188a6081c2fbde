package io.lethean.lem.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.LlamaSource;
import io.lethean.lem.internal.gguf.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The tables of {@code docs/models.md} and {@code docs/lek-models.md} say what the code does. */
class ModelsPageTest {

    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    /** The rows of the table of families. */
    private static List<String[]> families() throws IOException {
        String page = Files.readString(Path.of("docs/models.md"));
        int start = page.indexOf("\n## Families\n");
        return rows(page.substring(start, page.indexOf("\n## ", start + 1)));
    }

    /** The cells of each row, without the head of the table. */
    private static List<String[]> rows(String text) {
        return text.lines()
                .filter(line -> line.startsWith("| "))
                .skip(1)
                .map(line -> line.substring(1).split("\\|"))
                .toList();
    }

    private static Set<String> names(String cell) {
        Set<String> names = new TreeSet<>();
        Matcher name = NAME.matcher(cell);
        while (name.find()) {
            names.add(name.group(1));
        }
        return names;
    }

    @Test
    void families_areThoseThatTheCodeConvertsTrainsOrExports() throws IOException {
        Map<String, Set<String>> page = new TreeMap<>();
        List<String> trainable = new ArrayList<>();
        List<String> exportable = new ArrayList<>();
        for (String[] row : families()) {
            String architecture = names(row[0]).iterator().next();
            page.put(architecture, names(row[2]));
            if (row[3].strip().startsWith("yes")) {
                trainable.add(architecture);
            }
            if (row[4].strip().startsWith("yes")) {
                exportable.add(architecture);
            }
        }

        Map<String, Set<String>> code = new TreeMap<>();
        Families.ALL.forEach(family ->
                code.computeIfAbsent(family.id(), id -> new TreeSet<>()).addAll(family.classes()));
        List<String> trained = Architecture.ids().stream()
                .filter(id -> Architecture.byId(id).orElseThrow().trainable())
                .toList();
        trained.forEach(id -> code.computeIfAbsent(id, none -> new TreeSet<>()));
        assertThat(page).isEqualTo(code);
        assertThat(trainable).containsExactlyInAnyOrderElementsOf(trained);
        assertThat(exportable).containsExactlyInAnyOrderElementsOf(Families.exportable());
    }

    @Test
    void everyFamily_isOneThatThePinnedRuntimeKnows() throws IOException {
        String source = Files.readString(LlamaSource.require("src/llama-arch.cpp"));

        assertThat(families())
                .isNotEmpty()
                .allSatisfy(row -> assertThat(source)
                        .contains("\"" + names(row[0]).iterator().next() + "\""));
    }

    @Test
    void everyCommandOfThePublishedModels_hasTheFormOfTheConverter() throws IOException {
        List<String[]> models = rows(Files.readString(Path.of("docs/lek-models.md")));

        assertThat(models)
                .hasSize(9)
                .allSatisfy(
                        row -> assertThat(row[2].strip())
                                .matches(
                                        "`\\./lem convert --model hf:lthn/LEK-[\\w.-]+ --save-path [\\w.-]+\\.gguf( --type \\w+)?`"));
    }
}
