package io.lethean.lem.train;

import io.lethean.lem.TrainingException;
import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Appends each logged event to a file, one JSON object a line, and hands it on.
 *
 * <p>A resumed training appends: a {@code started} event names the iteration after which it resumes, so that lines of
 * later iterations before it belong to a run that ended without a checkpoint of them.
 */
record EventLog(Path file, TrainingListener next) implements TrainingListener {

    /** Continues a log, without a last line that was cut short. */
    static EventLog open(Path file, TrainingListener next) throws IOException {
        if (Files.exists(file)) {
            dropCutLine(file);
        }
        return new EventLog(file, next);
    }

    private static void dropCutLine(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long end = channel.size();
            ByteBuffer last = ByteBuffer.allocate(1);
            while (end > 0 && channel.read(last.clear(), end - 1) == 1 && last.get(0) != '\n') {
                end--;
            }
            channel.truncate(end);
        }
    }

    @Override
    public void onEvent(TrainingEvent event) {
        if (event.isLogged()) {
            append(event);
        }
        next.onEvent(event);
    }

    private void append(TrainingEvent event) {
        String line = PythonJson.write(event.fields()) + "\n";
        try {
            Files.writeString(file, line, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new TrainingException(
                    "The file " + file + " could not be written after iteration "
                            + event.iteration() + " (" + e.getMessage()
                            + "), and the training stopped. Make room, then resume"
                            + " it; the checkpoints are as they were.",
                    e);
        }
    }
}
