package io.lethean.lem.train.dataset;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * An example as tokens, with the ones marked that are to be learned.
 *
 * <p>A marked token counts in the loss as the target that the tokens before it predict; the first is never marked.
 */
public final class TrainingSample {

    private final Path file;
    private final int line;
    private final int[] tokens;
    private final boolean[] trained;

    TrainingSample(Path file, int line, int[] tokens, boolean[] trained) {
        this.file = file;
        this.line = line;
        this.tokens = tokens;
        this.trained = trained;
    }

    /** {@return the file that the example was read from} */
    public Path file() {
        return file;
    }

    /** {@return the line of the file, from 1} */
    public int line() {
        return line;
    }

    /** {@return number of tokens} */
    public int length() {
        return tokens.length;
    }

    /**
     * {@return the token at an index}
     *
     * @param index counted from 0
     */
    public int token(int index) {
        return tokens[index];
    }

    /** {@return a copy of all tokens} */
    public int[] tokens() {
        return tokens.clone();
    }

    /**
     * {@return whether the token at this index is a target of the training}
     *
     * @param index counted from 0
     */
    public boolean isTrained(int index) {
        return trained[index];
    }

    /** {@return how many tokens are targets} */
    public int trainedCount() {
        int count = 0;
        for (boolean each : trained) {
            count += each ? 1 : 0;
        }
        return count;
    }

    /** The first tokens only. */
    TrainingSample truncated(int length) {
        return new TrainingSample(file, line, Arrays.copyOf(tokens, length), Arrays.copyOf(trained, length));
    }

    @Override
    public String toString() {
        return file + ":" + line + " (" + length() + " tokens, " + trainedCount() + " trained)";
    }
}
