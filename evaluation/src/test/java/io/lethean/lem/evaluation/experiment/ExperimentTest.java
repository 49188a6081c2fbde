package io.lethean.lem.evaluation.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.experiment.Experiment.Isolation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExperimentTest {

    private static List<String> labels(Experiment experiment) {
        return experiment.contrasts().stream().map(Contrast::label).toList();
    }

    @Test
    void realignment_setsEachKernelAgainstNone() {
        assertThat(labels(Experiment.realignment(List.of("base", "tuned"), List.of("json", "txt"))))
                .containsExactly(
                        "base: json against baseline",
                        "base: txt against baseline",
                        "tuned: json against baseline",
                        "tuned: txt against baseline");
    }

    @Test
    void lineage_setsEachModelAgainstTheOneBeforeIt() {
        assertThat(labels(Experiment.lineage(List.of("v1", "v2", "v3"), List.of("json"))))
                .containsExactly(
                        "v2 against v1: baseline",
                        "v3 against v2: baseline",
                        "v1: json against baseline",
                        "v2: json against baseline",
                        "v3: json against baseline");
    }

    @Test
    void isolation_setsAxiomsAloneAgainstNoneAndLeftOutAgainstAll() {
        Isolation isolation = new Isolation("json", List.of("only-a", "only-b"), List.of("without-a", "without-b"));

        assertThat(labels(Experiment.isolation(List.of("m"), isolation)))
                .containsExactly(
                        "m: json against baseline",
                        "m: only-a against baseline",
                        "m: only-b against baseline",
                        "m: without-a against json",
                        "m: without-b against json");
    }

    @Test
    void length_setsMeaningAgainstLength() {
        assertThat(labels(Experiment.length(List.of("m"), Map.of("txt", "neutral-txt"))))
                .containsExactly(
                        "m: txt against neutral-txt", "m: txt against baseline", "m: neutral-txt against baseline");
    }

    @Test
    void scale_setsTunedAgainstUntunedWhereBothAreThere() {
        assertThat(labels(Experiment.scale(List.of("1b", "4b"), Map.of("4b", "4b-tuned"), List.of("txt"))))
                .containsExactly(
                        "4b-tuned against 4b: baseline",
                        "1b: txt against baseline",
                        "4b: txt against baseline",
                        "4b-tuned: txt against baseline");
    }

    @Test
    void armsThatShareNothing_areBothNamed() {
        Contrast contrast = new Contrast(new Arm("a", "x"), new Arm("b", "y"));

        assertThat(contrast.label()).isEqualTo("a, x against b, y");
    }
}
