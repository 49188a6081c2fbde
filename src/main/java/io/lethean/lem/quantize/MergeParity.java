package io.lethean.lem.quantize;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.io.TemporaryFolder;
import io.lethean.lem.model.FlashAttention;
import io.lethean.lem.model.KvType;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * @param base the base model
     * @param adapters what was merged into it
     * @param merged the merged model
     * @return how far the two are apart
     * @throws IllegalArgumentException if the text has fewer than two tokens
     * @throws IOException if a file cannot be read
     */
    public LogitParity compare(Path base, List<AdapterUse> adapters, Path merged) throws IOException {
        try (Reference reference = open(base, adapters)) {
            return reference.compare(merged);
        }
    }

    /**
     * Loads what merged models are compared with: the base with its adapters or, where an adapter is one of DoRA, which
     * llama.cpp cannot apply, the exact merge in 32-bit floats, written to a temporary file.
     */
    Reference open(Path base, List<AdapterUse> adapters) throws IOException {
        boolean exact = false;
        for (AdapterUse use : adapters) {
            exact |= !AdapterFiles.locate(use.path()).isApplicable();
        }
        if (!exact) {
            return reference(base, adapters, null);
        }
        TemporaryFolder folder = TemporaryFolder.create("lem-merge");
        try {
            Path merged = folder.path().resolve("exact.gguf");
            folder.write(ignored -> Fuse.run(
                    new FuseOptions(base, adapters, merged, OutputTypes.parse("f32"), threads, ConvertProgress.NONE)));
            return reference(merged, List.of(), folder);
        } catch (IOException | RuntimeException failed) {
            folder.close();
            throw failed;
        }
    }

    private Reference reference(Path base, List<AdapterUse> adapters, @Nullable TemporaryFolder folder)
            throws IOException {
        LemModel model = load(base);
        try {
            model.setAdapters(adapters);
            return new Reference(model, sequences(model), folder);
        } catch (IOException | RuntimeException failed) {
            model.close();
            throw failed;
        }
    }

    /** Owns the model that merged models are compared with. */
    final class Reference implements AutoCloseable {

        private final LemModel model;
        private final List<int[]> sequences;
        private final @Nullable TemporaryFolder folder;

        private Reference(LemModel model, List<int[]> sequences, @Nullable TemporaryFolder folder) {
            this.model = model;
            this.sequences = sequences;
            this.folder = folder;
        }

        LogitParity compare(Path merged) throws IOException {
            try (LemModel other = load(merged)) {
                return LogitParity.compare(source(model), source(other), sequences);
            }
        }

        @Override
        public void close() {
            model.close();
            if (folder != null) {
                folder.close();
            }
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
