package io.lethean.lem.model;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a token adds to the text.
 *
 * @param bytes its bytes, which need not be whole characters; none for a special token
 * @param text the same as text, null where the bytes are not whole characters
 * @param special whether it is a control or unknown token, which is never part of the text
 * @param endOfGeneration whether it ends the model's turn
 */
record Piece(byte[] bytes, @Nullable String text, boolean special, boolean endOfGeneration) {

    static Piece of(byte[] bytes, boolean special, boolean endOfGeneration) {
        return new Piece(bytes, decode(bytes), special, endOfGeneration);
    }

    private static @Nullable String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException partOfACharacter) {
            return null;
        }
    }
}
