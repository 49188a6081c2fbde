package io.lethean.lem.evaluation.standard;

import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Questions and answers before a multiple-choice question.
 *
 * @param name recorded with the results
 * @param text without the blank line after it; empty for no preamble
 */
public record Preamble(String name, String text) {

    /** {@return six questions and answers of our own, in the form of lm-evaluation-harness's six} */
    public static Preamble ours() {
        try (InputStream in = Objects.requireNonNull(Preamble.class.getResourceAsStream("truthfulqa-preamble.txt"))) {
            return new Preamble("lem-1 (six pairs)", new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * {@return a file's text, named by the file and its content; an empty file gives an empty preamble}
     *
     * @param file a file in UTF-8
     * @throws IOException if the file cannot be read
     */
    public static Preamble read(Path file) throws IOException {
        String text = Files.readString(file).strip();
        return new Preamble(file.getFileName() + " sha256:" + Sha256.of(text), text);
    }

    /** The text before the answers of a question. */
    String context(String question) {
        return (text.isEmpty() ? "" : text + "\n\n") + "Q: " + question + "\nA:";
    }
}
