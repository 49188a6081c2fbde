package io.lethean.lem.train.options;

/**
 * How examples become samples.
 *
 * @param maxSequenceLength tokens of the longest sample, at least 2, default 2048; longer ones are skipped
 * @param truncate cut longer samples at their end instead, default false
 * @param pack put several samples into one row of at most {@code maxSequenceLength} tokens, default false; they do not
 *     attend to each other
 * @param maskPrompt learn only the assistant's turns, default false
 */
public record SampleOptions(int maxSequenceLength, boolean truncate, boolean pack, boolean maskPrompt) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public SampleOptions {
        OptionCheck.requireAtLeast("longest sequence", maxSequenceLength, 2);
    }

    /** {@return the defaults of mlx-lm; longer samples are skipped, not truncated} */
    public static SampleOptions defaults() {
        return new SampleOptions(2048, false, false, false);
    }
}
