package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The pieces of a SentencePiece file: a protobuf message with one message per piece.
 *
 * @param pieces by id
 */
record SentencePieceModel(List<Piece> pieces) {

    static final String FILE = "tokenizer.model";

    private static final long MAX_BYTES = 64L << 20;
    private static final int PIECES = 1;
    private static final int TEXT = 1;
    private static final int SCORE = 2;
    private static final int KIND = 3;

    /** A piece with its score and type. */
    record Piece(String text, float score, TokenType type) {}

    static SentencePieceModel read(TokenizerFolder folder) throws IOException {
        return new Reading(folder).read(folder.bytes(FILE, MAX_BYTES));
    }

    /** One file being read. */
    private static final class Reading {

        private final TokenizerFolder folder;
        private final List<Piece> pieces = new ArrayList<>();
        private final Set<String> texts = new HashSet<>();
        private int unknown;

        Reading(TokenizerFolder folder) {
            this.folder = folder;
        }

        SentencePieceModel read(byte[] bytes) {
            ProtobufReader message = new ProtobufReader(ByteBuffer.wrap(bytes), this::refuse);
            while (message.next()) {
                if (message.is(PIECES, ProtobufReader.BYTES)) {
                    add(piece(message.bytes()));
                } else {
                    message.skip();
                }
            }
            if (unknown != 1) {
                throw refuse("has " + pieces.size() + " pieces, " + unknown
                        + " of them for unknown text, and exactly one is needed; it is not a SentencePiece model");
            }
            return new SentencePieceModel(pieces);
        }

        private void add(Piece piece) {
            if (piece.text().isEmpty() || !texts.add(piece.text())) {
                throw refuse("has the piece " + Quoted.of(piece.text()) + " with id " + pieces.size()
                        + ", which is empty or has another id, too");
            }
            if (piece.type() == TokenType.UNKNOWN) {
                unknown++;
            }
            pieces.add(piece);
            VocabularyLimits.requireCount("pieces", pieces.size(), this::refuse);
        }

        private Piece piece(ByteBuffer data) {
            String text = "";
            float score = 0;
            TokenType type = TokenType.NORMAL;
            ProtobufReader message = new ProtobufReader(data, this::refuse);
            while (message.next()) {
                if (message.is(TEXT, ProtobufReader.BYTES)) {
                    text = text(message.bytes());
                } else if (message.is(SCORE, ProtobufReader.FIXED32)) {
                    score = message.float32();
                } else if (message.is(KIND, ProtobufReader.VARINT)) {
                    type = type(message.varint());
                } else {
                    message.skip();
                }
            }
            return new Piece(text, score, type);
        }

        /** The converter takes user-defined pieces for normal ones. */
        private TokenType type(long number) {
            if (number < 1 || number > TokenType.values().length) {
                throw refuse("has piece " + pieces.size() + " of the unknown type " + number);
            }
            TokenType type = TokenType.values()[(int) number - 1];
            return type == TokenType.USER_DEFINED ? TokenType.NORMAL : type;
        }

        private String text(ByteBuffer bytes) {
            try {
                return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            } catch (CharacterCodingException e) {
                throw refuse("has piece " + pieces.size() + ", which is not UTF-8");
            }
        }

        private InvalidModelException refuse(String problem) {
            return folder.refuse("sentencepiece", FILE, problem);
        }
    }
}
