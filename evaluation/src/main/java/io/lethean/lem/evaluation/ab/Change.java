package io.lethean.lem.evaluation.ab;

/** What a kernel did to a score: differences of up to half a point either way count as none, as published. */
enum Change {
    IMPROVED("+"),
    REGRESSED("-"),
    UNCHANGED(" ");

    private static final double DEAD_BAND = 0.5;

    private final String mark;

    Change(String mark) {
        this.mark = mark;
    }

    static Change of(double score, double baseline) {
        double delta = score - baseline;
        return delta > DEAD_BAND ? IMPROVED : delta < -DEAD_BAND ? REGRESSED : UNCHANGED;
    }

    /** One character for tables. */
    String mark() {
        return mark;
    }
}
