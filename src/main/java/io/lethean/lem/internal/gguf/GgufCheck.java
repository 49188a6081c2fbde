package io.lethean.lem.internal.gguf;

import io.lethean.lem.InvalidModelException;

/**
 * Decides whether llama.cpp may see a file.
 *
 * <p>llama.cpp answers most broken files with an error, but on some it ends the process: by a failed assertion, an
 * access outside memory, a loop without end. Files of that kind are refused here, each by a named {@link GgufRule}.
 * A file that is merely useless passes, and llama.cpp says so.
 */
public final class GgufCheck {

    private GgufCheck() {}

    /**
     * Checks a model, as read by {@link GgufFile#read}, which has checked the structure of the header.
     *
     * @throws InvalidModelException naming the first rule that the file breaks
     */
    public static void requireModel(GgufFile file) {
        LayoutCheck.require(file);
        HyperparameterCheck.require(file);
        ArchitectureCheck.require(file);
        VocabularyCheck.require(file);
        TensorUseCheck.require(file);
    }

    /**
     * Checks a file of which only the vocabulary is used, not the weights.
     *
     * @throws InvalidModelException naming the first rule that the file breaks
     */
    public static void requireVocabulary(GgufFile file) {
        LayoutCheck.require(file);
        VocabularyCheck.require(file);
    }

    /**
     * Checks a LoRA adapter against the model that it is to be used with.
     *
     * @throws InvalidModelException naming the first rule that the adapter breaks
     */
    public static void requireAdapter(GgufFile adapter, GgufFile base) {
        LayoutCheck.require(adapter);
        AdapterCheck.require(adapter, base);
    }
}
