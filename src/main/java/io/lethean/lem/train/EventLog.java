package io.lethean.lem.train;

import io.lethean.lem.data.PythonJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Appends each event to a file, one JSON object a line, and hands it on.
 *
 * <p>A resumed training appends: a {@code started} event tells after which iteration it goes on, so that lines of later
 * iterations before it belong to a run that ended without a checkpoint of them.
 */
record EventLog(Path file, TrainingListener next) implements TrainingListener {

    @Override
    public void onEvent(TrainingEvent event) {
        String line = PythonJson.write(event.fields()) + "\n";
        try {
            Files.writeString(
                    file, line, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        next.onEvent(event);
    }
}
