package io.lethean.lem.train;

import io.lethean.lem.TrainingException;
import io.lethean.lem.internal.engine.DropoutMasks;
import io.lethean.lem.internal.engine.LossSum;
import io.lethean.lem.internal.engine.OptimizerStep;
import io.lethean.lem.internal.engine.TrainingEngine;
import io.lethean.lem.internal.jfr.TrainingStepEvent;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.train.options.BatchOptions;
import io.lethean.lem.train.options.LearningRate;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The loop around the engine: batch, gradients, update, report, validate, save. */
final class TrainingLoop {

    /** A loss this many times the first one, or that of guessing among all tokens, shows that the training diverged. */
    private static final double DIVERGED = 3;

    /** After a better start, this many iterations in a row at the loss of guessing are not chance. */
    private static final int MOST_GUESSES = 8;

    /** A first loss below this fraction of the loss of guessing is better than guessing. */
    private static final double BETTER_THAN_GUESSING = 0.9;

    private static final float LOSS_SCALE_STEP = 16;

    /** If the gradient is not finite at this scale, the training has diverged. */
    private static final float LEAST_LOSS_SCALE = 1f / 256;

    private final TrainingOptions options;
    private final TrainingEngine engine;
    private final AdapterFolder folder;
    private final RunFacts facts;
    private final TrainingListener listener;
    private final Cancellation cancellation;
    private final Batches train;
    private final @Nullable Batches valid;
    private final int iterations;
    private final LearningRate learningRate;
    private final Pace pace = new Pace();
    private RunState state;
    private double gradientNorm;

    TrainingLoop(
            TrainingOptions options,
            TrainingEngine engine,
            AdapterFolder folder,
            Corpus corpus,
            RunFacts facts,
            RunState state,
            TrainingListener listener,
            Cancellation cancellation) {
        this.options = options;
        this.engine = engine;
        this.folder = folder;
        this.facts = facts;
        this.state = state;
        this.listener = listener;
        this.cancellation = cancellation;
        train = new Batches(corpus.train(), options);
        valid = corpus.valid().map(set -> new Batches(set, options)).orElse(null);
        iterations = iterations(options, train);
        learningRate = options.optimizer()
                .learningRate(Math.ceilDiv(iterations, options.batch().gradientAccumulation()));
    }

    private static int iterations(TrainingOptions options, Batches train) {
        BatchOptions batch = options.batch();
        return batch.epochs() == 0 ? batch.iterations() : Math.multiplyExact(batch.epochs(), train.perEpoch());
    }

    int iterations() {
        return iterations;
    }

    /**
     * Trains until all iterations are done, validations do not get better, or it is cancelled.
     *
     * @throws TrainingException if the training diverges or a file cannot be written
     */
    TrainingResult run() throws IOException {
        if (state.iteration() == 0) {
            validate();
        }
        while (end().isEmpty()) {
            int before = state.iteration();
            trainOneUpdate();
            if (isDue(before, options.evaluation().reportEvery())) {
                report();
            }
            if (isDue(before, options.evaluation().evalEvery())) {
                validate();
            }
            if (isDue(before, options.evaluation().saveEvery())) {
                save();
            }
        }
        return finish(end().orElseThrow());
    }

    private Optional<TrainingEnd> end() {
        if (state.iteration() >= iterations) {
            return Optional.of(TrainingEnd.COMPLETE);
        }
        int patience = options.evaluation().patience();
        if (patience > 0 && state.notBetter() >= patience) {
            return Optional.of(TrainingEnd.EARLY_STOP);
        }
        return cancellation.isCancelled() ? Optional.of(TrainingEnd.CANCELLED) : Optional.empty();
    }

    /**
     * The batches of one update of the adapter; fewer at the very end.
     *
     * <p>The sum over a long sample can be too large for the number format of a device. Then the same batches are computed
     * again with gradients that are scaled less, and it stays so.
     */
    private void trainOneUpdate() {
        RunState before = state;
        long begin = System.nanoTime();
        TrainingStepEvent event = TrainingStepEvent.start();
        accumulate();
        step();
        while (!Double.isFinite(gradientNorm) && engine.lossScale() > LEAST_LOSS_SCALE) {
            engine.useLossScale(engine.lossScale() / LOSS_SCALE_STEP);
            state = before.withLossScale(engine.lossScale());
            accumulate();
            step();
        }
        if (!Double.isFinite(gradientNorm)) {
            throw diverged(state.iteration() + 1, "its gradient is " + gradientNorm);
        }
        state = state.updated();
        event.updated(
                state.iteration(), state.trainedTokens(), state.unreported().mean(), gradientNorm);
        pace.add(System.nanoTime() - begin, state.iteration() - before.iteration(), (int)
                (state.trainedTokens() - before.trainedTokens()));
        listener.onEvent(new TrainingEvent.Updated(
                state.iteration(),
                iterations,
                state.unreported().mean(),
                pace.tokensPerSecond(),
                pace.secondsLeft(iterations - state.iteration())));
    }

    private void accumulate() {
        int count = Math.min(options.batch().gradientAccumulation(), iterations - state.iteration());
        for (int i = 0; i < count; i++) {
            LossSum loss = engine.accumulate(
                    train.batch(state.iteration()), DropoutMasks.drawing(options.seed(), state.iteration()));
            requireSensible(loss.mean());
            state = state.trained(loss, isGuess(loss.mean()));
            if (state.guessing() >= MOST_GUESSES) {
                throw diverged(
                        state.iteration(),
                        "the loss of the last " + MOST_GUESSES + " iterations was that of"
                                + String.format(
                                        Locale.ROOT,
                                        " guessing, %.1f, or worse, and the first one's was %.1f",
                                        guessing(),
                                        state.firstLoss()));
            }
        }
    }

    private void step() {
        int update = state.updates() + 1;
        gradientNorm = engine.step(OptimizerStep.of(options.optimizer(), learningRate.at(update), update));
    }

    private void requireSensible(double loss) {
        boolean tooMuch = state.updates() > 0 && loss > DIVERGED * Math.max(guessing(), state.firstLoss());
        if (!Double.isFinite(loss) || tooMuch) {
            throw diverged(
                    state.iteration() + 1,
                    "the loss is " + loss + String.format(Locale.ROOT, ", where guessing would have %.1f", guessing()));
        }
    }

    /** The loss of guessing among all tokens. */
    private double guessing() {
        return Math.log(engine.spec().widths().vocabulary());
    }

    private boolean isGuess(double loss) {
        // A model that has collapsed arrives at this loss to all digits.
        return state.updates() > 0
                && state.firstLoss() < BETTER_THAN_GUESSING * guessing()
                && loss > 0.999 * guessing();
    }

    private TrainingException diverged(int iteration, String how) {
        return new TrainingException("The training diverged at iteration " + iteration + ": " + how
                + ". Choose a smaller learning rate than " + options.optimizer().learningRate()
                + ", a warm-up, or clipping. "
                + lastGood());
    }

    /**
     * The last iteration with a state known to be good: the loss of a state is seen at the next iteration, and the
     * first of a row of guesses is of a bad one.
     */
    private int good() {
        return state.iteration() - state.guessing() - 1;
    }

    /** Drops the checkpoints that hold what has diverged. */
    private String lastGood() {
        try {
            folder.deleteAfter(good());
            return folder.newest()
                    .map(file -> "The last good state is in " + file + ".")
                    .orElse("No checkpoint had been saved.");
        } catch (IOException e) {
            return "The checkpoints are in " + folder.result().getParent() + ".";
        }
    }

    /** Whether a multiple of a number of iterations was reached since, or the end. */
    private boolean isDue(int before, int every) {
        return state.iteration() / every > before / every || state.iteration() >= iterations;
    }

    private void report() {
        listener.onEvent(new TrainingEvent.Progress(
                state.iteration(),
                state.unreported().mean(),
                learningRate.at(state.updates()),
                gradientNorm,
                state.trainedTokens(),
                pace.tokensPerSecond(),
                pace.iterationsPerSecond(),
                pace.secondsLeft(iterations - state.iteration()),
                Pace.peakMemoryBytes()));
        state = state.reported();
        pace.reset();
    }

    /** The loss over the same batches every time, as a mean per token like the training's. */
    private void validate() throws IOException {
        if (valid == null) {
            return;
        }
        long begin = System.nanoTime();
        int wanted = options.evaluation().validationBatches();
        int count = wanted == TrainingOptions.ALL ? valid.perEpoch() : Math.min(wanted, valid.perEpoch());
        LossSum loss = LossSum.NONE;
        for (int i = 0; i < count; i++) {
            loss = loss.plus(engine.evaluate(valid.batch(i)));
        }
        requireSensible(loss.mean());
        state = state.validated(loss.mean());
        boolean best = state.bestIteration() == state.iteration();
        if (best) {
            write(folder.best(), engine.trainable()::write);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        listener.onEvent(new TrainingEvent.Validated(state.iteration(), loss.mean(), loss.tokens(), seconds, best));
    }

    private void save() throws IOException {
        Checkpoint checkpoint = new Checkpoint(state, facts, engine.trainable().copy());
        write(folder.result(state.iteration()), engine.trainable()::write);
        write(folder.checkpoint(state.iteration()), file -> folder.save(checkpoint, good()));
    }

    private TrainingResult finish(TrainingEnd end) throws IOException {
        if (!Files.exists(folder.checkpoint(state.iteration()))) {
            save();
        }
        Path result = end == TrainingEnd.CANCELLED ? folder.result(state.iteration()) : folder.result();
        if (end != TrainingEnd.CANCELLED) {
            write(result, engine.trainable()::write);
        }
        listener.onEvent(new TrainingEvent.Finished(state.iteration(), end));
        boolean measured = Double.isFinite(state.bestLoss());
        return new TrainingResult(
                end,
                state.iteration(),
                result,
                measured ? folder.best() : null,
                measured ? state.bestLoss() : Double.NaN,
                state.bestIteration());
    }

    /** Something that writes a file whole or not at all. */
    private interface Writing {
        void to(Path file) throws IOException;
    }

    private void write(Path file, Writing writing) throws IOException {
        try {
            writing.to(file);
        } catch (IOException e) {
            throw new TrainingException(
                    "The file " + file + " could not be written after iteration " + state.iteration()
                            + " (" + e.getMessage() + "), and the training stopped. "
                            + folder.newest()
                                    .map(kept -> "Make room, then resume it from " + kept.getFileName() + ".")
                                    .orElse("No checkpoint had been saved."),
                    e);
        }
        listener.onEvent(new TrainingEvent.Saved(state.iteration(), file));
    }
}
