package io.lethean.lem.cli;

import io.lethean.lem.evaluation.standard.StandardListener;
import java.time.Duration;
import java.util.Locale;

/** Prints a line per answer, with the time that is left at the pace so far. */
final class StandardProgress implements StandardListener {

    private final Console console;
    private int recordedBefore;
    private long began;

    StandardProgress(Console console) {
        this.console = console;
    }

    @Override
    public void started(int recorded, int answers) {
        recordedBefore = recorded;
        began = System.nanoTime();
        console.note(
                recorded == 0
                        ? String.format(Locale.ROOT, "%d answers to ask for", answers)
                        : String.format(Locale.ROOT, "%d of %d answers are recorded already", recorded, answers));
    }

    @Override
    public void answered(int done, int answers, String id, double seconds) {
        double perAnswer = (System.nanoTime() - began) / 1e9 / (done - recordedBefore);
        Duration left = Duration.ofSeconds(Math.round(perAnswer * (answers - done)));
        console.note(String.format(
                Locale.ROOT,
                "%d/%d  %s  %.1f s  %d:%02d:%02d left",
                done,
                answers,
                id,
                seconds,
                left.toHours(),
                left.toMinutesPart(),
                left.toSecondsPart()));
    }
}
