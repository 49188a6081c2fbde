package io.lethean.lem.pretrain;

import io.lethean.lem.internal.math.LogSumExp;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.model.Tokenizer;
import io.lethean.lem.train.dataset.SampleEncoder;
import io.lethean.lem.train.dataset.TrainingData;
import io.lethean.lem.train.dataset.TrainingExample;
import io.lethean.lem.train.dataset.TrainingSample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The loss of a finished model on samples, as llama.cpp computes it. */
final class HeldOutLoss {

    private final LemModel model;
    private final SampleEncoder encoder;

    private HeldOutLoss(LemModel model) {
        this.model = model;
        Tokenizer tokenizer = model.tokenizer();
        encoder = new SampleEncoder(
                tokenizer::applyTemplate,
                text -> tokenizer.encodeRendered(text).stream()
                        .mapToInt(Integer::intValue)
                        .toArray(),
                tokenizer.eos().orElse(SampleEncoder.NO_TOKEN),
                false);
    }

    /**
     * The bits that the model needs for the samples of a file.
     *
     * <p>Everything but the token that begins a text counts, roles, marks of turns and ends of texts included; whoever
     * divides by the bytes of the contents alone gives the model no credit for those.
     *
     * <p>A sample longer than the context is evaluated in {@link Window windows}, so that each of its tokens counts once.
     */
    static double bits(Path file, Path samples, int threads) throws IOException {
        ModelOptions options =
                ModelOptions.builder().device("cpu").threads(threads).build();
        try (LemModel model = LemModel.load(file, options)) {
            HeldOutLoss loss = new HeldOutLoss(model);
            double nats = 0;
            for (TrainingExample example : TrainingData.readFile(samples)) {
                nats += loss.nats(loss.encoder.encode(example));
            }
            return nats / Math.log(2);
        }
    }

    /**
     * A part of a sample that the model sees at once.
     *
     * @param from its first token
     * @param to the end of its tokens, exclusive
     * @param firstTarget the first token that is predicted in this window and in no earlier one
     */
    record Window(int from, int to, int firstTarget) {

        /**
         * Windows in which each token but the first is predicted once, with half a context before it at least if it is
         * beyond the first window.
         *
         * @param context tokens that the model can see at once, at least 2
         */
        static List<Window> over(int tokens, int context) {
            List<Window> windows = new ArrayList<>();
            int target = 1;
            for (int from = 0; target < tokens; from += Math.max(1, context / 2)) {
                int to = Math.min(tokens, from + context);
                windows.add(new Window(from, to, target));
                target = to;
            }
            return windows;
        }
    }

    private double nats(TrainingSample sample) {
        int[] tokens = sample.tokens();
        return Window.over(tokens.length, model.info().context().tokens()).stream()
                .mapToDouble(window -> nats(tokens, window))
                .sum();
    }

    private double nats(int[] tokens, Window window) {
        List<Double> losses = new ArrayList<>();
        List<Integer> seen =
                Arrays.stream(tokens, window.from(), window.to()).boxed().toList();
        model.logitRows(seen, row -> {
            int next = window.from() + losses.size() + 1;
            boolean counts = next >= window.firstTarget() && next < window.to();
            losses.add(counts ? loss(row, tokens[next]) : 0);
        });
        return losses.stream().mapToDouble(Double::doubleValue).sum();
    }

    private static double loss(float[] logits, int target) {
        return LogSumExp.of(logits) - logits[target];
    }
}
