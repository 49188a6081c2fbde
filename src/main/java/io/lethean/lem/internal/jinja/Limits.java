package io.lethean.lem.internal.jinja;

/**
 * How much a template may ask for before it is stopped with a {@link io.lethean.lem.ChatTemplateException}.
 *
 * @param sourceLength the longest template, in chars; default 1,000,000, the longest published one has about 17,000
 * @param nesting how deep statements and expressions may nest in the source; default 100
 * @param depth how deep evaluation may go, macros calling macros and values inside values included; default 400
 * @param steps how many operations one rendering may take, scans of long strings counted by length; default 10 million
 * @param created how many chars one rendering may create, values that are garbage by then included, a list element
 *     counted as {@value Meter#ELEMENT} chars; default 128 Mi
 * @param output the longest rendered text, in chars; default 32 Mi
 */
public record Limits(int sourceLength, int nesting, int depth, long steps, long created, int output) {

    private static final Limits DEFAULTS = new Limits(1_000_000, 100, 400, 10_000_000, 128L << 20, 32 << 20);

    public Limits {
        require(sourceLength, "sourceLength");
        require(nesting, "nesting");
        require(depth, "depth");
        require(steps, "steps");
        require(created, "created");
        require(output, "output");
    }

    private static void require(long value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + " and must be at least 1.");
        }
    }

    /** Far above what published templates take, and safe on a stack of 512 KiB. */
    public static Limits defaults() {
        return DEFAULTS;
    }
}
