package io.lethean.lem.evaluation.score;

/**
 * Counts several marker lists in one walk over a text.
 *
 * <p>A table from the first two characters of a word to the lists that have such a phrase spares most words most lists.
 */
final class MarkerScan {

    private final MarkerList[] lists;
    private final byte[] listsByPrefix = new byte[128 * 128];

    /** A scan for up to eight lists; their phrases must have at least two characters. */
    MarkerScan(MarkerList... lists) {
        if (lists.length > Byte.SIZE) {
            throw new IllegalArgumentException("One scan serves 8 lists at most, not " + lists.length + ".");
        }
        this.lists = lists;
        for (int list = 0; list < lists.length; list++) {
            for (Marker marker : lists[list].markers()) {
                listsByPrefix[prefix(marker.foldedCharacter(0), marker.foldedCharacter(1))] |= (byte) (1 << list);
            }
        }
    }

    private static int prefix(int first, int second) {
        return first << 7 | second;
    }

    /** The matches of each list, in the order of the lists; matches of one list do not overlap. */
    int[] count(AnswerText text) {
        int[] counts = new int[lists.length];
        int[] free = new int[lists.length];
        int words = text.wordStartCount();
        for (int word = 0; word < words; word++) {
            int start = text.wordStart(word);
            for (int rest = listsAt(text, start); rest != 0; rest &= rest - 1) {
                int list = Integer.numberOfTrailingZeros(rest);
                int end = start < free[list] ? -1 : lists[list].matchEnd(text, start);
                if (end >= 0) {
                    counts[list]++;
                    free[list] = end;
                }
            }
        }
        return counts;
    }

    private int listsAt(AnswerText text, int start) {
        int first = text.foldedAt(start);
        int second = start + 1 < text.length() ? text.foldedAt(start + 1) : -1;
        return (first | second) < 0 ? 0 : listsByPrefix[prefix(first, second)] & 0xFF;
    }
}
