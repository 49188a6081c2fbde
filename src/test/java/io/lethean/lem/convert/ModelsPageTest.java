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

/** The table of families in {@code docs/models.md} says what the code does. */
class ModelsPageTest {

    private static final Path PAGE = Path.of("docs/models.md");
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    /** The cells of each row under a heading, without the head of the table. */
    private static List<String[]> rows(String heading) throws IOException {
        String page = Files.readString(PAGE);
        String section = page.substring(page.indexOf("\n## " + heading + "\n"));
        section = section.substring(1, Math.max(section.indexOf("\n## ", 1), 1));
        return section.lines()
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
        for (String[] row : rows("Families")) {
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

        assertThat(rows("Families"))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(source)
                        .contains("\"" + names(row[0]).iterator().next() + "\""));
    }

    @Test
    void everyCommandOfThePublishedModels_hasTheFormOfTheConverter() throws IOException {
        List<String[]> models = rows("The published LEK models");

        assertThat(models)
                .hasSize(9)
                .allSatisfy(
                        row -> assertThat(row[2].strip())
                                .matches(
                                        "`\\./lem convert --model hf:lthn/LEK-[\\w.-]+ --save-path [\\w.-]+\\.gguf( --type \\w+)?`"));
    }
}
