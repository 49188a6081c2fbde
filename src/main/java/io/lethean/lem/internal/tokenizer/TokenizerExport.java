package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tokenizer of a GGUF file as the files of a Hugging Face folder: the way back from {@link HfTokenizer}.
 *
 * <p>Texts become the tokens that llama.cpp makes of them: added tokens are found exactly and first, and pieces of
 * SentencePiece are merged in the order of their scores.
 */
public final class TokenizerExport {

    static final String SENTENCE_PIECE = "llama";
    static final String BYTE_PAIRS = "gpt2";

    /** Tokens that end an answer in chats, by which llama.cpp stops whatever the file says. */
    private static final Set<String> ENDS =
            Set.of("<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<end_of_turn>");

    private final GgufVocabulary vocabulary;
    private final ObjectNode json;

    private TokenizerExport(GgufVocabulary vocabulary, ObjectNode json) {
        this.vocabulary = vocabulary;
        this.json = json;
    }

    /**
     * Reads the tokenizer of a file.
     *
     * @throws InvalidModelException if the file has no tokenizer, or one that these files cannot express
     */
    public static TokenizerExport of(GgufMetadata metadata, Path file) {
        GgufVocabulary vocabulary = GgufVocabulary.of(metadata, file);
        return new TokenizerExport(
                vocabulary,
                switch (vocabulary.kind()) {
                    case BYTE_PAIRS -> new BytePairJson(vocabulary).build();
                    case SENTENCE_PIECE -> new SentencePieceJson(vocabulary).build();
                    default ->
                        throw vocabulary.refuse(
                                "tokenizer-kind",
                                "has a tokenizer of the kind " + Quoted.of(vocabulary.kind())
                                        + ", and byte pairs (\"gpt2\") and SentencePiece (\"llama\") can be exported");
                });
    }

    /**
     * Writes tokenizer.json and tokenizer_config.json, and tokenizer.model for SentencePiece.
     *
     * @param context the longest text that the model takes
     */
    public void write(Path folder, long context) throws IOException {
        if (vocabulary.kind().equals(SENTENCE_PIECE)) {
            byte[] model = new SentencePieceFile(vocabulary).bytes();
            AtomicFile.write(folder.resolve(SentencePieceModel.FILE), part -> Files.write(part, model));
        }
        AtomicFile.write(
                folder.resolve(TokenizerJson.FILE), part -> TokenizerFolder.JSON.writeValue(part.toFile(), json));
        ObjectNode config = new TokenizerConfigJson(vocabulary).build(context);
        AtomicFile.writeText(
                folder.resolve(TokenizerConfig.FILE),
                TokenizerFolder.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
    }

    /** Whether transformers reads this tokenizer by the rule of its class for Qwen 2, and that rule is another one. */
    public boolean differsFromQwen2() {
        return vocabulary.kind().equals(BYTE_PAIRS)
                && PreTokenizerForm.named(vocabulary.preTokenizer()).orElseThrow() != PreTokenizerForm.QWEN2;
    }

    /** The number of tokens, without padding at the end. */
    public int size() {
        return vocabulary.size();
    }

    /** The id of a token by llama.cpp's name for it, such as {@code bos} or {@code padding}. */
    public OptionalInt special(String kind) {
        return vocabulary.special(kind);
    }

    /** All tokens that end an answer: EOS, those of turns and messages, and those that end them by custom. */
    public List<Integer> ends() {
        List<Integer> ends = new ArrayList<>();
        for (String kind : List.of("eos", "eot", "eom")) {
            vocabulary.special(kind).ifPresent(ends::add);
        }
        for (int id = 0; id < vocabulary.size(); id++) {
            if (ENDS.contains(vocabulary.text(id)) && vocabulary.isAdded(id)) {
                ends.add(id);
            }
        }
        return ends.stream().distinct().toList();
    }
}
