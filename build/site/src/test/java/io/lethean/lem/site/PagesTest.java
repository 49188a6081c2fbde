package io.lethean.lem.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.site.Block.Mark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages of this repository keep to the rules: links, lengths, the menu, code blocks. */
class PagesTest {

    private static final Rules RULES = Rules.check(Repository.read(Path.of("")));

    @Test
    void pages_haveNoFaults() {
        assertThat(RULES.faults()).isEmpty();
    }

    @Test
    void pages_areAllFound() {
        assertThat(RULES.repository().pages()).hasSizeGreaterThan(40);
        assertThat(RULES.found()).hasSizeGreaterThan(200);
        assertThat(RULES.blocks()).hasSizeGreaterThan(100);
    }

    @Test
    void blocksThatAnotherTestRuns_nameATestThatIsThere() throws IOException {
        Set<String> tests;
        try (Stream<Path> files = Stream.of("src", "evaluation", "server", "cli", "spring", "langchain4j", "junit")
                .map(Path::of)
                .flatMap(PagesTest::walk)) {
            tests = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Test.java") || name.endsWith("IT.java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }

        assertThat(RULES.blocks().stream()
                        .flatMap(block -> block.marks(Mark.TestedBy.class).stream())
                        .map(Mark.TestedBy::test))
                .isNotEmpty()
                .isSubsetOf(tests);
    }

    private static Stream<Path> walk(Path folder) {
        try {
            return Files.walk(folder).filter(file -> !file.toString().contains("target"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
