package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares JSON Lines of two runs of one command, perhaps on different processors.
 *
 * <p>Fields, their order and their types are the same, and so are the values, except those that depend on the clock, on
 * where files lie, or on what the model said.
 */
final class RecordedFormat {

    private static final Set<String> OF_CLOCK_AND_PLACE =
            Set.of("ts", "time_s", "seconds", "elapsed_seconds", "duration", "duration_s", "model", "engine", "asked");

    private static final Set<String> OF_THE_ANSWER = Set.of(
            "response",
            "content",
            "lek_score",
            "heuristic",
            "chars",
            "finish_reason",
            "generated_tokens",
            "special_tokens_only",
            "avg_lek",
            "improved",
            "regressed",
            "unchanged",
            "delta_vs_baseline",
            "categories",
            "score",
            "mc1",
            "mc1_tie",
            "mc2",
            "log_likelihood",
            "greedy",
            "avg_kept_score",
            "flags",
            "correct",
            "extracted",
            "strict_match",
            "strict_extracted",
            "flexible_extract",
            "flexible_extracted");

    private RecordedFormat() {}

    static List<JsonNode> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(JsonMapper.shared()::readTree)
                .toList();
    }

    /** Asserts that two files hold the same lines. */
    static void assertSame(Path before, Path now) throws IOException {
        List<JsonNode> expected = lines(before);
        List<JsonNode> found = lines(now);
        assertThat(found).as("lines of %s", now).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertSame(expected.get(i), found.get(i), now.getFileName() + ":" + (i + 1));
        }
    }

    /** Asserts that two lines are alike; where the model said the same, what follows from that is the same too. */
    static void assertSame(JsonNode before, JsonNode now, String place) {
        List<String> then = answers(before);
        new Comparison(!then.isEmpty() && then.equals(answers(now))).compare(before, now, place);
    }

    /** What the model said; likelihoods differ between processors where the choice does not. */
    private static List<String> answers(JsonNode line) {
        List<String> answers = new ArrayList<>();
        if (line.has("mc1")) {
            return answers;
        }
        line.findValues("response").forEach(answer -> answers.add(answer.asString()));
        line.findValues("content").forEach(answer -> answers.add(answer.asString()));
        return answers;
    }

    /** @param sameAnswer whether what follows from the answer is compared by value */
    private record Comparison(boolean sameAnswer) {

        void compare(JsonNode before, JsonNode now, String place) {
            if (before.isObject()) {
                assertThat(List.copyOf(now.propertyNames())).as(place).isEqualTo(List.copyOf(before.propertyNames()));
                for (String name : before.propertyNames()) {
                    field(name, before.get(name), now.get(name), place + " " + name);
                }
            } else if (before.isArray()) {
                assertThat(now.isArray()).as(place).isTrue();
                assertThat(now.size()).as(place).isEqualTo(before.size());
                for (int i = 0; i < before.size(); i++) {
                    compare(before.get(i), now.get(i), place + " " + i);
                }
            } else {
                assertThat(now).as(place).isEqualTo(before);
            }
        }

        private void field(String name, JsonNode before, JsonNode now, String place) {
            if (OF_CLOCK_AND_PLACE.contains(name) || (!sameAnswer && OF_THE_ANSWER.contains(name))) {
                assertSameForm(before, now, place);
            } else {
                compare(before, now, place);
            }
        }

        private static void assertSameForm(JsonNode before, JsonNode now, String place) {
            if (before.isNull() || now.isNull()) {
                return;
            }
            assertThat(now.getClass()).as("form of %s, %s", place, now).isEqualTo(before.getClass());
            if (before.isObject()) {
                assertThat(List.copyOf(now.propertyNames())).as(place).isEqualTo(List.copyOf(before.propertyNames()));
                for (String name : before.propertyNames()) {
                    assertSameForm(before.get(name), now.get(name), place + " " + name);
                }
            }
        }
    }
}
