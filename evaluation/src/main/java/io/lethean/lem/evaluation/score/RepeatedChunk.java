package io.lethean.lem.evaluation.score;

/**
 * Finds a chunk that is repeated without a gap, as the expression {@code (.{m,})\1{n,}} does.
 *
 * <p>The expression takes cubic time on long answers. A chunk of length p that occurs k times in a row is a run of
 * (k - 1) p positions that are equal to the position p further on. Such a run contains a multiple of its own length, so
 * only these multiples are checked.
 */
final class RepeatedChunk {

    private RepeatedChunk() {}

    /**
     * True if a chunk of at least {@code shortest} code points occurs {@code times} times in a row.
     *
     * @param times at least 2
     */
    static boolean isIn(String text, int shortest, int times) {
        int[] points = text.codePoints().toArray();
        for (int period = shortest; period <= points.length / times; period++) {
            if (hasRun(points, period, (times - 1) * period)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasRun(int[] points, int period, int run) {
        int limit = points.length - period;
        for (int at = 0; at < limit; at += run) {
            int end = at;
            while (end < limit && end - at < run && points[end] == points[end + period]) {
                end++;
            }
            int begin = at;
            while (end > at && begin > 0 && end - begin < run && points[begin - 1] == points[begin - 1 + period]) {
                begin--;
            }
            if (end - begin >= run) {
                return true;
            }
        }
        return false;
    }
}
