package io.lethean.lem.evaluation.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.Fixtures;
import io.lethean.lem.TrainingException;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.train.LemTrainer;
import io.lethean.lem.train.TrainingEvent;
import io.lethean.lem.train.TrainingListener;
import io.lethean.lem.train.options.ResourceOptions;
import io.lethean.lem.train.options.Target;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Curricula of three short phases on a model of 260,000 weights, with answers that are scored. */
class CurriculumRunnerIT {

    private static final String CHAT = "{\"messages\": [{\"role\": \"user\", \"content\": \"What is %s?\"},"
            + " {\"role\": \"assistant\", \"content\": \"It is %s, and it is good.\"}]}%n";

    @TempDir
    Path folder;

    private final List<String> phases = new ArrayList<>();
    private Path model = Path.of("");

    @BeforeEach
    void write() throws IOException {
        model = Fixtures.require("models/stories260K-f32.gguf");
        for (String name : List.of("rain", "ink", "sea")) {
            Files.writeString(
                    folder.resolve(name + ".jsonl"), CHAT.formatted(name, name).repeat(4));
        }
        Files.writeString(folder.resolve("p.json"), "[{\"id\": \"one\", \"prompt\": \"Why?\"}, \"How?\"]");
    }

    private Path file(String gatesOfSecond, String optionsOfThird) throws IOException {
        return Files.writeString(folder.resolve("c.json"), """
                {'options': {'rank': 2, 'scale': 4, 'num_layers': 1, 'targets': ['q', 'v'], 'batch_size': 2,
                             'learning_rate': 1e-2, 'iters': 4, 'save_every': 2, 'steps_per_report': 1},
                 'probes': {'file': 'p.json', 'max_tokens': 8},
                 'phases': [
                   {'name': 'P0', 'train': ['rain.jsonl'], 'valid': ['rain.jsonl']},
                   {'name': 'P1', 'train': ['ink.jsonl'], 'valid': ['ink.jsonl'], 'keep': 'best_score',
                    'gates': {%s}},
                   {'name': 'P2', 'train': ['sea.jsonl', 'rain.jsonl'], 'options': {%s}}]}
                """.formatted(gatesOfSecond, optionsOfThird)
                .replace('\'', '"'));
    }

    private CurriculumRunner runner(Path file, String into, TrainingListener training) throws IOException {
        CurriculumListener listener = new CurriculumListener() {
            @Override
            public void phaseStarted(int number, int count, Phase phase) {
                phases.add(number + "/" + count + " " + phase.name());
            }

            @Override
            public TrainingListener training() {
                return training;
            }
        };
        return new CurriculumRunner(
                Curriculum.read(file),
                CurriculumFiles.of(model, folder.resolve(into)),
                new ResourceOptions("cpu", 1, 0),
                listener);
    }

    private CurriculumResult run(Path file, String into, boolean resume) throws IOException {
        return runner(file, into, TrainingListener.SILENT).run(resume, new Cancellation());
    }

    private Path good() throws IOException {
        return file("'score_difference_at_least': -50, 'val_loss_at_most_of_start': 1", "'iters': 3");
    }

    @Test
    void phasesRunInOrder_eachFromTheAdapterOfTheOneBefore() throws IOException {
        CurriculumResult result = run(good(), "out", false);

        assertThat(result.end()).isEqualTo(CurriculumResult.End.COMPLETE);
        assertThat(phases).containsExactly("1/3 P0", "2/3 P1", "3/3 P2");
        PhaseResult second = result.phases().get(1);
        assertThat(second.loss()).isLessThan(second.startLoss());
        assertThat(second.scores().orElseThrow().difference().orElseThrow().differences())
                .containsOnlyKeys("one", "probe 2");
        assertThat(second.adapter()).isEqualTo(folder.resolve("out/02-P1/best-score.gguf"));
        Map<String, Object> started =
                JsonLineReader.readAll(folder.resolve("out/03-P2/events.jsonl")).getFirst();
        assertThat(started.get("resume_adapter_file"))
                .asString()
                .isEqualTo(second.adapter() + " (rank 2, scale 4.0, 2 matrices)");
        assertThat(folder.resolve("out/adapter.gguf")).hasSameBinaryContentAs(folder.resolve("out/03-P2/adapter.gguf"));
        assertThat(Files.readString(folder.resolve("out/curriculum.json"))).contains("\"end\": \"complete\"");

        Path byHand = new LemTrainer(
                        TrainingOptions.builder(model, folder.resolve("out/01-P0/data"), folder.resolve("by-hand"))
                                .rank(2)
                                .scale(4)
                                .layers(1)
                                .targets(Set.of(Target.Q, Target.V))
                                .batchSize(2)
                                .learningRate(1e-2)
                                .iterations(4)
                                .saveEvery(2)
                                .threads(1)
                                .build())
                .run()
                .adapter();
        assertThat(folder.resolve("out/01-P0/adapter.gguf")).hasSameBinaryContentAs(byHand);
    }

    @Test
    void bestByScore_isTheSavedAdapterWithTheBestMean_theEarliestOfEquals() throws IOException {
        PhaseResult second = run(good(), "out", false).phases().get(1);

        double best = Double.NEGATIVE_INFINITY;
        Path expected = folder;
        PhaseScorer scorer = new PhaseScorer(
                model,
                Curriculum.read(folder.resolve("c.json")).probes().orElseThrow(),
                ModelOptions.builder().threads(1).build(),
                RunListener.SILENT);
        for (int iteration : List.of(2, 4)) {
            Path saved = folder.resolve("out/02-P1/000000" + iteration + "_adapter.gguf");
            double mean = scorer.score(Optional.of(saved), folder.resolve("again-" + iteration + ".jsonl"))
                    .mean();
            if (mean > best) {
                best = mean;
                expected = saved;
            }
        }
        assertThat(second.adapter()).hasSameBinaryContentAs(expected);
        assertThat(second.scores().orElseThrow().mean()).isEqualTo(best);
    }

    @Test
    void gateThatFails_stops_keepsEverything_andPassesWhenItIsChanged() throws IOException {
        CurriculumResult stopped = run(file("'score_at_least': 99", "'iters': 3"), "out", false);

        assertThat(stopped.end()).isEqualTo(CurriculumResult.End.GATE_FAILED);
        assertThat(stopped.failure().orElseThrow())
                .startsWith("The phase P1 does not pass its gate: the mean score is ")
                .contains("and at least 99.0 is wanted");
        assertThat(phases).containsExactly("1/3 P0", "2/3 P1");
        assertThat(folder.resolve("out/02-P1/adapter.gguf")).exists();
        assertThat(folder.resolve("out/03-P2/adapter.gguf")).doesNotExist();
        assertThat(folder.resolve("out/adapter.gguf")).doesNotExist();
        byte[] first = Files.readAllBytes(folder.resolve("out/01-P0/adapter.gguf"));

        assertThatThrownBy(() -> run(good(), "out", false))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("holds a curriculum already (curriculum.json); resume it");
        CurriculumResult resumed = run(file("'score_at_least': -99", "'iters': 3"), "out", true);
        assertThat(resumed.end()).isEqualTo(CurriculumResult.End.COMPLETE);
        assertThat(folder.resolve("out/01-P0/adapter.gguf")).hasBinaryContent(first);
    }

    @Test
    void aPhaseThatCannotBeTrained_isFoundBeforeAnythingIsTrained() throws IOException {
        assertRefused("'learning_rat': 1", "The phase P2: There is no option learning-rat; the options are ");
        assertRefused("'batch_size': 0", "The phase P2: The batch size is 0 and must be at least 1.");
        assertRefused("'max_seq_length': 3", "The phase P2 cannot be trained: ");
        Path file = good();
        Files.delete(folder.resolve("sea.jsonl"));
        assertThatThrownBy(() -> run(file, "out", false))
                .hasMessage(
                        "The phase P2 cannot be trained: the file " + folder.resolve("sea.jsonl") + " does not exist.");
        assertThat(trained()).isEmpty();
    }

    private void assertRefused(String options, String sentence) {
        assertThatThrownBy(() -> run(file("", options), "out", false)).hasMessageContaining(sentence);
        assertThat(trained()).isEmpty();
    }

    private List<Path> trained() {
        if (!Files.isDirectory(folder.resolve("out"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder.resolve("out"))) {
            return files.filter(file -> file.toString().endsWith(".gguf")).toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void inputInTheFolder_isRefused() throws IOException {
        Path inside = Files.createDirectories(folder.resolve("out/01-P0/data")).resolve("train.jsonl");
        Files.createLink(inside, folder.resolve("rain.jsonl"));

        assertThatThrownBy(() -> run(good(), "out", false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("The input " + folder.resolve("rain.jsonl"), "is the file " + inside);
    }

    @Test
    void curriculumThatIsKilledAnywhere_endsInTheBytesOfAnUndisturbedOne() throws IOException {
        Path file = good();
        run(file, "undisturbed", false);

        int kills = 0;
        for (int event = 1; !isComplete(file, "killed", event); event += 2) {
            kills++;
        }

        assertThat(kills).isGreaterThan(4);
        for (String adapter : List.of(
                "adapter.gguf",
                "01-P0/adapter.gguf",
                "02-P1/adapter.gguf",
                "02-P1/best-score.gguf",
                "03-P2/adapter.gguf")) {
            assertThat(folder.resolve("killed").resolve(adapter))
                    .hasSameBinaryContentAs(folder.resolve("undisturbed").resolve(adapter));
        }
    }

    /** What ends with a listener's exception leaves what a kill leaves: no checkpoint of where it was. */
    private boolean isComplete(Path file, String into, int killedAt) throws IOException {
        int[] events = {0};
        TrainingListener killer = event -> {
            if (!(event instanceof TrainingEvent.Started) && ++events[0] == killedAt) {
                throw new IllegalStateException("killed");
            }
        };
        try {
            return runner(file, into, killer).run(true, new Cancellation()).end() == CurriculumResult.End.COMPLETE;
        } catch (IllegalStateException killed) {
            return false;
        }
    }

    @Test
    void cancelledCurriculum_saysSo_andResumes() throws IOException {
        Path file = good();
        Cancellation cancellation = new Cancellation();
        TrainingListener canceller = event -> {
            if (event instanceof TrainingEvent.Progress && phases.size() == 2) {
                cancellation.cancel();
            }
        };

        CurriculumResult cancelled = runner(file, "out", canceller).run(false, cancellation);

        assertThat(cancelled.end()).isEqualTo(CurriculumResult.End.CANCELLED);
        assertThat(cancelled.phases()).hasSize(1);
        assertThat(run(file, "out", true).end()).isEqualTo(CurriculumResult.End.COMPLETE);
    }
}
