package io.lethean.lem.langchain4j;

import io.lethean.lem.model.LemModel;

/** The name under which a model answers. */
final class ModelNames {

    private ModelNames() {}

    /** The name in the model's file; without one, the name of the file. */
    static String of(LemModel model) {
        String named = model.metadata().getOrDefault("general.name", "");
        return named.isBlank() ? String.valueOf(model.info().weights().path().getFileName()) : named;
    }
}
