package io.lethean.lem.spring;

import io.lethean.lem.model.LemModel;

/** The name that a model has if nobody gives it one. */
final class ModelNames {

    private static final String SUFFIX = ".gguf";

    private ModelNames() {}

    /** The name of the file without {@code .gguf}, as in LEM's server. */
    static String of(LemModel model) {
        String file = String.valueOf(model.info().weights().path().getFileName());
        return file.endsWith(SUFFIX) ? file.substring(0, file.length() - SUFFIX.length()) : file;
    }

    /** @throws IllegalArgumentException if another model is asked for than the one that is there */
    static void require(String asked, String name) {
        if (!asked.equals(name)) {
            throw new IllegalArgumentException("The request asks for the model '" + asked + "', and this model is '"
                    + name + "'. Leave the model out of the options, or ask another bean.");
        }
    }
}
