package io.lethean.lem.quantize;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a merge did.
 *
 * @param merged the tensors that an adapter changed, in the order of the file
 * @param copied how many tensors were copied byte for byte
 * @param bytes size of the output
 * @param notes what a user should know of the adapters and of types that do not fit, a sentence each
 */
public record FuseReport(List<TensorReport> merged, int copied, long bytes, List<String> notes) {

    /**
     * Beyond this much error per update a merge warns. At 0.03 (Q8_0, a well trained adapter) a merged model's logits
     * follow the adapter closely, at 0.5 (Q4_0) they were off by a fifth of what the adapter does.
     */
    public static final double WARN_ABOVE = 0.2;

    /** Copies the lists, so that later changes of them do not count. */
    public FuseReport {
        merged = List.copyOf(merged);
        notes = List.copyOf(notes);
    }

    /** {@return the norm of everything the adapters added} */
    public double updateNorm() {
        return Math.sqrt(merged.stream()
                .mapToDouble(t -> t.updateNorm() * t.updateNorm())
                .sum());
    }

    /** {@return the norm of everything that the types written in took away} */
    public double errorNorm() {
        return Math.sqrt(
                merged.stream().mapToDouble(t -> t.errorNorm() * t.errorNorm()).sum());
    }

    /** {@return the error divided by the update, over all tensors} */
    public double errorPerUpdate() {
        return updateNorm() == 0 ? 0 : errorNorm() / updateNorm();
    }

    /** {@return what to be careful about, a sentence each; empty when the update arrived} */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>(notes);
        if (updateNorm() == 0) {
            warnings.add("The adapter changes nothing: all its updates are zero.");
        }
        if (errorPerUpdate() > WARN_ABOVE) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "Quantization error is large compared with the adapter's update: the error of writing the merged"
                            + " tensors is %.0f %% of the update itself. Write them in a finer type, such as q8_0 or f16"
                            + " (the others stay as they are).",
                    100 * errorPerUpdate()));
        }
        return warnings;
    }

    /** {@return the report as a few lines of text, the tensors with the largest error per update first} */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%d tensors merged, %d copied unchanged, %.1f MB written%n",
                merged.size(),
                copied,
                bytes / 1e6));
        text.append(String.format(
                Locale.ROOT,
                "update |dW| %.4g, error of writing %.4g, error per update %.4f%n",
                updateNorm(),
                errorNorm(),
                errorPerUpdate()));
        merged.stream()
                .sorted((one, other) -> Double.compare(other.errorPerUpdate(), one.errorPerUpdate()))
                .limit(5)
                .forEach(tensor -> text.append(line(tensor)));
        warnings().forEach(warning -> text.append("warning: ").append(warning).append(System.lineSeparator()));
        return text.toString();
    }

    private static String line(TensorReport t) {
        return String.format(
                Locale.ROOT,
                "  %-28s %s -> %s  |dW| %.4g  error %.4g  (%.4f)%n",
                t.tensor(),
                t.from(),
                t.to(),
                t.updateNorm(),
                t.errorNorm(),
                t.errorPerUpdate());
    }
}
