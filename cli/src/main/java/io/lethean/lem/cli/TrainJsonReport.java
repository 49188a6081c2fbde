package io.lethean.lem.cli;

import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.train.TrainingEvent;
import io.lethean.lem.train.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Appends an object for each report, validation and test to a file of JSON lines, and hands all events on. */
record TrainJsonReport(Path file, TrainingListener next) implements TrainingListener {

    @Override
    public void onEvent(TrainingEvent event) {
        switch (event) {
            case TrainingEvent.Progress progress -> append(event);
            case TrainingEvent.Validated validated -> append(event);
            case TrainingEvent.Tested tested -> append(event);
            default -> {
                // What is saved and when the training ends is in events.jsonl.
            }
        }
        next.onEvent(event);
    }

    private void append(TrainingEvent event) {
        try {
            Files.writeString(
                    file,
                    PythonJson.write(event.fields()) + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The report " + file + " could not be written (" + e.getMessage()
                            + "), and the training stopped; its checkpoints are kept, and --resume continues it.",
                    e);
        }
    }
}
