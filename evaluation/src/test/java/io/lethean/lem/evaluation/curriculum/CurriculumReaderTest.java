package io.lethean.lem.evaluation.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.MalformedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Curriculum files, good and bad. No model is loaded. */
class CurriculumReaderTest {

    private static final String CHAT = "{\"messages\": [{\"role\": \"user\", \"content\": \"Why?\"},"
            + " {\"role\": \"assistant\", \"content\": \"Because.\"}]}\n";

    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve("a.jsonl"), CHAT.repeat(3));
        Files.writeString(folder.resolve("k.txt"), "Be kind.");
        Files.writeString(folder.resolve("p.json"), "[{\"id\": \"one\", \"prompt\": \"Why?\"}, \"How?\"]");
    }

    private Curriculum read(String json) throws IOException {
        return Curriculum.read(Files.writeString(folder.resolve("c.json"), json.replace('\'', '"')));
    }

    private void assertFault(String json, String sentence) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageStartingWith(folder.resolve("c.json") + ": ")
                .hasMessageContaining(sentence);
    }

    /** A curriculum of one good phase, with more members in the phase. */
    private static String phase(String more) {
        return "{'phases': [{'name': 'P0', 'train': ['a.jsonl']" + more + "}]}";
    }

    @Test
    void membersOfACurriculum_becomeItsPhases() throws IOException {
        Curriculum curriculum = read("""
                {'options': {'rank': 4, 'learning_rate': 1e-4, 'targets': ['q', 'v']},
                 'probes': {'file': 'p.json', 'first': 1, 'max_tokens': 9},
                 'phases': [
                   {'name': 'P0', 'train': [{'file': 'a.jsonl', 'examples': [2, 3], 'kernel': 'k.txt'}],
                    'valid': ['a.jsonl'], 'options': {'iters': 5}, 'keep': 'best_loss',
                    'gates': {'val_loss_at_most': 2.5}},
                   {'name': 'P1', 'train': ['a.jsonl'], 'options': {'learning-rate': 2e-4},
                    'gates': {'score_difference_at_least': -1}}]}
                """);

        Phase first = curriculum.phases().getFirst();
        assertThat(first.options())
                .containsEntry("rank", "4")
                .containsEntry("learning-rate", "1.0E-4")
                .containsEntry("targets", "q,v")
                .containsEntry("iters", "5");
        assertThat(first.keep()).isEqualTo(Keep.BEST_LOSS);
        assertThat(first.gates().lossAtMost()).hasValue(2.5);
        assertThat(first.lines(first.train()))
                .isEqualTo(("{\"messages\": [{\"role\": \"user\", \"content\": \"Be"
                                + " kind.\\n\\nWhy?\"}, {\"role\": \"assistant\", \"content\": \"Because.\"}]}\n")
                        .repeat(2));
        Phase second = curriculum.phases().getLast();
        assertThat(second.options()).containsEntry("learning-rate", "2.0E-4").doesNotContainKeys("rank", "targets");
        assertThat(curriculum.probes()).hasValueSatisfying(probes -> {
            assertThat(probes.probes()).hasSize(1);
            assertThat(probes.maxTokens()).isEqualTo(9);
            assertThat(probes.scorer().name()).isEqualTo("v2");
        });
        assertThat(curriculum.isScored(-1)).isFalse();
        assertThat(curriculum.isScored(0))
                .as("the next phase compares itself with it")
                .isTrue();
        assertThat(curriculum.files())
                .containsExactlyInAnyOrder(
                        folder.resolve("p.json"), folder.resolve("a.jsonl"), folder.resolve("k.txt"));
    }

    @Test
    void faults_areSentencesWithTheNameOfThePhase() {
        assertFault("{'phases': []}", "has no phases");
        assertFault("{'phases': [{'train': ['a.jsonl']}]}", "the phase 1 has no \"name\".");
        assertFault("{'phases': [{'name': 'P0'}]}", "The phase P0 has no data: it needs at least one source");
        assertFault("{'phases': [{'name': 'a/b', 'train': ['a.jsonl']}]}", "cannot be named 'a/b'");
        assertFault(phase(", 'gate': {}"), "the phase P0 has a member \"gate\", which has no meaning here");
        assertFault(phase(", 'train': 'a.jsonl'"), "the phase P0 has \"train\": a.jsonl, which should be a list.");
        assertFault(phase(", 'keep': 'first'"), "the phase P0 has \"keep\": \"first\", which is last, best_loss or");
        assertFault(
                phase(", 'train': [{'file': 'a.jsonl', 'examples': [2]}]"),
                "the phase P0, in \"train\", has \"examples\": [2]");
        assertFault(phase(", 'options': {'iters': 2, 'epochs': 1}"), "has iters and epochs, which both");
        assertFault(phase(", 'options': {'data': 'x'}"), "The phase P0 has the option data, which a phase cannot have");
        assertFault("{'phases': [], 'extra': 1}", "the curriculum has a member \"extra\"");
        assertFault("[", "it is not JSON");
        assertFault("[]", "the curriculum should be an object with members");
    }

    @Test
    void badGates_areSentencesWithTheNameOfThePhase() {
        assertFault(
                phase(", 'gates': {'val_loss_at_most': 2}"),
                "The phase P0 has a gate or a choice by validation loss, and no data to validate on");
        assertFault(phase(", 'keep': 'best_loss'"), "The phase P0 has a gate or a choice by validation loss");
        assertFault(phase(", 'gates': {'score_at_least': 2}"), "The phase P0 has a gate or a choice by score");
        assertFault(phase(", 'keep': 'best_score'"), "The phase P0 has a gate or a choice by score");
        assertFault(
                phase(", 'valid': ['a.jsonl'], 'gates': {'val_loss_at_most': -2}"),
                "\"gates\" of the phase P0 is wrong: The gate for the validation loss is -2.0 and must be a positive");
        assertFault(phase(", 'gates': {'val_loss': 2}"), "\"gates\" of the phase P0 has a member \"val_loss\"");
        assertFault(
                phase(", 'gates': {'score_at_least': 'good'}"),
                "\"gates\" of the phase P0 has \"score_at_least\": good, which should be a number.");
    }

    @Test
    void phasesTogether_areChecked() {
        String two = "{'phases': [{'name': 'P0', 'train': ['a.jsonl']}, {'name': '%s', 'train': ['a.jsonl']%s}]}";
        assertFault(two.formatted("P0", ""), "Two phases have the name P0");
        assertFault(
                two.formatted("P1", ", 'options': {'rank': 8}"),
                "The phase P1 has the option rank, and it starts from the adapter of the phase before");
        assertFault(
                "{'probes': {'file': 'p.json', 'first': 3}, 'phases': []}",
                "\"probes\" of the curriculum has \"first\": 3, and " + folder.resolve("p.json") + " has 2 probes");
        assertFault("{'probes': {'file': 'p.json', 'scorer': 'v9'}, 'phases': []}", "There is no scorer \"v9\"");
    }

    @Test
    void examplesThatAFileDoesNotHave_areRefused_withThePhase() throws IOException {
        Phase phase = read(phase(", 'valid': [{'file': 'a.jsonl', 'examples': [2, 4]}]"))
                .phases()
                .getFirst();

        assertThatThrownBy(() -> phase.lines(phase.valid()))
                .hasMessageContainingAll(
                        "The phase P0 cannot be trained: ",
                        "a.jsonl",
                        "the examples 2 to 4 are asked for, and it has 3");
        Phase missing = read(phase("").replace("a.jsonl", "b.jsonl")).phases().getFirst();
        assertThatThrownBy(() -> missing.lines(missing.train()))
                .hasMessage(
                        "The phase P0 cannot be trained: the file " + folder.resolve("b.jsonl") + " does not exist.");
    }

    @Test
    void exampleCurriculum_canBeRead_withAllItsFiles() throws IOException {
        Curriculum example = Curriculum.read(Path.of("examples/curriculum/lek.json"));

        assertThat(example.phases())
                .extracting(Phase::name)
                .containsExactly("P0-ethics", "P1-composure", "P2-ethics", "P3-freeflow", "P4-tension", "P5-creative");
        for (Phase phase : example.phases()) {
            assertThat(phase.lines(phase.train()).lines()).hasSizeGreaterThan(15);
            assertThat(phase.lines(phase.valid()).lines()).hasSizeBetween(3, 5);
        }
        assertThat(example.phases().getFirst().lines(example.phases().getFirst().train()))
                .contains(Files.readString(Path.of("kernel/lek-1-kernel.txt"))
                        .strip()
                        .lines()
                        .findFirst()
                        .orElseThrow());
    }
}
