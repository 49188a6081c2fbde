package io.lethean.lem.cli;

import io.lethean.lem.train.TrainingEvent;
import io.lethean.lem.train.TrainingListener;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Prints a line per report and validation, in the words of mlx-lm, which scripts read; on a terminal also a line that
 * changes with each update.
 */
final class TrainProgress implements TrainingListener {

    private static final int MOST_LISTED = 10;

    private final Console console;
    private final StatusLine status;

    TrainProgress(Console console) {
        this.console = console;
        status = new StatusLine(console);
    }

    @Override
    public void onEvent(TrainingEvent event) {
        switch (event) {
            case TrainingEvent.Started started -> started(started);
            case TrainingEvent.Progress progress ->
                note(
                        "Iter %d: Train loss %.3f, Learning Rate %.3e, It/sec %.3f, Tokens/sec %.1f, Trained Tokens %d,"
                                + " Peak mem %.3f GB, %s left",
                        progress.iteration(),
                        progress.loss(),
                        progress.learningRate(),
                        progress.iterationsPerSecond(),
                        progress.tokensPerSecond(),
                        progress.trainedTokens(),
                        progress.peakMemoryBytes() / 1e9,
                        clock(progress.secondsLeft()));
            case TrainingEvent.Validated validated ->
                note(
                        "Iter %d: Val loss %.3f, Val took %.3fs%s",
                        validated.iteration(),
                        validated.loss(),
                        validated.seconds(),
                        validated.best() ? ", best so far" : "");
            case TrainingEvent.Updated updated ->
                status.show(String.format(
                        Locale.ROOT,
                        "Iter %d/%d: loss %.3f, %.1f tokens/s, %s left",
                        updated.iteration(),
                        updated.iterations(),
                        updated.loss(),
                        updated.tokensPerSecond(),
                        clock(updated.secondsLeft())));
            case TrainingEvent.Tested tested ->
                note("Test loss %.3f, Test ppl %.3f.", tested.loss(), tested.perplexity());
            case TrainingEvent.Saved saved -> note("Iter %d: Saved %s", saved.iteration(), saved.file());
            case TrainingEvent.Finished finished -> status.clear();
        }
    }

    private void started(TrainingEvent.Started started) {
        note(
                "%d samples to train on, %d to validate on, %.3fM trainable parameters",
                started.samples(), started.validationSamples(), started.trainableParameters() / 1e6);
        if (!started.memory().isEmpty()) {
            note("%s", started.memory());
        }
        if (!started.start().isEmpty()) {
            note("Starting from %s", started.start());
        }
        List<String> leftOut = started.leftOut();
        if (!leftOut.isEmpty()) {
            note("%d samples are too long and left out:", leftOut.size());
            leftOut.stream().limit(MOST_LISTED).forEach(sample -> note("  %s", sample));
            if (leftOut.size() > MOST_LISTED) {
                note("  and %d more, which events.jsonl lists", leftOut.size() - MOST_LISTED);
            }
        }
        if (started.truncated() > 0) {
            note("%d samples are cut at their end", started.truncated());
        }
        note(
                started.iteration() == 0 ? "Training %2$d iterations" : "Resuming after iteration %d of %d",
                started.iteration(),
                started.iterations());
    }

    private void note(String format, Object... arguments) {
        status.clear();
        console.note(String.format(Locale.ROOT, format, arguments));
    }

    private static String clock(double seconds) {
        Duration time = Duration.ofSeconds(Math.round(seconds));
        return String.format(Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }
}
