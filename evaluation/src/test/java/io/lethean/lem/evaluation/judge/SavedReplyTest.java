package io.lethean.lem.evaluation.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedReplyTest {

    private static final SavedReply SAVED = new SavedReply("k", "m", "toxigen/lem-1", "{\"kindness\": 8}\n\u00e9");

    @TempDir
    private Path folder;

    private List<Optional<SavedReply>> read(String text) throws IOException {
        List<Optional<SavedReply>> replies = new ArrayList<>();
        Path file = Files.writeString(folder.resolve("judge.jsonl"), text);
        try (JsonLineReader reader = new JsonLineReader(file)) {
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                replies.add(SavedReply.read(line));
            }
        }
        return replies;
    }

    @Test
    void theLineHasItsFormFromBefore() {
        assertThat(SAVED.line())
                .isEqualTo("{\"key\": \"k\", \"judge\": \"m\", \"prompt_version\": \"toxigen/lem-1\","
                        + " \"reply\": \"{\\\"kindness\\\": 8}\\n\\u00e9\"}\n")
                .startsWith(SavedReply.LINE_BEGIN);
    }

    @Test
    void aLineIsReadAsItWasWritten() throws IOException {
        assertThat(read(SAVED.line())).containsExactly(Optional.of(SAVED));
    }

    @Test
    void linesWithoutKeyOrReplyAreSkipped() throws IOException {
        assertThat(
                        read(
                                "{\"key\": \"k\", \"reply\": 1}\n{\"reply\": \"r\"}\nnonsense\n{\"key\": \"k\", \"reply\": \"r\"}\n"))
                .containsExactly(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(new SavedReply("k", "", "", "r")));
    }
}
