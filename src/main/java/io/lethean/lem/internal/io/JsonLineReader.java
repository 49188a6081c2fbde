package io.lethean.lem.internal.io;

import io.lethean.lem.MalformedDataException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON Lines file line by line, skipping blank lines and a byte order mark.
 *
 * <p>Not safe for use by several threads.
 */
public final class JsonLineReader implements Closeable {

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int next;
    private int filled;
    private int number;
    private long end;

    /** Opens a file for reading; the caller closes the reader. */
    public JsonLineReader(Path file) throws IOException {
        this.file = file;
        in = Files.newInputStream(DataFile.requireNoFolder(file));
    }

    /**
     * All objects of a file.
     *
     * @throws MalformedDataException if any line is not a JSON object; also if the last line is incomplete
     */
    public static List<Map<String, Object>> readAll(Path file) throws IOException {
        List<Map<String, Object>> objects = new ArrayList<>();
        try (JsonLineReader reader = new JsonLineReader(file)) {
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                objects.add(line.object());
            }
        }
        return objects;
    }

    /** The next line that is not blank, or null at the end of the file. */
    public @Nullable JsonLine next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (fill()) {
            number++;
            boolean complete = readLine(line);
            byte[] bytes = line.toByteArray();
            int from = number == 1 ? Utf8.byteOrderMark(bytes) : 0;
            if (!isBlank(bytes, from)) {
                byte[] content = from == 0 ? bytes : Arrays.copyOfRange(bytes, from, bytes.length);
                return new JsonLine(file, number, end, complete, content);
            }
            line.reset();
        }
        return null;
    }

    /** Appends the rest of the line without its line feed; false if the file ended first. */
    private boolean readLine(ByteArrayOutputStream line) throws IOException {
        while (fill()) {
            int from = next;
            while (next < filled && buffer[next] != '\n') {
                next++;
            }
            line.write(buffer, from, next - from);
            end += next - from;
            if (next < filled) {
                next++;
                end++;
                return true;
            }
        }
        return false;
    }

    /** Makes sure that there is a byte to read; false at the end of the file. */
    private boolean fill() throws IOException {
        if (next < filled) {
            return true;
        }
        next = 0;
        filled = Math.max(0, in.read(buffer));
        return filled > 0;
    }

    private static boolean isBlank(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
