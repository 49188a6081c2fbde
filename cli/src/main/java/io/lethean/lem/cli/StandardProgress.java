package io.lethean.lem.cli;

import io.lethean.lem.evaluation.standard.StandardListener;
import java.util.Locale;

/** Prints a line per answer, with the time that is left at the pace so far. */
final class StandardProgress implements StandardListener {

    private final Console console;
    private final Pace pace;

    StandardProgress(Console console) {
        this.console = console;
        this.pace = new Pace(console);
    }

    @Override
    public void started(int recorded, int answers) {
        pace.start(recorded, answers);
    }

    @Override
    public void answered(int done, int answers, String id, double seconds) {
        console.note(String.format(
                Locale.ROOT, "%d/%d  %s  %.1f s  %s left", done, answers, id, seconds, pace.left(done, answers)));
    }
}
