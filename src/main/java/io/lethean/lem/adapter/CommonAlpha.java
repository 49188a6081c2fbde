package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the one alpha that a GGUF adapter has for all its tensors.
 *
 * <p>There the scale of a tensor is alpha / rank. Where another format scales tensors independently, the alpha that
 * suits most of them is taken, and what the others differ by is multiplied into their B.
 */
final class CommonAlpha {

    private CommonAlpha() {}

    /**
     * @throws InvalidModelException when a scale is 0 or not finite, since such an adapter does nothing or is broken
     */
    static Adapter adapter(
            Path file,
            String architecture,
            List<PairCollector.Scaled> scaled,
            List<Integer> invocationTokens,
            List<String> notes) {
        scaled.forEach(pair -> requireUsable(file, pair));
        float alpha = mostFrequent(scaled);
        List<LoraPair> pairs = new ArrayList<>();
        for (PairCollector.Scaled each : scaled) {
            pairs.add(rescaled(each, alpha));
        }
        return new Adapter(architecture, alpha, pairs, invocationTokens, notes);
    }

    private static void requireUsable(Path file, PairCollector.Scaled each) {
        float alpha = alpha(each);
        if (!Float.isFinite(alpha) || alpha == 0) {
            throw new InvalidModelException(
                    "adapter-scale",
                    file + " multiplies the update of " + each.pair().tensor() + " by " + each.scale()
                            + ", which no working adapter does.");
        }
    }

    private static float alpha(PairCollector.Scaled each) {
        return (float) (each.scale() * each.pair().rank());
    }

    private static float mostFrequent(List<PairCollector.Scaled> scaled) {
        Map<Float, Integer> counts = new LinkedHashMap<>();
        scaled.forEach(each -> counts.merge(alpha(each), 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    private static LoraPair rescaled(PairCollector.Scaled each, float alpha) {
        LoraPair pair = each.pair();
        if (alpha(each) == alpha) {
            return pair;
        }
        float factor = (float) (each.scale() * pair.rank() / alpha);
        return pair.with(pair.a(), pair.b().times(factor));
    }
}
