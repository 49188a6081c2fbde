package io.lethean.lem.model;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.ContextParameters.Output;
import io.lethean.lem.internal.llama.EmbeddingContext;
import io.lethean.lem.internal.llama.SegmentedTokens;
import io.lethean.lem.internal.llama.Vocabulary;
import io.lethean.lem.model.PairEncoder.Pair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;

/**
 * Embeddings of texts and relevances of documents.
 *
 * <p>Each text is evaluated by itself, so a result depends on its text alone, to the bit. Texts are checked before any is
 * evaluated, on the caller's thread; evaluating is confined to the model's thread.
 */
final class Embedder {

    private final GgufFile file;
    private final EmbeddingFacts facts;
    private final LoadPlan plan;
    private final Vocabulary vocabulary;
    private final EmbeddingContexts contexts;

    Embedder(GgufFile file, ModelLoader.Loaded loaded, EmbeddingContexts contexts) {
        this.file = file;
        this.facts = EmbeddingFacts.of(file);
        this.plan = loaded.plan();
        this.vocabulary = loaded.vocabulary();
        this.contexts = contexts;
    }

    EmbeddingFacts facts() {
        return facts;
    }

    /**
     * The tokens of texts.
     *
     * @throws ContextOverflowException if one has too many
     * @throws IllegalArgumentException if one has no token
     */
    List<int[]> tokens(List<String> texts) {
        List<int[]> tokens = new ArrayList<>();
        for (String text : texts) {
            int[] ids = vocabulary.tokenize(text, true, false);
            requireFits("Text", tokens.size(), texts.size(), ids.length);
            tokens.add(ids);
        }
        return tokens;
    }

    /**
     * The tokens of a query with each document.
     *
     * @throws ContextOverflowException if a pair has too many
     * @throws io.lethean.lem.InvalidModelException if the model does not rerank
     */
    List<Pair> pairs(String query, List<String> documents) {
        facts.requireReranker();
        PairEncoder encoder = new PairEncoder(vocabulary, facts.rerankTemplate());
        List<Pair> pairs = new ArrayList<>();
        for (String document : documents) {
            Pair pair = encoder.encode(query, document);
            requireFits("The query with document", pairs.size(), documents.size(), pair.tokens().length);
            pairs.add(pair);
        }
        return pairs;
    }

    private void requireFits(String what, int index, int count, int tokens) {
        String which = what + " " + (index + 1) + " of " + count;
        if (tokens == 0) {
            throw new IllegalArgumentException(
                    which + " is empty, and this model adds no token of its own; give it some text.");
        }
        int most = plan.contextTokens();
        if (tokens > most) {
            boolean trainedForMore = facts.trainedTokens() > most;
            throw new ContextOverflowException(
                    String.format(
                            Locale.ROOT,
                            "%s has %d tokens, and %s takes %d at most%s. Split the text into shorter ones.",
                            which,
                            tokens,
                            plan.path(),
                            most,
                            trainedForMore
                                    ? " as it was loaded; it was trained for " + facts.trainedTokens()
                                            + " (contextTokens)"
                                    : ""),
                    tokens,
                    most);
        }
    }

    /** The embeddings of texts, in their order. */
    List<float[]> embed(List<int[]> texts, Pooling pooling, boolean normalized, CancelFlag cancel) {
        List<float[]> results = new ArrayList<>();
        int longest = texts.stream().mapToInt(text -> text.length).max().orElse(0);
        for (int[] text : texts) {
            PooledEmbedding pooled = new PooledEmbedding(pooling);
            EmbeddingContext context = watched(Output.TOKEN_EMBEDDINGS, longest, cancel);
            require(!cancel.isRaised() && context.embed(text, pooled::add), results.size(), texts.size());
            results.add(pooled.result(normalized));
        }
        return results;
    }

    private EmbeddingContext watched(Output output, int tokens, CancelFlag cancel) {
        EmbeddingContext context = contexts.get(output, tokens);
        context.context().watch(cancel);
        return context;
    }

    private static void require(boolean evaluated, int done, int count) {
        if (!evaluated) {
            throw new CancellationException(
                    String.format(Locale.ROOT, "The evaluation was cancelled after %d of %d texts.", done, count));
        }
    }

    /** The relevances of documents, in their order. */
    List<Relevance> rank(List<Pair> pairs, CancelFlag cancel) {
        if (!facts.segments()) {
            return rank(pairs, cancel, (context, pair) -> context.classify(pair.tokens()));
        }
        try (SegmentedTokens segmented = new SegmentedTokens(file)) {
            return rank(
                    pairs,
                    cancel,
                    (context, pair) -> context.classify(segmented.vectors(pair.tokens(), pair.second())));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The embeddings of tokens could not be read from " + file.path() + ": " + e.getMessage(), e);
        }
    }

    private interface Classify<X extends Exception> {
        boolean run(EmbeddingContext context, Pair pair) throws X;
    }

    private <X extends Exception> List<Relevance> rank(List<Pair> pairs, CancelFlag cancel, Classify<X> classify)
            throws X {
        List<Relevance> results = new ArrayList<>();
        int longest =
                pairs.stream().mapToInt(pair -> pair.tokens().length).max().orElse(0);
        for (Pair pair : pairs) {
            EmbeddingContext context = watched(Output.LABELS, longest, cancel);
            require(!cancel.isRaised() && classify.run(context, pair), results.size(), pairs.size());
            results.add(relevance(context.labelValues()[0]));
        }
        return results;
    }

    private Relevance relevance(float score) {
        if (!Float.isFinite(score)) {
            throw new NativeCallException(
                    "The model computed a score that is NaN or infinite; its weights or an adapter's are broken. Loading"
                            + " it with checkTensors, and without adapters, tells which.",
                    "llama_get_embeddings_seq",
                    0);
        }
        return new Relevance(score, facts.probabilities() ? score : 1 / (1 + Math.exp(-(double) score)));
    }
}
