package io.lethean.lem.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a training tells of itself; the same goes to {@code events.jsonl} in the adapter's folder. */
public sealed interface TrainingEvent {

    /** {@return the iteration that it is about; 0 before the first} */
    int iteration();

    /** {@return whether it goes to {@code events.jsonl}} */
    default boolean isLogged() {
        return true;
    }

    /** {@return the event as members of a JSON object, under mlx-lm's names where it has them} */
    Map<String, Object> fields();

    /**
     * The data are read and the model is open.
     *
     * @param iteration the iteration after which training resumes; 0 if it starts
     * @param iterations in all
     * @param samples to train on
     * @param leftOut what was too long to train on, with its place and length
     * @param truncated samples that were cut
     * @param validationSamples to measure on
     * @param trainableParameters number of trained parameters
     * @param memory what it will take and how it is kept within what there is; empty where it was not estimated
     * @param start the adapter that it starts from, with its form; empty for a new one
     */
    record Started(
            int iteration,
            int iterations,
            int samples,
            List<String> leftOut,
            int truncated,
            int validationSamples,
            long trainableParameters,
            String memory,
            String start)
            implements TrainingEvent {
        /** Copies the list, so that later changes of it do not count. */
        public Started {
            leftOut = List.copyOf(leftOut);
        }

        @Override
        public Map<String, Object> fields() {
            return ordered(
                    "event",
                    "started",
                    "iteration",
                    iteration,
                    "iterations",
                    iterations,
                    "samples",
                    samples,
                    "left_out",
                    leftOut,
                    "truncated",
                    truncated,
                    "valid_samples",
                    validationSamples,
                    "trainable_parameters",
                    trainableParameters,
                    "memory",
                    memory,
                    "resume_adapter_file",
                    start);
        }
    }

    /**
     * A report on some iterations.
     *
     * @param iteration the iteration that it is about; 0 before the first
     * @param loss mean per trained token since the last report, in nats
     * @param learningRate at the last update
     * @param gradientNorm at the last update, before clipping
     * @param trainedTokens since the training began
     * @param tokensPerSecond trained tokens per second of training since the last report, validation and saving not
     *     counted
     * @param iterationsPerSecond the same for iterations
     * @param secondsLeft estimated, validation and saving not counted
     * @param peakMemoryBytes the most memory that the process had, pages of the mapped model included; 0 where the
     *     system does not say
     */
    record Progress(
            int iteration,
            double loss,
            double learningRate,
            double gradientNorm,
            long trainedTokens,
            double tokensPerSecond,
            double iterationsPerSecond,
            double secondsLeft,
            long peakMemoryBytes)
            implements TrainingEvent {
        @Override
        public Map<String, Object> fields() {
            return ordered(
                    "event",
                    "train",
                    "iteration",
                    iteration,
                    "train_loss",
                    loss,
                    "learning_rate",
                    learningRate,
                    "gradient_norm",
                    gradientNorm,
                    "trained_tokens",
                    trainedTokens,
                    "tokens_per_second",
                    tokensPerSecond,
                    "iterations_per_second",
                    iterationsPerSecond,
                    "seconds_left",
                    secondsLeft,
                    "peak_memory",
                    peakMemoryBytes);
        }
    }

    /**
     * The adapter was updated. For a display that changes in place; it is not logged.
     *
     * @param iteration the iteration that it is about; 0 before the first
     * @param iterations in all
     * @param loss mean per trained token since the last report, in nats
     * @param tokensPerSecond trained tokens per second since the last report
     * @param secondsLeft estimated, validation and saving not counted
     */
    record Updated(int iteration, int iterations, double loss, double tokensPerSecond, double secondsLeft)
            implements TrainingEvent {
        @Override
        public boolean isLogged() {
            return false;
        }

        @Override
        public Map<String, Object> fields() {
            return ordered(
                    "event",
                    "update",
                    "iteration",
                    iteration,
                    "iterations",
                    iterations,
                    "train_loss",
                    loss,
                    "tokens_per_second",
                    tokensPerSecond,
                    "seconds_left",
                    secondsLeft);
        }
    }

    /**
     * A result was measured on test data.
     *
     * @param iteration the iteration that it is about; 0 before the first
     * @param loss mean per trained token over all its batches, in nats
     * @param tokens over how many
     */
    record Tested(int iteration, double loss, int tokens) implements TrainingEvent {
        /** {@return the exponential of the loss} */
        public double perplexity() {
            return Math.exp(loss);
        }

        @Override
        public Map<String, Object> fields() {
            return ordered(
                    "event",
                    "test",
                    "iteration",
                    iteration,
                    "test_loss",
                    loss,
                    "test_ppl",
                    perplexity(),
                    "test_tokens",
                    tokens);
        }
    }

    /**
     * A validation.
     *
     * @param iteration the iteration that it is about; 0 before the first
     * @param loss mean per trained token over all its batches, in nats
     * @param tokens over how many
     * @param seconds that it took
     * @param best whether no validation before had a smaller loss; the result is then in {@code best.gguf}
     */
    record Validated(int iteration, double loss, int tokens, double seconds, boolean best) implements TrainingEvent {
        @Override
        public Map<String, Object> fields() {
            return ordered(
                    "event",
                    "valid",
                    "iteration",
                    iteration,
                    "val_loss",
                    loss,
                    "val_tokens",
                    tokens,
                    "val_time",
                    seconds,
                    "best",
                    best);
        }
    }

    /**
     * A file is complete.
     *
     * @param iteration the iteration that it is about; 0 before the first
     * @param file a checkpoint or an adapter
     */
    record Saved(int iteration, Path file) implements TrainingEvent {
        @Override
        public Map<String, Object> fields() {
            return ordered(
                    "event",
                    "saved",
                    "iteration",
                    iteration,
                    "file",
                    file.getFileName().toString());
        }
    }

    /**
     * The training ended.
     *
     * @param iteration the iteration that it is about; 0 before the first
     * @param end why
     */
    record Finished(int iteration, TrainingEnd end) implements TrainingEvent {
        @Override
        public Map<String, Object> fields() {
            return ordered(
                    "event",
                    "finished",
                    "iteration",
                    iteration,
                    "end",
                    end.name().toLowerCase(Locale.ROOT));
        }
    }

    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }
}
