package io.lethean.lem.quantize;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.model.FlashAttention;
import io.lethean.lem.model.KvType;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Compares a merged model with its base and adapters on a text.
 *
 * <p>Both models are loaded and run on the CPU with keys and values in 32 bits, so that a difference is due to the
 * merge.
 *
 * @param text to compare on; its first tokens are used, at most 8 sequences of at most 256
 * @param threads to evaluate with; at most the number of processors is used
 */
public record MergeParity(String text, int threads) {

    private static final int MOST_SEQUENCES = 8;
    private static final int MOST_TOKENS = 256;

    /** Keeps the logits of a sequence, two of a kind in memory at a time, below 64 MB each. */
    private static final int MOST_LOGITS = 16 << 20;

    /**
     * Evaluates both models.
     *
     * @throws IllegalArgumentException if the text has fewer than two tokens
     * @throws IOException if a file cannot be read
     */
    public LogitParity compare(Path base, List<AdapterUse> adapters, Path merged) throws IOException {
        try (LemModel one = load(base);
                LemModel other = load(merged)) {
            one.setAdapters(adapters);
            return LogitParity.compare(source(one), source(other), sequences(one));
        }
    }

    private LemModel load(Path path) throws IOException {
        return LemModel.load(
                path,
                ModelOptions.builder()
                        .threads(Math.min(threads, Runtime.getRuntime().availableProcessors()))
                        .device("cpu")
                        .contextTokens(MOST_TOKENS)
                        .kvType(KvType.F32)
                        .flashAttention(FlashAttention.OFF)
                        .build());
    }

    private static LogitSource source(LemModel model) {
        return (tokens, rows) -> model.logitRows(Arrays.stream(tokens).boxed().toList(), rows);
    }

    private List<int[]> sequences(LemModel model) {
        int[] tokens = model.tokenize(text, true, false).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        if (tokens.length < 2) {
            throw new IllegalArgumentException("The text to compare the models on has fewer than two tokens.");
        }
        int length = Math.clamp(MOST_LOGITS / model.info().vocabulary().size(), 2, MOST_TOKENS);
        List<int[]> sequences = new ArrayList<>();
        for (int from = 0; from + 2 <= tokens.length && sequences.size() < MOST_SEQUENCES; from += length) {
            sequences.add(Arrays.copyOfRange(tokens, from, Math.min(from + length, tokens.length)));
        }
        return sequences;
    }
}
