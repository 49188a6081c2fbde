package io.lethean.lem.internal.jinja;

/** Counts what one rendering uses and stops it at its {@link Limits}. Also knows the line that is being evaluated. */
final class Meter {

    /** What an element of a list costs, in chars: a reference and a small value. */
    static final int ELEMENT = 12;

    /** What an entry of a mapping or a scope costs, in chars. */
    static final int ENTRY = 40;

    /** How many chars a scan reads for the price of one step. */
    private static final int SCAN = 32;

    private final Limits limits;
    private long steps;
    private long created;
    private int depth;
    private int line = 1;

    Meter(Limits limits) {
        this.limits = limits;
    }

    void line(int current) {
        line = current;
    }

    int line() {
        return line;
    }

    void step() {
        steps(1);
    }

    void steps(long count) {
        steps += count;
        if (steps < 0 || steps > limits.steps()) {
            throw TemplateError.limit(line, "it takes more than " + limits.steps() + " steps");
        }
    }

    /** Pays for looking at so many chars. */
    void scan(long chars) {
        steps(1 + chars / SCAN);
    }

    /** Pays for looking for one string in another, which may compare every char with every other. */
    void search(long haystack, long needle) {
        steps((1 + haystack / SCAN) * (1 + needle / SCAN));
    }

    /** Pays for a string before it is made. */
    void text(long chars) {
        create(chars, 1);
    }

    /** Pays for list elements before they are made. */
    void elements(long count) {
        create(count, ELEMENT);
    }

    /** Pays for mapping entries before they are made. */
    void entries(long count) {
        create(count, ENTRY);
    }

    /** Pays for a new string and gives it back as a value. */
    Value.Text created(String text) {
        text(text.length());
        return new Value.Text(text);
    }

    private void create(long count, int unit) {
        if (count < 0 || count > limits.created() / unit || (created += count * unit) > limits.created()) {
            throw TemplateError.limit(
                    line, "it creates values of more than " + limits.created() + " characters altogether");
        }
        steps(1 + count * unit / SCAN / 4);
    }

    void output(int length) {
        if (length > limits.output()) {
            throw TemplateError.limit(line, "its output is longer than " + limits.output() + " characters");
        }
    }

    /** Goes one level down; {@link #leave()} comes back unless the rendering ends. */
    void enter() {
        if (++depth > limits.depth()) {
            throw TemplateError.limit(line, "it nests or recurses deeper than " + limits.depth() + " levels");
        }
    }

    void leave() {
        depth--;
    }
}
