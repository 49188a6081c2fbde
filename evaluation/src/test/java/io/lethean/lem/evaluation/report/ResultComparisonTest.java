package io.lethean.lem.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.evaluation.stats.Bootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.ObjectMapper;

class ResultComparisonTest {

    private static final Bootstrap BOOTSTRAP = new Bootstrap(500, 0.95, 1);

    @TempDir
    private Path folder;

    private ResultFile scores(String name, String... lines) throws IOException {
        return ResultFile.read(Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n"));
    }

    private static String line(String id, String condition, double score) {
        return "{\"id\": \"%s\", \"condition\": \"%s\", \"score\": %s}".formatted(id, condition, score);
    }

    @Test
    void theSameConditionsAreComparedProbeByProbe() throws IOException {
        ResultComparison comparison = new ResultComparison(
                scores("a", line("1", "x", 1), line("2", "x", 2), line("3", "x", 3), line("1", "only", 1)),
                scores("b", line("3", "x", 5), line("2", "x", 4), line("1", "x", 3.25), line("4", "x", 9)),
                BOOTSTRAP);
        assertThat(comparison.rows()).singleElement().satisfies(row -> {
            assertThat(row.condition()).isEqualTo("x");
            assertThat(row.difference().mean()).hasValue(6.25 / 3);
            assertThat(row.difference().improved()).isEqualTo(3);
            assertThat(row.second().mean()).hasValue(21.25 / 4);
        });
        assertThat(comparison.remarks())
                .containsExactly("x: 0 probes are in the first file only and 1 in the second; they are left out.");
        assertThat(comparison.table().toText()).contains("+2.08");
        assertThat(new ObjectMapper()
                        .readTree(comparison.json())
                        .at("/conditions/0/difference/improved")
                        .asInt())
                .isEqualTo(3);
    }

    @Test
    void filesOfOneConditionEachAreComparedWhateverItsName() throws IOException {
        ResultComparison comparison = new ResultComparison(
                scores("a", line("1", "x", 1), line("2", "x", 1)),
                scores("b", line("1", "y", 1), line("2", "y", 1)),
                BOOTSTRAP);
        assertThat(comparison.rows().getFirst().condition()).isEqualTo("x / y");
        assertThat(comparison.remarks()).containsExactly("x / y: no difference seen.");
    }

    @Test
    void filesWithNothingInCommonAreRefused() throws IOException {
        ResultFile first = scores("a", line("1", "x", 1), line("1", "z", 1));
        ResultFile second = scores("b", line("1", "y", 1));
        assertThatThrownBy(() -> new ResultComparison(first, second, BOOTSTRAP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a has the conditions [x, z] and b has [y]; they have no condition in common.");
    }
}
