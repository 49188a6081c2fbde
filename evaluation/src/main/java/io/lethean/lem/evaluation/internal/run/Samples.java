package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.model.GenerationOptions;
import java.util.Locale;

/** Several answers to the same question: when they are possible, and the options of each. */
public final class Samples {

    private Samples() {}

    /** @throws IllegalArgumentException if there are no samples, or several that would all be equal */
    public static void require(int samples, GenerationOptions options) {
        if (samples < 1 || samples > 1 && options.sampling().temperature() == 0) {
            throw new IllegalArgumentException(
                    samples < 1
                            ? String.format(
                                    Locale.ROOT,
                                    "A probe is asked at least once, and the number of samples is %d.",
                                    samples)
                            : String.format(
                                    Locale.ROOT,
                                    "At temperature 0 all %d samples of a probe are the same;"
                                            + " set a temperature above 0.",
                                    samples));
        }
    }

    /** The options of a sample, counted from 0: if there is a seed, each sample takes the next one. */
    public static GenerationOptions options(GenerationOptions options, int sample) {
        return options.sampling().seed().isEmpty() || sample == 0
                ? options
                : options.toBuilder()
                        .seed(options.sampling().seed().getAsLong() + sample)
                        .build();
    }
}
