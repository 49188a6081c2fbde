package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the text files that options name. */
final class TextFile {

    private TextFile() {}

    /** @throws IOException with a sentence for a user, if the file is not UTF-8 either */
    static String read(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not UTF-8 text; convert it, or name another file.", e);
        }
    }
}
