package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.internal.io.PythonJson;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** A JSON Lines file that is written to its end, each line on the disk before the next call. */
public final class LineFile implements Closeable {

    private final Path file;
    private final FileChannel channel;

    /** Opens a file, or makes it, and drops everything after the bytes to keep: a line that was cut. */
    public LineFile(Path file, long keptBytes) throws IOException {
        this.file = file;
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            channel.truncate(keptBytes);
            channel.position(keptBytes);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** @throws IOException with a sentence that names the file, if the disk is full */
    public void append(Map<String, ?> line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((PythonJson.write(line) + "\n").getBytes(StandardCharsets.US_ASCII));
        try {
            AtomicFile.writeAll(channel, bytes);
            channel.force(false);
        } catch (IOException e) {
            throw AtomicFile.named(file, e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
