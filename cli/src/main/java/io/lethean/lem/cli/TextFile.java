package io.lethean.lem.cli;

import io.lethean.lem.internal.io.DataFile;
import io.lethean.lem.internal.io.Utf8;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;

/** Reads the text files that options name. */
final class TextFile {

    private TextFile() {}

    /**
     * The text without a byte order mark.
     *
     * @throws IOException with a sentence for a user, if the file is not UTF-8
     */
    static String read(Path file) throws IOException {
        try {
            byte[] bytes = DataFile.readAll(file);
            int start = Utf8.byteOrderMark(bytes);
            return Utf8.decode(bytes, start, bytes.length);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not UTF-8 text; convert it, or name another file.", e);
        }
    }
}
