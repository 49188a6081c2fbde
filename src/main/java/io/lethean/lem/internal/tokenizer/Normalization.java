package io.lethean.lem.internal.tokenizer;

import tools.jackson.databind.JsonNode;

/** What a tokenizer does to the letters of a text before it looks for words, as far as llama.cpp reads it. */
final class Normalization {

    private static final String LOWERCASE = "tokenizer.ggml.normalizer.lowercase";
    private static final String STRIP_ACCENTS = "tokenizer.ggml.normalizer.strip_accents";

    private Normalization() {}

    static void put(JsonNode normalizer, TokenizerValues target) {
        Found found = new Found();
        found.read(normalizer);
        if (found.lowercase.isBoolean()) {
            target.flag(LOWERCASE, found.lowercase.booleanValue());
        }
        if (found.stripAccents.isBoolean()) {
            target.flag(STRIP_ACCENTS, found.stripAccents.booleanValue());
        }
    }

    /** What a normalizer and its members say; the last one counts. */
    private static final class Found {

        private static final JsonNode TRUE = TokenizerFolder.JSON.readTree("true");

        private JsonNode lowercase = TokenizerFolder.JSON.nullNode();
        private JsonNode stripAccents = TokenizerFolder.JSON.nullNode();

        void read(JsonNode normalizer) {
            switch (normalizer.path("type").asString("")) {
                case "Lowercase" -> lowercase = TRUE;
                case "StripAccents" -> stripAccents = TRUE;
                case "BertNormalizer" -> {
                    lowercase = normalizer.has("lowercase") ? normalizer.path("lowercase") : lowercase;
                    stripAccents = normalizer.has("strip_accents") ? normalizer.path("strip_accents") : stripAccents;
                }
                case "Sequence" -> normalizer.path("normalizers").forEach(this::read);
                default -> {}
            }
        }
    }
}
