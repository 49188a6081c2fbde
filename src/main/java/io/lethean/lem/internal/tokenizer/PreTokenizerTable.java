package io.lethean.lem.internal.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The names of pre-tokenizers by the fingerprint of the check text, as llama.cpp's converter has them at the pin. */
final class PreTokenizerTable {

    private static final Map<String, String> NAMES = read();

    private PreTokenizerTable() {}

    static Optional<String> name(String fingerprint) {
        return Optional.ofNullable(NAMES.get(fingerprint));
    }

    static Collection<String> names() {
        return new TreeSet<>(NAMES.values());
    }

    private static Map<String, String> read() {
        try (InputStream in = PreTokenizerTable.class.getResourceAsStream("pre-tokenizers.txt")) {
            if (in == null) {
                throw new IllegalStateException("The table of pre-tokenizers is missing from the library.");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" "))
                    .collect(Collectors.toMap(row -> row[0], row -> row[1]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
