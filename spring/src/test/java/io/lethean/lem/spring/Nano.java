package io.lethean.lem.spring;

import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The small model of this project. */
final class Nano {

    static final Path FILE = Path.of("models/lem-nano.gguf");

    private Nano() {}

    static LemModel load() {
        return load(FILE);
    }

    static LemModel load(Path file) {
        try {
            return LemModel.load(
                    file,
                    ModelOptions.builder()
                            .contextTokens(2048)
                            .device("cpu")
                            .threads(1)
                            .build());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
