package io.lethean.lem.adapter;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** Adapters of random numbers for a model, which change its answers visibly. */
public final class RandomAdapter {

    private static final int RANK = 3;

    private RandomAdapter() {}

    /** An adapter of every matrix; of the embedding too where the head is another tensor. */
    public static Adapter of(Path model, double size, long seed) throws IOException {
        ModelOutline outline = ModelOutline.read(model);
        return of(model, size, seed, tensor -> !tensor.startsWith("token_embd") || !outline.hasTiedHead());
    }

    /** An adapter of the chosen matrices. */
    public static Adapter of(Path model, double size, long seed, Predicate<String> chosen) throws IOException {
        ModelOutline outline = ModelOutline.read(model);
        SplittableRandom random = new SplittableRandom(seed);
        List<LoraPair> pairs = new ArrayList<>();
        outline.shapes().keySet().stream().sorted().filter(chosen).forEach(tensor -> {
            List<Long> shape = outline.shape(tensor).orElseThrow();
            if (shape.size() == 2) {
                int inputs = shape.get(0).intValue();
                int outputs = shape.get(1).intValue();
                pairs.add(new LoraPair(
                        tensor,
                        Factor.of(RANK, inputs, values(RANK * inputs, 1, random)),
                        Factor.of(outputs, RANK, values(outputs * RANK, size, random))));
            }
        });
        return Adapter.of(outline.architecture(), 4 * RANK, pairs);
    }

    /** Writes the adapter as GGUF. */
    public static Path write(Path file, Path model, double size, long seed) throws IOException {
        AdapterFiles.writeGguf(of(model, size, seed), file);
        return file;
    }

    /** Writes an adapter of NaN for the values of the first layer of a Llama with hidden size 64 and 32 of keys. */
    public static Path writeNaN(Path file) throws IOException {
        float[] values = new float[64 * 4];
        Arrays.fill(values, Float.NaN);
        LoraPair pair = new LoraPair(
                "blk.0.attn_v.weight", Factor.of(4, 64, values), Factor.of(32, 4, Arrays.copyOf(values, 128)));
        AdapterFiles.writeGguf(Adapter.of("llama", 4, List.of(pair)), file);
        return file;
    }

    /** The adapter with every value rounded to 16 bits and stored as 16 bits. */
    public static Adapter half(Adapter adapter) {
        return Adapter.of(
                adapter.architecture(),
                adapter.alpha(),
                adapter.pairs().stream()
                        .map(pair -> new LoraPair(pair.tensor(), half(pair.a()), half(pair.b())))
                        .toList());
    }

    private static Factor half(Factor factor) {
        return Factor.reading(factor.rows(), factor.columns(), true, (into, at) -> {
            factor.copyTo(into, at);
            for (int i = at; i < at + factor.rows() * factor.columns(); i++) {
                into[i] = Float.float16ToFloat(Float.floatToFloat16(into[i]));
            }
        });
    }

    private static float[] values(int count, double size, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-size, size);
        }
        return values;
    }
}
