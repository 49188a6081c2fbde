package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.train.options.Target;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Owns what the inputs of one layer's low-rank updates are multiplied by: 0 where a number is left out, {@code 1 / (1 -
 * dropout)} elsewhere (Srivastava et al. 2014), for every projection on its own as mlx-lm does it.
 *
 * <p>All layers share this memory. Masks are a function of a drawing, layer and projection, so the backward pass draws
 * them again instead of keeping them, and a resumed training draws what it would have drawn.
 */
public final class DropoutMasks implements AutoCloseable {

    /** The increment of SplitMix64 (Steele, Lea and Flood 2014); its mixing function makes the random values. */
    private static final long STEP = 0x9E3779B97F4A7C15L;

    private final double dropout;
    private final Set<Target> targets;
    private final TensorContext context;
    private final Map<Wide, Tensor> masks = new HashMap<>();
    private final Buffer buffer;
    private boolean keepsAll;

    public DropoutMasks(DecoderSpec decoder, AdapterSpec adapter, int rows, Backend backend) {
        dropout = adapter.dropout();
        targets = adapter.targets();
        Set<Wide> all = decoder.layers().stream()
                .skip(adapter.firstLayer())
                .flatMap(layer -> wide(layer).stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        context = new TensorContext(all.size());
        for (Wide each : all) {
            masks.put(each, context.tensor("dropout of " + each.target(), GgmlType.F32, Shape.of(each.width(), rows)));
        }
        buffer = backend.allocate(context, "the masks of dropout");
    }

    /** A projection with inputs of one width: layers with as many inputs share a mask. */
    private record Wide(Target target, int width) {}

    /** The adapted projections of a layer. */
    private List<Wide> wide(LayerSpec layer) {
        return targets.stream()
                .filter(layer::has)
                .map(target -> new Wide(target, layer.widths().input(target)))
                .toList();
    }

    /** The mask of each adapted projection of a layer, {@code [n, N]}; empty for a layer without an adapter. */
    Map<Target, Tensor> of(LayerSpec layer) {
        Map<Target, Tensor> own = new EnumMap<>(Target.class);
        for (Wide each : wide(layer)) {
            Tensor mask = masks.get(each);
            if (mask != null) {
                own.put(each.target(), mask);
            }
        }
        return own;
    }

    /** Puts the masks of a layer in place. */
    void draw(long drawing, LayerSpec layer) {
        of(layer)
                .forEach((target, mask) -> mask.set(
                        mask(drawing, layer.index(), target, (int) mask.shape().elements(), dropout)));
        keepsAll = false;
    }

    /** Leaves nothing out, in any layer. */
    public void keepAll() {
        if (keepsAll) {
            return;
        }
        for (Tensor mask : masks.values()) {
            float[] ones = new float[(int) mask.shape().elements()];
            Arrays.fill(ones, 1);
            mask.set(ones);
        }
        keepsAll = true;
    }

    public long bytes() {
        return buffer.bytes();
    }

    /** The drawing of an iteration, for {@link #draw}. */
    public static long drawing(long seed, int iteration) {
        return mixed(mixed(seed) + iteration);
    }

    /** The numbers of a mask. */
    public static float[] mask(long drawing, int layer, Target target, int length, double dropout) {
        long key = mixed(mixed(drawing + STEP * (layer + 1)) + STEP * (target.ordinal() + 1));
        long leftOut = (long) (dropout * 0x1p32);
        float kept = (float) (1 / (1 - dropout));
        float[] mask = new float[length];
        for (int i = 0; i < length; i += 2) {
            long bits = mixed(key + STEP * i);
            mask[i] = (bits & 0xFFFFFFFFL) < leftOut ? 0 : kept;
            if (i + 1 < length) {
                mask[i + 1] = bits >>> 32 < leftOut ? 0 : kept;
            }
        }
        return mask;
    }

    private static long mixed(long z) {
        long once = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long twice = (once ^ (once >>> 27)) * 0x94D049BB133111EBL;
        return twice ^ (twice >>> 31);
    }

    @Override
    public void close() {
        buffer.close();
        context.close();
    }
}
