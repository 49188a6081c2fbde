package io.lethean.lem.langchain4j;

import io.lethean.lem.Fixtures;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The small real model that the suites ask; loaded once for all of them, and open until the process ends. */
final class RealModel {

    private static final class Smollm2 {
        static final LemModel MODEL = load(Fixtures.realModel("smollm2"));
    }

    private RealModel() {}

    static LemModel smollm2() {
        return Smollm2.MODEL;
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
