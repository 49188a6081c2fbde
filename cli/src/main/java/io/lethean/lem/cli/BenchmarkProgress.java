package io.lethean.lem.cli;

import io.lethean.lem.evaluation.run.RunListener;
import java.time.Duration;
import java.util.Locale;

/** Prints a line per answer, with the time that is left at the pace so far. */
final class BenchmarkProgress implements RunListener {

    private final Console console;
    private int recordedBefore;
    private long begun;

    BenchmarkProgress(Console console) {
        this.console = console;
    }

    @Override
    public void started(int recorded, int answers) {
        recordedBefore = recorded;
        begun = System.nanoTime();
        console.note(
                recorded == 0
                        ? String.format(Locale.ROOT, "%d answers to ask for", answers)
                        : String.format(Locale.ROOT, "%d of %d answers are recorded already", recorded, answers));
    }

    @Override
    public void answered(Answered answer) {
        double perAnswer = (System.nanoTime() - begun) / 1e9 / (answer.done() - recordedBefore);
        Duration left = Duration.ofSeconds(Math.round(perAnswer * (answer.answers() - answer.done())));
        console.note(String.format(
                Locale.ROOT,
                "%d/%d  %s  %s  %s  %d tokens in %.1f s  %s left",
                answer.done(),
                answer.answers(),
                answer.probeId(),
                answer.condition(),
                Double.isNaN(answer.score()) ? "unscored" : String.format(Locale.ROOT, "score %.2f", answer.score()),
                answer.tokens(),
                answer.seconds(),
                clock(left)));
    }

    private static String clock(Duration time) {
        return String.format(Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }
}
