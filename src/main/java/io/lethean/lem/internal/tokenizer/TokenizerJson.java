package io.lethean.lem.internal.tokenizer;

import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The content of a tokenizer.json.
 *
 * @param modelType BPE, WordPiece, Unigram or WordLevel
 * @param model the settings of the model, without its vocabulary and merges
 * @param vocabulary tokens with their ids, in the order of the file; empty for Unigram
 * @param merges in the order of their rank
 * @param mergesAsTexts whether the file holds merges as "a b" and not as pairs
 * @param added the added tokens in the order of the file
 * @param rest normalizer, pre_tokenizer, post_processor and decoder
 */
record TokenizerJson(
        String modelType,
        JsonNode model,
        Map<String, Integer> vocabulary,
        List<Merge> merges,
        boolean mergesAsTexts,
        List<AddedToken> added,
        JsonNode rest) {

    static final String FILE = "tokenizer.json";

    private static final String SPACE = " ";

    /** The visible form of a space in byte-level vocabularies, which keeps the two halves of a merge apart. */
    private static final String VISIBLE_SPACE = "Ġ";

    /** Two tokens that become one. */
    record Merge(String left, String right) {}

    boolean byteFallback() {
        return model.path("byte_fallback").asBoolean(false);
    }

    boolean ignoresMerges() {
        return model.path("ignore_merges").asBoolean(false);
    }

    /** Whether it holds a byte-level pre-tokenizer or decoder, as GPT-2 and its descendants do. */
    boolean byteLevel() {
        return anyType(rest.path("pre_tokenizer"), "pretokenizers", Set.of("ByteLevel"))
                || anyType(rest.path("decoder"), "decoders", Set.of("ByteLevel"));
    }

    private static boolean anyType(JsonNode node, String members, Set<String> types) {
        if (types.contains(node.path("type").asString(""))) {
            return true;
        }
        for (JsonNode member : node.path(members).values()) {
            if (types.contains(member.path("type").asString(""))) {
                return true;
            }
        }
        return false;
    }

    /** The merges as a GGUF file holds them: the halves with one space between them. */
    List<String> mergeTexts() {
        return merges.stream().map(this::mergeText).toList();
    }

    private String mergeText(Merge merge) {
        if (mergesAsTexts) {
            return merge.left() + SPACE + merge.right();
        }
        return merge.left().replace(SPACE, VISIBLE_SPACE)
                + SPACE
                + merge.right().replace(SPACE, VISIBLE_SPACE);
    }
}
