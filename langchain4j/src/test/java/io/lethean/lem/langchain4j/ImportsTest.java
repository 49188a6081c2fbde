package io.lethean.lem.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps the row of this module in ARCHITECTURE.md: its packages of ours, and LangChain4j's core; no library in addition. */
class ImportsTest {

    private static final String ROOT = "io.lethean.lem";

    @Test
    void packages_areThoseOfTheTable() throws IOException {
        Set<String> imported = new TreeSet<>();
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ROOT + ".langchain4j")
                .forEach(type -> type.getDirectDependenciesFromSelf().stream()
                        .map(Dependency::getTargetClass)
                        .map(target -> target.getBaseComponentType().getPackageName())
                        .filter(name -> !name.isEmpty() && !name.startsWith("java."))
                        .forEach(imported::add));
        imported.removeIf(name -> name.startsWith("dev.langchain4j") || name.equals("org.jspecify.annotations"));
        Set<String> allowed = allowed();
        allowed.add(ROOT);
        allowed.add(ROOT + ".langchain4j");

        assertThat(imported).isEqualTo(allowed);
    }

    private static Set<String> allowed() throws IOException {
        String row = Files.readAllLines(Path.of("ARCHITECTURE.md")).stream()
                .filter(line -> line.startsWith("| `langchain4j` |"))
                .findFirst()
                .orElseThrow();
        Set<String> names = new TreeSet<>();
        Pattern.compile("`([\\w.]+)`")
                .matcher(row.split("\\|", -1)[3])
                .results()
                .map((MatchResult match) -> ROOT + '.' + match.group(1))
                .forEach(names::add);
        return names;
    }
}
