package io.lethean.lem.internal.tokenizer;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Reads the tokenizer of a Hugging Face folder as the GGUF metadata that llama.cpp's converter writes for it. */
public final class HfTokenizer {

    private static final int CODE_LLAMA_TOKENS = 32016;
    private static final int CODE_LLAMA_EOT = 32010;
    private static final int WITHOUT_BOS_TOKENS = 49152;
    private static final String ADD_SPACE_PREFIX = "tokenizer.ggml.add_space_prefix";

    private final TokenizerRequest request;
    private final TokenizerFolder folder;
    private final PreTokenizerProof proof;
    private final TokenizerValues values = new TokenizerValues();

    private HfTokenizer(TokenizerRequest request, PreTokenizerProof proof) {
        this.request = request;
        this.folder = new TokenizerFolder(request.folder());
        this.proof = proof;
    }

    /**
     * Reads a tokenizer.
     *
     * @param proof tokenizes with llama.cpp, to prove the name of the pre-tokenizer
     * @throws InvalidModelException if files are missing, contradict each other or the model, or cannot be expressed
     * @throws IOException if a file cannot be read
     */
    public static TokenizerMetadata read(TokenizerRequest request, PreTokenizerProof proof) throws IOException {
        HfTokenizer reading = new HfTokenizer(request, proof);
        int size = request.vocabularySize().orElse(1);
        if (size < 1 || size > VocabularyLimits.MAX_TOKENS) {
            throw reading.folder.refuseFolder(
                    "tokenizer-size",
                    "belongs to a model with vocab_size " + size + ", and 1 to " + VocabularyLimits.MAX_TOKENS
                            + " are possible");
        }
        reading.read();
        return reading.values.metadata();
    }

    private void read() throws IOException {
        switch (request.family()) {
            case LLAMA -> readLlama();
            case QWEN -> {
                if (hasSentencePiece()) {
                    readSentencePiece();
                } else {
                    readBytePairs();
                }
            }
            case GEMMA2 -> {
                requireSentencePiece();
                readSentencePiece();
                values.flag(ADD_SPACE_PREFIX, false);
            }
            case GEMMA3 -> readGemma3();
            case GEMMA4 -> readGemma4();
            case BYTE_PAIR -> readBytePairs();
            case BERT -> WordPieceTokens.put(folder, request, proof, values);
        }
    }

    private void readLlama() throws IOException {
        var prefix = folder.json(TokenizerConfig.FILE).path("add_prefix_space");
        if (prefix.isBoolean()) {
            values.flag(ADD_SPACE_PREFIX, prefix.booleanValue());
        }
        if (hasSentencePiece()) {
            readSentencePiece();
        } else {
            TokenizerJson json = requireJson();
            if (ByteFallbackTokens.isKindOf(json)) {
                ByteFallbackTokens.putLlama(folder, json, values);
            } else {
                BytePairTokens.put(folder, json, request, proof, values);
            }
        }
        // Two sizes stand for two families, CodeLlama and small Granite models.
        int size = request.vocabularySize().orElse(0);
        if (size == CODE_LLAMA_TOKENS) {
            values.idIfAbsent("tokenizer.ggml.eot_token_id", CODE_LLAMA_EOT);
        }
        if (size == WITHOUT_BOS_TOKENS) {
            values.flag("tokenizer.ggml.add_bos_token", false);
        }
    }

    private void readGemma3() throws IOException {
        if (hasSentencePiece()) {
            readSentencePiece();
            values.flag(ADD_SPACE_PREFIX, false);
            return;
        }
        TokenizerJson json = requireJson();
        if (!json.byteLevel()) {
            throw missingSentencePiece();
        }
        BytePairTokens.put(folder, json, request, proof, values);
    }

    private void readGemma4() throws IOException {
        ByteFallbackTokens.putGemma4(folder, requireJson(), values);
        values.flag(ADD_SPACE_PREFIX, false);
        values.flag("tokenizer.ggml.add_bos_token", true);
    }

    private boolean hasSentencePiece() {
        return folder.has(SentencePieceModel.FILE);
    }

    private void readSentencePiece() throws IOException {
        TokenList tokens = SentencePieceTokens.read(folder, request.vocabularySize());
        values.text("tokenizer.ggml.model", "llama");
        values.text("tokenizer.ggml.pre", "default");
        tokens.putWithScores(values);
        SpecialTokens.put(folder, optionalJson(), OptionalInt.of(tokens.size()), values);
    }

    private void readBytePairs() throws IOException {
        BytePairTokens.put(folder, requireJson(), request, proof, values);
    }

    private void requireSentencePiece() {
        if (!hasSentencePiece()) {
            throw missingSentencePiece();
        }
    }

    private InvalidModelException missingSentencePiece() {
        return folder.refuseFolder(
                "tokenizer-files",
                "has no " + SentencePieceModel.FILE + ", which a Gemma model needs: its tokenizer.json alone cannot be"
                        + " expressed in GGUF; copy tokenizer.model from the original model into the folder");
    }

    private @Nullable TokenizerJson optionalJson() throws IOException {
        return folder.has(TokenizerJson.FILE) ? TokenizerJsonReader.read(folder) : null;
    }

    private TokenizerJson requireJson() throws IOException {
        if (folder.has(TokenizerJson.FILE)) {
            return TokenizerJsonReader.read(folder);
        }
        String what = folder.has("tekken.json")
                ? "is Mistral's tekken.json alone, which is not read; take tokenizer.json from the model's"
                        + " transformers form"
                : "has neither tokenizer.json nor tokenizer.model; a fine-tuned model uses those of its base model:"
                        + " copy them from there into the folder";
        throw folder.refuseFolder("tokenizer-files", what);
    }
}
