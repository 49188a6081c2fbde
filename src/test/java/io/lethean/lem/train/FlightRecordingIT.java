package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What JDK Flight Recorder has of a load, of answers, of adapters and of a training, compared with what the API said. */
class FlightRecordingIT {

    private static final String PREFIX = "io.lethean.lem.";

    @TempDir
    Path folder;

    @BeforeEach
    void prepare() throws IOException {
        TrainingRuns.prepare(folder);
    }

    /** Something to record. */
    private interface Work {
        void run() throws IOException;
    }

    private List<RecordedEvent> recorded(Work work) throws IOException {
        Path file = folder.resolve("lem.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            work.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith(PREFIX))
                .toList();
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(PREFIX + name))
                .toList();
    }

    private static RecordedEvent only(List<RecordedEvent> events, String name) {
        assertThat(named(events, name)).as(name).hasSize(1);
        return named(events, name).getFirst();
    }

    @Test
    void loadPromptAndGeneration_haveTheNumbersOfTheApi() throws IOException {
        Path file = folder.resolve("model.gguf");
        GenerationOptions options = GenerationOptions.builder().maxTokens(4).build();
        List<Generation> answers = new ArrayList<>();
        List<RecordedEvent> events = recorded(() -> {
            try (LemModel model = LemModel.load(file)) {
                answers.add(model.generate("aaaa bbbb", options));
                answers.add(model.generate("aaaa bbbb cc", options));
            }
        });

        RecordedEvent load = only(events, "ModelLoad");
        assertThat(load.getString("path")).isEqualTo(file.toString());
        assertThat(load.getBoolean("loaded")).isTrue();
        assertThat(load.getString("devices")).contains("CPU");
        assertThat(load.getLong("weightBytes")).isPositive().isLessThan(Files.size(file));
        assertThat(load.getDuration()).isPositive();
        assertThat(answers.get(1).reusedTokens()).isPositive();
        assertThat(named(events, "Prompt"))
                .extracting(event -> event.getInt("promptTokens"), event -> event.getInt("reusedTokens"))
                .containsExactly(
                        tuple(answers.get(0).promptTokens(), answers.get(0).reusedTokens()),
                        tuple(answers.get(1).promptTokens(), answers.get(1).reusedTokens()));
        List<RecordedEvent> generations = named(events, "Generation");
        assertThat(generations).hasSize(2);
        for (int i = 0; i < 2; i++) {
            Generation answer = answers.get(i);
            RecordedEvent event = generations.get(i);
            assertThat(event.getInt("promptTokens")).isEqualTo(answer.promptTokens());
            assertThat(event.getInt("generatedTokens")).isEqualTo(answer.generatedTokens());
            assertThat(event.getString("finishReason"))
                    .isEqualTo(answer.finishReason().name());
            assertThat(event.getDuration("firstToken"))
                    .isEqualTo(answer.timings().firstToken().orElseThrow());
            assertThat(event.toString()).doesNotContain("aaaa");
        }
    }

    @Test
    void loadThatFails_isRecordedAsOne() throws IOException {
        Path file = folder.resolve("model.gguf");
        ModelOptions options = ModelOptions.builder().device("NOPE").build();
        List<RecordedEvent> events = recorded(
                () -> assertThatThrownBy(() -> LemModel.load(file, options)).hasMessageContaining("NOPE"));

        RecordedEvent load = only(events, "ModelLoad");
        assertThat(load.getBoolean("loaded")).isFalse();
        assertThat(load.getString("path")).isEqualTo(file.toString());
    }

    @Test
    void trainingSteps_andTheAdapter_areRecorded() throws IOException {
        List<TrainingEvent.Updated> updates = new ArrayList<>();
        List<Path> adapters = new ArrayList<>();
        List<RecordedEvent> events = recorded(() -> {
            TrainingResult result = new LemTrainer(
                            TrainingRuns.options(folder, "a").build())
                    .run(
                            event -> {
                                if (event instanceof TrainingEvent.Updated updated) {
                                    updates.add(updated);
                                }
                            },
                            new Cancellation());
            adapters.add(result.adapter());
            try (LemModel model = LemModel.load(folder.resolve("model.gguf"))) {
                model.setAdapters(List.of(new AdapterUse(result.adapter(), 0.5f)));
            }
        });

        List<RecordedEvent> steps = named(events, "TrainingStep");
        assertThat(steps).hasSameSizeAs(updates);
        assertThat(steps)
                .extracting(event -> event.getInt("iteration"))
                .containsExactlyElementsOf(
                        updates.stream().map(TrainingEvent.Updated::iteration).toList());
        assertThat(steps)
                .extracting(event -> event.getDouble("loss"))
                .containsExactlyElementsOf(
                        updates.stream().map(TrainingEvent.Updated::loss).toList());
        assertThat(steps).allMatch(event -> event.getDouble("gradientNorm") > 0);
        assertThat(only(events, "AdapterChange").getString("adapters"))
                .contains(adapters.getFirst().toString(), "0.5");
    }
}
