package io.lethean.lem.internal.io;

import io.lethean.lem.MalformedDataException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** One line of a JSON Lines file, not yet parsed, so that a bad line does not keep the good ones from being read. */
public final class JsonLine {

    private final Path file;
    private final int number;
    private final long end;
    private final boolean complete;
    private final byte[] bytes;

    JsonLine(Path file, int number, long end, boolean complete, byte[] bytes) {
        this.file = file;
        this.number = number;
        this.end = end;
        this.complete = complete;
        this.bytes = bytes;
    }

    /** The line's number in its file, from 1; blank lines count. */
    public int number() {
        return number;
    }

    /** The file's length in bytes up to the end of this line, the line feed included. */
    public long end() {
        return end;
    }

    /**
     * Whether the line ends with a line feed. If the writer was killed, the last line lacks it and may be cut anywhere.
     */
    public boolean isComplete() {
        return complete;
    }

    /**
     * The object on this line: members in the file's order, integers as {@code Long} or {@code BigInteger}, other
     * numbers as {@code Double}, arrays as {@code List}, objects as {@code Map}.
     *
     * @throws MalformedDataException if the line is not UTF-8, not JSON, or not an object
     */
    @SuppressWarnings("unchecked") // keys of a JSON object are strings
    public Map<String, Object> object() throws MalformedDataException {
        if (parse() instanceof Map<?, ?> object) {
            return (Map<String, Object>) object;
        }
        throw malformed("this line holds JSON but not an object; expected one {...} a line.", null);
    }

    private @Nullable Object parse() throws MalformedDataException {
        try {
            return Json.parse(Utf8.decode(bytes));
        } catch (CharacterCodingException e) {
            throw malformed("this line is not UTF-8 text.", e);
        } catch (JacksonException e) {
            throw malformed("this line is not JSON: " + Json.problem(e).replaceFirst("line 1, ", "") + ".", e);
        }
    }

    /** The file that the line comes from. */
    public Path file() {
        return file;
    }

    /** An error about this line, which names the file and the line. */
    public MalformedDataException malformed(String problem) {
        return malformed(problem, null);
    }

    private MalformedDataException malformed(String problem, @Nullable Throwable cause) {
        return new MalformedDataException(file, number, problem, cause);
    }
}
