package io.lethean.lem.quantize;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What {@link BoundedFuse} chose and measured.
 *
 * @param report what the merge did, with the type of each changed tensor
 * @param parity how closely the result answers as base and adapters
 * @param bound the divergence that was allowed, in nats
 * @param trials all choices of types that were measured, in the order of measuring
 */
public record BoundedMerge(FuseReport report, LogitParity parity, double bound, List<Trial> trials) {

    /**
     * One choice of types.
     *
     * @param types ggml's name of the type of each changed tensor, by the tensor's name
     * @param bytes size of the merged model
     * @param divergence mean divergence from base and adapters, in nats
     */
    public record Trial(Map<String, String> types, long bytes, double divergence) {

        /** Copies the map, so that later changes of it do not count. */
        public Trial {
            types = Map.copyOf(types);
        }

        /** {@return how many tensors have each type, such as {@code 10 q4_0, 4 q8_0}} */
        public String summary() {
            Map<String, Long> counts = types.values().stream()
                    .collect(Collectors.groupingBy(type -> type, TreeMap::new, Collectors.counting()));
            return counts.entrySet().stream()
                    .map(entry -> entry.getValue() + " " + entry.getKey())
                    .collect(Collectors.joining(", "));
        }
    }

    /** Copies the list, so that later changes of it do not count. */
    public BoundedMerge {
        trials = List.copyOf(trials);
    }

    /** {@return the trials and the choice as lines of text} */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Trial trial : trials) {
            text.append(String.format(
                    Locale.ROOT,
                    "tried %s: KL %.4g nats, %.1f MB%n",
                    trial.summary(),
                    trial.divergence(),
                    trial.bytes() / 1e6));
        }
        Map<String, String> chosen =
                report.merged().stream().collect(Collectors.toMap(TensorReport::tensor, TensorReport::to));
        text.append(String.format(
                Locale.ROOT,
                "chosen %s: KL %.4g nats, at most %.4g wanted%n",
                new Trial(chosen, report.bytes(), parity.divergence()).summary(),
                parity.divergence(),
                bound));
        return text.toString();
    }
}
