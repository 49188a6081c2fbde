package io.lethean.lem.internal.tokenizer;

import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** Byte pairs over SentencePiece's alphabet, with a token for each byte: a SentencePiece vocabulary without scores. */
final class ByteFallbackTokens {

    private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");
    private static final float SCORE = -1000f;

    /** Gemma 4's marks of turns of thought and of tool calls: parsers of answers need to see them. */
    private static final Set<String> VISIBLE = Set.of(
            "<|channel>",
            "<channel|>",
            "<|tool_call>",
            "<tool_call|>",
            "<|tool_response>",
            "<tool_response|>",
            "<|\"|>");

    private ByteFallbackTokens() {}

    static boolean isKindOf(TokenizerJson json) {
        return json.modelType().equals("BPE")
                && json.byteFallback()
                && json.rest().path("decoder").path("type").asString("").equals("Sequence");
    }

    /** Adds the vocabulary of a Llama or Mistral model. */
    static void putLlama(TokenizerFolder folder, TokenizerJson json, TokenizerValues values) throws IOException {
        TokenList tokens = tokens(TokenizerSource.load(folder, json, OptionalInt.empty()), Set.of());
        values.text("tokenizer.ggml.model", "llama");
        values.text("tokenizer.ggml.pre", "default");
        tokens.putWithScores(values);
        SpecialTokens.put(folder, json, OptionalInt.of(tokens.size()), values);
    }

    /** Adds the vocabulary of a Gemma 4 model. */
    static void putGemma4(TokenizerFolder folder, TokenizerJson json, TokenizerValues values) throws IOException {
        if (!isKindOf(json)) {
            throw folder.refuse(
                    "tokenizer-kind",
                    TokenizerJson.FILE,
                    "is of the kind " + Quoted.of(json.modelType())
                            + " without byte fallback, and Gemma 4 needs byte pairs with it");
        }
        TokenList tokens = tokens(TokenizerSource.load(folder, json, OptionalInt.empty()), VISIBLE);
        values.text("tokenizer.ggml.model", "gemma4");
        tokens.putWithScores(values);
        values.texts("tokenizer.ggml.merges", json.mergeTexts());
        SpecialTokens.put(folder, json, OptionalInt.empty(), values);
    }

    private static TokenList tokens(TokenizerSource source, Set<String> visible) {
        int base = source.json().vocabulary().size();
        TokenList tokens = new TokenList(source.size());
        Set<Integer> special = specialIds(source);
        for (Map.Entry<String, Integer> entry : source.json().vocabulary().entrySet()) {
            String text = entry.getKey();
            int id = entry.getValue();
            if (id >= base) {
                throw source.refuse(
                        "tokenizer-ids",
                        "gives the token " + Quoted.of(text) + " the id " + id + ", but has " + base
                                + " tokens: its ids leave gaps");
            }
            boolean isByte = BYTE.matcher(text).matches();
            TokenType type = special.contains(id) ? TokenType.CONTROL : TokenType.NORMAL;
            tokens.set(id, text, SCORE, shown(text, isByte ? TokenType.BYTE : type, visible));
        }
        for (AddedToken token : source.added().all()) {
            if (token.id() >= base) {
                TokenType type = special.contains(token.id()) ? TokenType.CONTROL : TokenType.USER_DEFINED;
                tokens.set(token.id(), token.content(), SCORE, shown(token.content(), type, visible));
            }
        }
        return tokens;
    }

    private static TokenType shown(String text, TokenType type, Set<String> visible) {
        return visible.contains(text) ? TokenType.USER_DEFINED : type;
    }

    private static Set<Integer> specialIds(TokenizerSource source) {
        Set<Integer> ids = new HashSet<>();
        source.config().special().forEach(text -> source.added().find(text).ifPresent(ids::add));
        return ids;
    }
}
