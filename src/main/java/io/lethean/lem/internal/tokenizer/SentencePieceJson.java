package io.lethean.lem.internal.tokenizer;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The SentencePiece vocabulary of a GGUF file as tokenizer.json: byte pairs with a token for each byte. */
final class SentencePieceJson {

    private final GgufVocabulary vocabulary;

    SentencePieceJson(GgufVocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Whether a text gets a space before it; llama.cpp does so unless the file says otherwise. */
    static boolean beginsWithSpace(GgufVocabulary vocabulary) {
        return vocabulary.flag("add_space_prefix").orElse(true);
    }

    ObjectNode build() {
        TokenizerJsonParts parts = new TokenizerJsonParts(vocabulary);
        ObjectNode root = parts.root();
        root.set("normalizer", normalizer());
        root.putNull("pre_tokenizer");
        root.set("post_processor", parts.template(true));
        root.set("decoder", decoder());
        List<String[]> merges = new SentencePieceMerges(vocabulary).texts();
        ObjectNode model = parts.model(merges);
        model.put("unk_token", vocabulary.text(SentencePieceFile.unknown(vocabulary)));
        model.put("fuse_unk", true);
        model.put("byte_fallback", SentencePieceFile.hasBytes(vocabulary));
        root.set("model", model);
        return root;
    }

    private ObjectNode normalizer() {
        ObjectNode replace = TokenizerJsonParts.node("Replace");
        replace.putObject("pattern").put("String", " ");
        replace.put("content", SentencePieceTokens.SPACE);
        if (!beginsWithSpace(vocabulary)) {
            return replace;
        }
        ObjectNode sequence = TokenizerJsonParts.node("Sequence");
        sequence.putArray("normalizers")
                .add(TokenizerJsonParts.node("Prepend").put("prepend", SentencePieceTokens.SPACE))
                .add(replace);
        return sequence;
    }

    private ObjectNode decoder() {
        ObjectNode sequence = TokenizerJsonParts.node("Sequence");
        ArrayNode members = sequence.putArray("decoders");
        ObjectNode replace = TokenizerJsonParts.node("Replace");
        replace.putObject("pattern").put("String", SentencePieceTokens.SPACE);
        members.add(replace.put("content", " "));
        members.add(TokenizerJsonParts.node("ByteFallback"));
        members.add(TokenizerJsonParts.node("Fuse"));
        if (beginsWithSpace(vocabulary)) {
            members.add(TokenizerJsonParts.node("Strip")
                    .put("content", " ")
                    .put("start", 1)
                    .put("stop", 0));
        }
        return sequence;
    }
}
