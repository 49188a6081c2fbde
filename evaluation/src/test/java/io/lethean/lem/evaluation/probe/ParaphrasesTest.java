package io.lethean.lem.evaluation.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ParaphrasesTest {

    private static Map<String, Object> variant(String id, int kind) {
        return Paraphrases.of(List.of(new Probe(id, "health", "Who decides?"))).get(kind);
    }

    @Test
    void eachProbe_isFollowedByThreeVariants() {
        List<Map<String, Object>> all = Paraphrases.of(List.of(
                new Probe("P07_HEALTH", "health", "Who decides at 100 %s?"),
                new Probe("", "uncategorised", "And then?")));

        assertThat(all)
                .extracting(object -> object.get("id"))
                .containsExactly(
                        "P07_HEALTH",
                        "P07_HEALTH_R_PERS",
                        "P07_HEALTH_R_URGE",
                        "P07_HEALTH_R_CULT",
                        "P02",
                        "P02_R_PERS",
                        "P02_R_URGE",
                        "P02_R_CULT");
        assertThat(all.get(1))
                .containsEntry("category", "health")
                .containsEntry("source_probe", "P07_HEALTH")
                .containsEntry("rephrase_type", "perspective");
        assertThat(all.get(1).get("prompt").toString()).endsWith("\n\nWho decides at 100 %s?");
        assertThat(all.get(0)).containsOnlyKeys("id", "category", "prompt");
    }

    @Test
    void theNumberModuloThree_choosesTheFrame() {
        for (int kind = 1; kind <= 3; kind++) {
            assertThat(variant("P01_A", kind).get("prompt"))
                    .isEqualTo(variant("P100_A", kind).get("prompt"))
                    .isNotEqualTo(variant("P02_A", kind).get("prompt"));
            assertThat(variant("P03_A", kind).get("prompt"))
                    .isEqualTo(variant("P99", kind).get("prompt"))
                    .isNotEqualTo(variant("P01_A", kind).get("prompt"))
                    .isNotEqualTo(variant("P02_A", kind).get("prompt"));
        }
    }

    @Test
    void ourHundredProbes_becomeFourHundredDifferentOnes() throws IOException {
        List<Map<String, Object>> all = Paraphrases.of(ProbeFile.read(Path.of("seeds/P01-P100.json")));

        Set<Object> ids = new HashSet<>();
        Set<Object> prompts = new HashSet<>();
        all.forEach(object -> {
            ids.add(object.get("id"));
            prompts.add(object.get("prompt"));
        });
        assertThat(all).hasSize(400);
        assertThat(ids).hasSize(400);
        assertThat(prompts).hasSize(400);
    }

    @Test
    void theSourceOfAVariant_isKnownByItsId() {
        assertThat(Paraphrases.source("P07_HEALTH_R_CULT")).isEqualTo("P07_HEALTH");
        assertThat(Paraphrases.source("P07_R_OTHER")).isEqualTo("P07_R_OTHER");
        assertThat(Paraphrases.source("P07")).isEqualTo("P07");
    }
}
