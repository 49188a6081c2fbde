package io.lethean.lem.internal.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/** The tokens of a byte-pair or word-piece vocabulary by id, with their types. */
final class VocabularyTokens {

    private VocabularyTokens() {}

    static TokenList of(TokenizerSource source, OptionalInt vocabularySize) {
        TokenList tokens = new TokenList(source.requireRoom(vocabularySize));
        source.json().vocabulary().forEach((text, id) -> tokens.set(id, text, TokenType.NORMAL));
        boolean byteLevel = decoders(source.json().rest().path("decoder")).stream()
                .anyMatch(decoder -> decoder.path("type").asString("").equals("ByteLevel"));
        for (AddedToken token : source.added().all()) {
            String text = token.normalized() || !byteLevel ? token.content() : decoded(token.content());
            boolean control = token.special() || AddedToken.looksSpecial(text);
            tokens.set(
                    token.id(),
                    control ? text : text.replace(SentencePieceTokens.SPACE, " "),
                    control ? TokenType.CONTROL : TokenType.USER_DEFINED);
        }
        return tokens;
    }

    private static List<JsonNode> decoders(JsonNode decoder) {
        List<JsonNode> all = new ArrayList<>(List.of(decoder));
        all.addAll(decoder.path("decoders").values());
        return all;
    }

    /**
     * The text that a byte-level decoder makes of a token: bytes, if each of its characters stands for a byte. So a token
     * with the letter é, which stands for half of a character, is a replacement character.
     */
    private static String decoded(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < token.length(); i++) {
            int value = ByteLetters.value(token.charAt(i));
            if (value < 0) {
                return token;
            }
            bytes[i] = (byte) value;
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
