package io.lethean.lem.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {

    private static final TrainingEvent END = new TrainingEvent.Finished(3, TrainingEnd.COMPLETE);
    private static final String LINE = "{\"event\": \"finished\", \"iteration\": 3, \"end\": \"complete\"}\n";

    @TempDir
    Path folder;

    @Test
    void aLineThatAKillCutShortIsDropped() throws IOException {
        Path file = folder.resolve("events.jsonl");
        for (String cut : new String[] {"", "{\"event\": \"sav", "{"}) {
            Files.writeString(file, LINE + cut);
            EventLog.open(file, TrainingListener.SILENT).onEvent(END);
            assertThat(Files.readString(file)).isEqualTo(LINE + LINE);
        }
        Files.writeString(file, "no line at all");
        EventLog.open(file, TrainingListener.SILENT).onEvent(END);
        assertThat(Files.readString(file)).isEqualTo(LINE);
    }

    @Test
    void aLogThatCannotBeWrittenStopsTheTraining() throws IOException {
        EventLog log = EventLog.open(folder.resolve("absent/events.jsonl"), TrainingListener.SILENT);
        assertThatThrownBy(() -> log.onEvent(END))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("events.jsonl could not be written after iteration 3 (")
                .hasMessageContaining("Make room, then resume it; the checkpoints are as they were.");
    }
}
