package io.lethean.lem.internal.tokenizer;

import java.util.OptionalInt;

/** The vocabulary of a GGUF file as a SentencePiece model. */
final class SentencePieceFile {

    private static final int PIECE = 1;
    private static final int TRAINER = 2;
    private static final int NORMALIZER = 3;

    private static final int BYTE_PAIRS = 2;

    private final GgufVocabulary vocabulary;

    SentencePieceFile(GgufVocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Tokens that were added after training are in other files. */
    byte[] bytes() {
        ProtobufWriter model = new ProtobufWriter();
        int unknown = unknown(vocabulary);
        for (int id = 0; id < vocabulary.trained(); id++) {
            TokenType type = id == unknown ? TokenType.UNKNOWN : vocabulary.type(id);
            model.message(
                    PIECE,
                    new ProtobufWriter()
                            .text(1, vocabulary.text(id).replace(" ", SentencePieceTokens.SPACE))
                            .real(2, vocabulary.score(id))
                            .number(3, type.id()));
        }
        return model.message(TRAINER, trainer(unknown))
                .message(NORMALIZER, normalizer())
                .toBytes();
    }

    private ProtobufWriter trainer(int unknown) {
        ProtobufWriter trainer = new ProtobufWriter()
                .number(3, BYTE_PAIRS)
                .number(4, vocabulary.trained())
                .flag(35, hasBytes(vocabulary))
                .number(40, unknown);
        // Ids that are left out would be 1, 2 and -1.
        number(trainer, 41, vocabulary.special("bos"));
        number(trainer, 42, vocabulary.special("eos"));
        number(trainer, 43, vocabulary.special("padding"));
        trainer.text(45, vocabulary.text(unknown));
        text(trainer, 46, vocabulary.special("bos"));
        text(trainer, 47, vocabulary.special("eos"));
        text(trainer, 48, vocabulary.special("padding"));
        return trainer;
    }

    private static void number(ProtobufWriter trainer, int field, OptionalInt id) {
        trainer.number(field, id.orElse(-1));
    }

    private void text(ProtobufWriter trainer, int field, OptionalInt id) {
        if (id.isPresent()) {
            trainer.text(field, vocabulary.text(id.getAsInt()));
        }
    }

    private ProtobufWriter normalizer() {
        return new ProtobufWriter()
                .text(1, "identity")
                .flag(3, SentencePieceJson.beginsWithSpace(vocabulary))
                .flag(4, false)
                .flag(5, true);
    }

    static boolean hasBytes(GgufVocabulary vocabulary) {
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.type(id) == TokenType.BYTE) {
                return true;
            }
        }
        return false;
    }

    /**
     * The token of what has no other.
     *
     * @throws io.lethean.lem.InvalidModelException if the file names no such token
     */
    static int unknown(GgufVocabulary vocabulary) {
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.type(id) == TokenType.UNKNOWN) {
                return id;
            }
        }
        OptionalInt named = vocabulary.special("unknown");
        OptionalInt usual = named.isPresent() ? named : vocabulary.id("<unk>");
        return usual.orElseThrow(() ->
                vocabulary.refuse("tokenizer-unknown", "has no token for unknown text, which SentencePiece needs"));
    }
}
