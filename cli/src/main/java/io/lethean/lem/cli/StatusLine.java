package io.lethean.lem.cli;

/** One line at the bottom of a terminal that changes in place; elsewhere nothing. Serves one thread. */
final class StatusLine {

    private final Console console;
    private int width;

    StatusLine(Console console) {
        this.console = console;
    }

    /** Shows a text in place of the last one. */
    void show(String text) {
        if (console.interactive()) {
            console.err().print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
            console.err().flush();
            width = text.length();
        }
    }

    /** Makes room for a line that stays. */
    void clear() {
        if (width > 0) {
            console.err().print("\r" + " ".repeat(width) + "\r");
            width = 0;
        }
    }
}
