package io.lethean.lem.model;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.gguf.VocabularyGuard;
import io.lethean.lem.internal.llama.ContextParameters.Output;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What a model's file says about embeddings and reranking.
 *
 * @param path the file
 * @param encoder whether its tokens attend to later ones, so that it cannot continue a text
 * @param trainedTokens the longest text that it was trained for; 0 where the file does not say
 * @param pooling the number of its pooling in llama.h; -1 where the file does not say
 * @param labels values of its classification head; 0 without a head
 * @param probabilities whether the head ends in a softmax over yes and no
 * @param segments whether a query and a document are told apart by token types
 * @param rerankTemplate the text in which query and document are put
 */
record EmbeddingFacts(
        Path path,
        boolean encoder,
        int trainedTokens,
        int pooling,
        int labels,
        boolean probabilities,
        boolean segments,
        Optional<String> rerankTemplate) {

    /** Encoders of the pinned release, whether or not their files say so. */
    private static final Set<String> ENCODERS = Set.of(
            "bert",
            "jina-bert-v2",
            "jina-bert-v3",
            "nomic-bert",
            "nomic-bert-moe",
            "neo-bert",
            "eurobert",
            "modern-bert",
            "gemma-embedding");

    /** Architectures that apply a softmax to the output of the head in the pinned release. */
    private static final Set<String> SOFTMAX = Set.of("qwen3", "qwen3vl");

    private static final int UNSPECIFIED = -1;
    private static final int MEAN = 1;
    private static final int CLS = 2;
    private static final int LAST = 3;
    private static final int RANK = 4;

    static EmbeddingFacts of(GgufFile file) {
        GgufMetadata metadata = file.metadata();
        String architecture = metadata.architecture();
        return new EmbeddingFacts(
                file.path(),
                ENCODERS.contains(architecture)
                        || !metadata.bool(metadata.ownKey("attention.causal")).orElse(true),
                trainedTokens(file),
                (int) metadata.integer(metadata.ownKey("pooling_type")).orElse(UNSPECIFIED),
                labels(file),
                SOFTMAX.contains(architecture),
                hasSegments(file),
                metadata.text("tokenizer.chat_template.rerank"));
    }

    /** A table of positions is read without a check, so it bounds what the metadata say. */
    private static int trainedTokens(GgufFile file) {
        int trained = LoadPlanner.trainedContext(file);
        return file.tensor("position_embd.weight")
                .map(table -> Math.clamp(table.dim(1), 1, trained == 0 ? Integer.MAX_VALUE : trained))
                .orElse(trained);
    }

    private static int labels(GgufFile file) {
        if (file.tensor("cls.output.weight").isEmpty()) {
            return 0;
        }
        return file.metadata()
                .array(file.metadata().ownKey("classifier.output_labels"))
                .map(GgufArray::size)
                .orElse(1);
    }

    /** Tokenizers of the form of BERT number the texts of a pair; others have one type of token. */
    private static boolean hasSegments(GgufFile file) {
        return VocabularyGuard.of(file.metadata()).kind() == VocabularyGuard.Kind.WORD_PIECE
                && file.tensor("token_types.weight")
                        .filter(types -> types.dims().size() == 2 && types.dim(1) > 1)
                        .isPresent();
    }

    /** What the model's own context computes. */
    Output output() {
        if (!encoder) {
            return Output.LOGITS;
        }
        return pooling == RANK && labels > 0 ? Output.LABELS : Output.TOKEN_EMBEDDINGS;
    }

    /**
     * The pooling that is used.
     *
     * @throws InvalidModelException if it is left to the file, which does not say
     */
    Pooling pooling(Optional<Pooling> asked) {
        return asked.orElseGet(() -> switch (pooling) {
            case MEAN -> Pooling.MEAN;
            case CLS -> Pooling.CLS;
            case LAST -> Pooling.LAST;
            case RANK ->
                throw new InvalidModelException(
                        "pooling",
                        "The model " + path + " is a reranker: it computes a score for a query and a document, and no"
                                + " embeddings. Use rerank, or name a pooling to get embeddings nevertheless.");
            default ->
                throw new InvalidModelException(
                        "pooling",
                        "The file " + path + " does not say how the embeddings of a text's tokens become one"
                                + " (pooling_type). Name the pooling: mean, cls or last.");
        });
    }

    /** @throws InvalidModelException if the model does not rerank */
    void requireReranker() {
        boolean poolsOtherwise = pooling != RANK && pooling != UNSPECIFIED;
        if (labels == 0 || poolsOtherwise) {
            throw new InvalidModelException(
                    "reranks",
                    "The model " + path + " is not a reranker: "
                            + (labels == 0
                                    ? "it has no classification head (cls.output.weight)."
                                    : "its file names another pooling (pooling_type " + pooling + ", expected " + RANK
                                            + ").")
                            + " Use a cross-encoder that was trained to score a query and a document.");
        }
        if (labels != 1 && !probabilities) {
            throw new InvalidModelException(
                    "reranks",
                    "The model " + path + " has a classification head with " + labels
                            + " labels, and a reranker has 1. It sorts texts into classes, which this library does not"
                            + " do; use a cross-encoder that was trained to score a query and a document.");
        }
    }

    /** @throws InvalidModelException if the model cannot continue a text */
    void requireGenerator() {
        if (encoder) {
            throw new InvalidModelException(
                    "generates-text",
                    "The model " + path + " is an encoder: it makes embeddings" + (labels > 0 ? " or scores" : "")
                            + " and cannot continue a text. Use embed or rerank, or load a model that generates text.");
        }
    }
}
