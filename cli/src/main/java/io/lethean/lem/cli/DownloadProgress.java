package io.lethean.lem.cli;

import io.lethean.lem.hub.HubListener;
import io.lethean.lem.hub.HubProgress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Tells the user how a download proceeds: on a terminal in one line that changes, elsewhere in a line for each tenth of
 * the file and at least every half minute.
 */
final class DownloadProgress implements HubListener {

    private static final long LONGEST_SILENCE = Duration.ofSeconds(30).toNanos();
    private static final int STEPS = 10;

    private final PrintWriter err;
    private final boolean terminal;
    private final LongSupplier clock;
    private String file = "";
    private int width;
    private long told;
    private long step;

    DownloadProgress(PrintWriter err, boolean terminal, LongSupplier clock) {
        this.err = err;
        this.terminal = terminal;
        this.clock = clock;
    }

    static DownloadProgress ofProcess(PrintWriter err) {
        java.io.Console console = System.console();
        return new DownloadProgress(err, console != null && console.isTerminal(), System::nanoTime);
    }

    @Override
    public void onProgress(HubProgress progress) {
        boolean first = !file.equals(progress.file());
        long reached = progress.total() == 0 ? STEPS : progress.done() * STEPS / progress.total();
        long now = clock.getAsLong();
        boolean due = first || progress.complete() || reached > step || now - told > LONGEST_SILENCE;
        if (terminal) {
            rewrite(progress);
        } else if (due) {
            line(progress.text());
        }
        if (due) {
            told = now;
            step = reached;
        }
        file = progress.complete() ? "" : progress.file();
    }

    private void rewrite(HubProgress progress) {
        String text = progress.text();
        err.print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
        width = text.length();
        if (progress.complete()) {
            err.println();
            width = 0;
        }
        err.flush();
    }

    private void line(String text) {
        err.println(text);
        err.flush();
    }

    @Override
    public void onNotice(String sentence) {
        if (width > 0) {
            err.println();
            width = 0;
        }
        line("lem: " + sentence);
    }
}
