package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufType;
import java.util.Arrays;
import java.util.List;

/** The tokens of a vocabulary by id; an id without a token holds {@code [PADid]}, which is never produced. */
final class TokenList {

    private static final float UNUSED_SCORE = -10_000f;

    private final String[] texts;
    private final float[] scores;
    private final TokenType[] types;

    TokenList(int size) {
        texts = new String[size];
        scores = new float[size];
        types = new TokenType[size];
        Arrays.setAll(texts, id -> "[PAD" + id + "]");
        Arrays.fill(scores, UNUSED_SCORE);
        Arrays.fill(types, TokenType.UNUSED);
    }

    int size() {
        return texts.length;
    }

    void set(int id, String text, float score, TokenType type) {
        texts[id] = text;
        scores[id] = score;
        types[id] = type;
    }

    void set(int id, String text, TokenType type) {
        set(id, text, 0, type);
    }

    String text(int id) {
        return texts[id];
    }

    TokenType type(int id) {
        return types[id];
    }

    void putWithScores(TokenizerValues target) {
        putTexts(target);
        target.put("tokenizer.ggml.scores", GgufArray.ofFloats(scores));
        putTypes(target);
    }

    void putWithoutScores(TokenizerValues target) {
        putTexts(target);
        putTypes(target);
    }

    private void putTexts(TokenizerValues target) {
        target.put("tokenizer.ggml.tokens", GgufArray.ofStrings(List.of(texts)));
    }

    private void putTypes(TokenizerValues target) {
        long[] ids = Arrays.stream(types).mapToLong(TokenType::id).toArray();
        target.put("tokenizer.ggml.token_type", GgufArray.ofIntegers(GgufType.INT32, ids));
    }
}
