package io.lethean.lem.convert;

import io.lethean.lem.quantize.ConvertProgress;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What is exported, and how.
 *
 * @param model a GGUF model; of a split one the first part
 * @param output the folder to write; an older export in it is replaced
 * @param to the program that is to read the folder
 * @param dtype {@code bf16}, {@code f16} or {@code f32}; {@code auto} for the type that most weights have
 * @param bits bits of a quantized weight for mlx-lm: 4 or 8; 0 to write weights plain
 * @param shardBytes size from which on the weights are written to several files
 * @param threads threads that compute, at least 1, in addition to the one that writes
 * @param progress receives each written tensor
 */
public record ExportOptions(
        Path model,
        Path output,
        Target to,
        String dtype,
        int bits,
        long shardBytes,
        int threads,
        ConvertProgress progress) {

    /** The size that transformers uses. */
    private static final long SHARD_BYTES = 5_000_000_000L;

    /** Who reads the folder. */
    public enum Target {
        /** transformers, vLLM and everything else that reads Hugging Face's form. */
        HF,
        /** mlx-lm. */
        MLX;

        /** {@return the name in commands} */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ExportOptions {
        if (bits != 0 && bits != 4 && bits != 8) {
            throw new IllegalArgumentException("Weights can have 4 or 8 bits, and " + bits + " were asked for.");
        }
        if (bits != 0 && to != Target.MLX) {
            throw new IllegalArgumentException(
                    "Weights of " + bits + " bits are a form of mlx-lm; export to mlx, or leave the bits out.");
        }
        if (threads < 1 || shardBytes < 1) {
            throw new IllegalArgumentException("Exporting needs at least 1 thread and files of at least 1 byte, and "
                    + threads + " threads and " + shardBytes + " bytes were asked for.");
        }
    }

    /**
     * {@return the model for transformers, in the type that its weights have, with one thread}
     *
     * @param model the GGUF file
     * @param output the folder to write
     */
    public static ExportOptions of(Path model, Path output) {
        return new ExportOptions(model, output, Target.HF, "auto", 0, SHARD_BYTES, 1, ConvertProgress.NONE);
    }

    /**
     * {@return these options with another {@link #to()}}
     *
     * @param to the library that is to read the folder
     */
    public ExportOptions withTarget(Target to) {
        return new ExportOptions(model, output, to, dtype, bits, shardBytes, threads, progress);
    }

    /**
     * {@return these options with another {@link #dtype()}}
     *
     * @param dtype {@code bf16}, {@code f16} or {@code f32}; {@code auto} for the type that most weights have
     */
    public ExportOptions withDtype(String dtype) {
        return new ExportOptions(model, output, to, dtype, bits, shardBytes, threads, progress);
    }

    /**
     * {@return these options with another {@link #bits()}}
     *
     * @param bits bits of a quantized weight for mlx-lm: 4 or 8; 0 to write weights plain
     */
    public ExportOptions withBits(int bits) {
        return new ExportOptions(model, output, to, dtype, bits, shardBytes, threads, progress);
    }

    /**
     * {@return these options with another {@link #shardBytes()}}
     *
     * @param shardBytes size from which on the weights are written to several files
     */
    public ExportOptions withShardBytes(long shardBytes) {
        return new ExportOptions(model, output, to, dtype, bits, shardBytes, threads, progress);
    }

    /**
     * {@return these options with another {@link #threads()}}
     *
     * @param threads threads that compute, at least 1, in addition to the one that writes
     */
    public ExportOptions withThreads(int threads) {
        return new ExportOptions(model, output, to, dtype, bits, shardBytes, threads, progress);
    }

    /**
     * {@return these options with another {@link #progress()}}
     *
     * @param progress receives each written tensor
     */
    public ExportOptions withProgress(ConvertProgress progress) {
        return new ExportOptions(model, output, to, dtype, bits, shardBytes, threads, progress);
    }
}
