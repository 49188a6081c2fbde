package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.tokenizer.SentencePieceModel.Piece;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/** A SentencePiece vocabulary with the tokens that added_tokens.json and tokenizer_config.json put over it. */
final class SentencePieceTokens {

    /** How SentencePiece writes a space. */
    static final String SPACE = "▁";

    private static final String CONFIG = "tokenizer_config.json";
    private static final String ADDED = "added_tokens.json";
    private static final float ADDED_SCORE = -1000f;

    private final TokenizerFolder folder;
    private final TokenList tokens;

    private SentencePieceTokens(TokenizerFolder folder, TokenList tokens) {
        this.folder = folder;
        this.tokens = tokens;
    }

    static TokenList read(TokenizerFolder folder, OptionalInt vocabularySize) throws IOException {
        List<Piece> pieces = SentencePieceModel.read(folder).pieces();
        int size = vocabularySize.orElse(pieces.size());
        if (pieces.size() > size) {
            throw folder.refuse(
                    "tokenizer-size",
                    SentencePieceModel.FILE,
                    "has " + pieces.size() + " pieces, but the configuration's vocab_size is " + size
                            + "; tokenizer and model do not belong together");
        }
        SentencePieceTokens result = new SentencePieceTokens(folder, new TokenList(size));
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = pieces.get(id);
            result.tokens.set(id, piece.text(), piece.score(), piece.type());
        }
        result.putAdded(folder.json(ADDED));
        result.putDecoded(folder.json(CONFIG).path("added_tokens_decoder"));
        return result.tokens;
    }

    private void putAdded(JsonNode added) {
        for (Map.Entry<String, JsonNode> token : added.properties()) {
            JsonNode id = token.getValue();
            if (!id.isIntegralNumber() || !id.canConvertToLong()) {
                throw folder.refuse(
                        "tokenizer-ids",
                        ADDED,
                        "gives the token " + Quoted.of(token.getKey()) + " the id " + Quoted.of(id.toString())
                                + ", and a whole number is needed");
            }
            set(ADDED, id.longValue(), token.getKey(), TokenType.USER_DEFINED);
        }
    }

    private void putDecoded(JsonNode decoder) {
        for (Map.Entry<String, JsonNode> entry : decoder.properties()) {
            JsonNode content = entry.getValue().path("content");
            if (!content.isString()) {
                throw folder.refuse(
                        "tokenizer-ids",
                        CONFIG,
                        "has an entry " + Quoted.of(entry.getKey()) + " without content in added_tokens_decoder");
            }
            String text = content.stringValue();
            boolean control = entry.getValue().path("special").asBoolean(false) || AddedToken.looksSpecial(text);
            set(
                    CONFIG,
                    number(entry.getKey()),
                    control ? text : text.replace(SPACE, " "),
                    control ? TokenType.CONTROL : TokenType.USER_DEFINED);
        }
    }

    private long number(String id) {
        try {
            return Long.parseLong(id.strip());
        } catch (NumberFormatException e) {
            throw folder.refuse(
                    "tokenizer-ids", CONFIG, "has the key " + Quoted.of(id) + " in added_tokens_decoder, not an id");
        }
    }

    /** The converter leaves out tokens that lie past vocab_size: the model has no row for them. */
    private void set(String file, long id, String text, TokenType type) {
        if (id < 0) {
            throw negative(file, text, id);
        }
        if (id < tokens.size()) {
            tokens.set((int) id, text, ADDED_SCORE, type);
        }
    }

    private InvalidModelException negative(String file, String text, long id) {
        return folder.refuse(
                "tokenizer-ids", file, "gives the token " + Quoted.of(text) + " the id " + id + ", which is negative");
    }
}
