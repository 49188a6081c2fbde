package io.lethean.lem.evaluation.score;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One phrase of a marker list: plain ASCII text, with at most one gap of any characters but line feeds. */
final class Marker {

    private static final Pattern GAP = Pattern.compile("\\.\\{(\\d+),(\\d+)}");

    private final byte[] head;
    private final int gapMin;
    private final int gapMax;
    private final byte[] tail;

    private Marker(byte[] head, int gapMin, int gapMax, byte[] tail) {
        this.head = head;
        this.gapMin = gapMin;
        this.gapMax = gapMax;
        this.tail = tail;
    }

    /** Reads a phrase such as {@code consent}, {@code both .{3,30} and} or {@code right to .{3,20}}. */
    static Marker of(String phrase) {
        Matcher gap = GAP.matcher(phrase);
        if (!gap.find()) {
            return new Marker(ascii(phrase), 0, 0, new byte[0]);
        }
        return new Marker(
                ascii(phrase.substring(0, gap.start())),
                Integer.parseInt(gap.group(1)),
                Integer.parseInt(gap.group(2)),
                ascii(phrase.substring(gap.end())));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A character of the text before the gap, in lower case. */
    int foldedCharacter(int index) {
        return Character.toLowerCase(head[index]);
    }

    /** The end of a match that begins at a position and ends at a word boundary, the longest gap tried first; or -1. */
    int matchEnd(AnswerText text, int start, boolean ignoreCase) {
        if (!text.startsWith(head, start, ignoreCase)) {
            return -1;
        }
        int gapStart = start + head.length;
        for (int gap = longestGap(text, gapStart); gap >= gapMin; gap--) {
            int tailStart = gapStart + gap;
            int end = tailStart + tail.length;
            if (text.startsWith(tail, tailStart, ignoreCase) && text.isBoundary(end)) {
                return end;
            }
        }
        return -1;
    }

    private int longestGap(AnswerText text, int start) {
        int gap = 0;
        while (gap < gapMax && start + gap < text.length() && !text.is(start + gap, '\n')) {
            gap++;
        }
        return gap;
    }
}
