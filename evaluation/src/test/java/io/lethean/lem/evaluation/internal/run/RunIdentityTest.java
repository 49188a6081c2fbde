package io.lethean.lem.evaluation.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.run.AdapterIdentity;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recorded identities are those of earlier releases, and no option can be forgotten. */
class RunIdentityTest {

    private static final ModelIdentity MODEL = new ModelIdentity(
            "m.gguf",
            "abc",
            "llama.cpp v0.5.0",
            List.of(new AdapterIdentity("a", "11", 0.7f), new AdapterIdentity("b", "22", 1f)),
            4);

    private record Inner(int topK, OptionalLong seed) {}

    private record Outer(String name, Inner inner, double learningRate) {}

    private static IdentityRules<Outer> rules() {
        return new IdentityRules<>(Outer.class).key("topK", "top_k").excluding("name");
    }

    @Test
    void everyComponent_hasARuleOrIsExcluded() {
        assertThat(List.of(RunIdentity.MODEL, RunIdentity.ADAPTER, RunIdentity.OPTIONS))
                .allSatisfy(rules -> {
                    assertThat(rules.undecided()).isEmpty();
                    assertThat(rules.unknown()).isEmpty();
                });
    }

    @Test
    void componentWithoutARule_isNoticedAndRecordedUnderItsOwnName() {
        RunIdentity identity = RunIdentity.of(new Outer("a", new Inner(3, OptionalLong.of(9)), 0.5), rules());

        assertThat(rules().undecided()).containsExactly("seed", "learningRate");
        assertThat(PythonJson.write(identity.fields()))
                .isEqualTo("{\"top_k\": 3, \"seed\": 9, \"learning_rate\": 0.5}");
    }

    @Test
    void ruleForAComponentThatDoesNotExist_isNoticed() {
        assertThat(rules().key("topP", "top_p").excluding("gone").unknown()).containsExactly("topP", "gone");
    }

    @Test
    void nestedRecordWithARule_isTakenAsAWhole() {
        IdentityRules<Outer> rules = rules().rule("inner", (identity, outer) -> identity.with("all", "of it"));

        assertThat(rules.undecided()).containsExactly("learningRate");
        assertThat(rules.unknown()).containsExactly("topK");
    }

    @Test
    void model_isRecordedAsBefore() {
        assertThat(PythonJson.write(new RunIdentity().with(MODEL).fields()))
                .isEqualTo("{\"model\": \"sha256:abc\", \"adapter 1\": \"sha256:11\", \"scale of adapter 1\": 0.7,"
                        + " \"adapter 2\": \"sha256:22\", \"scale of adapter 2\": 1.0, \"parallel\": 4}");
        assertThat(PythonJson.write(new RunIdentity()
                        .with(new ModelIdentity("m.gguf", "", "e"))
                        .fields()))
                .isEqualTo("{\"model\": \"m.gguf\"}");
    }

    @Test
    void optionsThatCameLater_areRecordedIfTheyAreUsed() {
        GenerationOptions all = GenerationOptions.builder()
                .typicalP(0.9)
                .presencePenalty(0.5)
                .frequencyPenalty(-0.25)
                .logitBias(Map.of(7, Double.NEGATIVE_INFINITY, 3, 1.5))
                .timeLimit(Duration.ofSeconds(90))
                .build();

        assertThat(PythonJson.write(new RunIdentity().with(all).fields()))
                .endsWith(", \"json_schema\": null, \"typical_p\": 0.9, \"presence_penalty\": 0.5,"
                        + " \"frequency_penalty\": -0.25, \"logit_bias\": \"{3=1.5, 7=-Infinity}\","
                        + " \"time_limit\": \"PT1M30S\"}");
    }

    @Test
    void adaptersOfTheAnswers_areRecordedByTheirContent(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.gguf"), "content");
        GenerationOptions named = GenerationOptions.builder()
                .adapters(List.of(new AdapterUse(file, 0.5f)))
                .build();
        GenerationOptions bare = GenerationOptions.builder().adapters(List.of()).build();

        assertThat(new RunIdentity().with(named).fields())
                .containsEntry("answer adapters", 1L)
                .containsEntry(
                        "adapter of answer 1",
                        "sha256:ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73");
        assertThat(new RunIdentity().with(bare).id())
                .isNotEqualTo(
                        new RunIdentity().with(GenerationOptions.defaults()).id());
        assertThat(new RunIdentity().with(GenerationOptions.defaults()).fields())
                .doesNotContainKey("answer adapters");
    }

    @Test
    void logprobs_doNotSeparateRuns() {
        GenerationOptions asked = GenerationOptions.builder().logprobs(5).build();
        assertThat(new RunIdentity().with(asked).id())
                .isEqualTo(new RunIdentity().with(GenerationOptions.defaults()).id());
    }

    @Test
    void options_areRecordedAsBefore() {
        GenerationOptions all = GenerationOptions.builder()
                .maxTokens(7)
                .temperature(0.5)
                .topK(3)
                .topP(0.9)
                .minP(0.1)
                .repeatPenalty(1.1)
                .repeatLastN(5)
                .seed(9)
                .stop("x", "y")
                .grammar("root ::= \"a\"")
                .build();

        assertThat(PythonJson.write(new RunIdentity().with(all).fields()))
                .isEqualTo("{\"max_tokens\": 7, \"temperature\": 0.5, \"top_k\": 3, \"top_p\": 0.9, \"min_p\": 0.1,"
                        + " \"repeat_penalty\": 1.1, \"repeat_last_n\": 5, \"seed\": 9, \"stop\": [\"x\", \"y\"],"
                        + " \"grammar\": \"root ::= \\\"a\\\"\", \"json_schema\": null}");
        assertThat(PythonJson.write(
                        new RunIdentity().with(GenerationOptions.defaults()).fields()))
                .isEqualTo("{\"max_tokens\": 256, \"temperature\": 0.0, \"top_k\": 0, \"top_p\": 1.0, \"min_p\": 0.0,"
                        + " \"repeat_penalty\": 1.0, \"repeat_last_n\": 64, \"seed\": null, \"stop\": [],"
                        + " \"grammar\": null, \"json_schema\": null}");
    }
}
