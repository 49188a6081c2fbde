package io.lethean.lem.cli;

import java.nio.file.Path;

/**
 * The model that a command uses.
 *
 * @param file the GGUF file
 * @param source what named it
 */
record LocatedModel(Path file, Source source) {

    /** What decided which model is used. */
    enum Source {
        OPTION("named by --model"),
        VARIABLE("named by the variable LEM_MODEL"),
        CONFIGURATION("named by lem.config.json"),
        DEFAULT("the default model; --model names another"),
        TEST_MODEL("");

        private final String words;

        Source(String words) {
            this.words = words;
        }
    }

    /** The line that tells the user which model it is. */
    String sentence() {
        if (source == Source.TEST_MODEL) {
            return "lem: No model is named, and the default model is not downloaded, so " + file + " is used: a TEST"
                    + " MODEL THAT WRITES WITHOUT MEANING. 'lem pull default' downloads " + DefaultModel.displayName()
                    + " (" + DefaultModel.size() + "); --model names another.";
        }
        return "lem: Model " + file + ", " + source.words + ".";
    }

    /** Tells the user on standard error. */
    LocatedModel announce(Console console) {
        console.note(sentence());
        return this;
    }
}
