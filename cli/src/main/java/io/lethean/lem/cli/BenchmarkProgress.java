package io.lethean.lem.cli;

import io.lethean.lem.evaluation.run.RunListener;
import java.util.Locale;

/** Prints a line per answer, with the time that is left at the pace so far. */
final class BenchmarkProgress implements RunListener {

    private final Console console;
    private final Pace pace;

    BenchmarkProgress(Console console) {
        this.console = console;
        this.pace = new Pace(console);
    }

    @Override
    public void started(int recorded, int answers) {
        pace.start(recorded, answers);
    }

    @Override
    public void answered(Answered answer) {
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
                pace.left(answer.done(), answer.answers())));
    }
}
