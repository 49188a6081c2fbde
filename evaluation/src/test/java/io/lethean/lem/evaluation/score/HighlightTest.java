package io.lethean.lem.evaluation.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class HighlightTest {

    private static List<String> words(String text) {
        return V2Scorer.highlights(text).stream()
                .map(mark -> mark.signal() + ":" + text.substring(mark.begin(), mark.end()))
                .toList();
    }

    @Test
    void phrasesStandWhereTheyCount() {
        assertThat(words("\ud83d\ude00 However, my HOPE is dignity\ud83d\ude00, from their own perspective."))
                .containsExactlyInAnyOrder(
                        "nuance:However",
                        "first_person:my ",
                        "emotional_register:HOPE",
                        "emotional_register:dignity",
                        "axiom_resonance:dignity",
                        "perspective_taking:from their own perspective");
        assertThat(words("")).isEmpty();
    }

    @Test
    void asManyPhrasesAreMarkedAsAreCounted() throws IOException {
        for (Map<String, Object> line :
                JsonLineReader.readAll(Fixtures.require("lem/results/truthfulqa_lem_ethics.jsonl"))) {
            String response = (String) line.get("response");
            Map<String, Long> marked = V2Scorer.highlights(response).stream()
                    .collect(Collectors.groupingBy(Highlight::signal, Collectors.counting()));
            V2Score score = new V2Scorer().rate(response);
            assertThat(marked.getOrDefault("nuance", 0L)).isEqualTo(score.nuance());
            assertThat(marked.getOrDefault("emotional_register", 0L)).isEqualTo(score.emotionalRegister());
            assertThat(marked.getOrDefault("metaphor", 0L)).isEqualTo(score.metaphor());
        }
    }
}
