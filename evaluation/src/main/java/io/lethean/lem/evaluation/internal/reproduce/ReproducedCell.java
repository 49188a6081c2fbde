package io.lethean.lem.evaluation.internal.reproduce;

import java.util.OptionalDouble;

/**
 * A published number and what its file holds.
 *
 * @param row the row's name
 * @param column the column's name
 * @param file the published file's name
 * @param published the printed number; empty if nothing was printed
 * @param recomputed from the recorded answers or ratings; empty if there is no data
 * @param recorded what the file's own scores give, where it has answers and scores; else empty
 * @param verdict how the first two compare
 * @param why the reason for a difference or for missing data; empty if there is nothing to explain
 */
public record ReproducedCell(
        String row,
        String column,
        String file,
        OptionalDouble published,
        OptionalDouble recomputed,
        OptionalDouble recorded,
        Verdict verdict,
        String why) {

    /** How a published number compares with the recomputed one. */
    public enum Verdict {
        /** Equal in all printed digits. */
        EQUAL("equal"),
        /** Not equal. */
        DIFFERS("differs"),
        /** Recomputed, with nothing published to compare. */
        NEW("not printed"),
        /** The file is not there, or holds nothing for this number. */
        NO_DATA("no data");

        private final String text;

        Verdict(String text) {
            this.text = text;
        }

        /** The verdict in words. */
        public String text() {
            return text;
        }
    }
}
