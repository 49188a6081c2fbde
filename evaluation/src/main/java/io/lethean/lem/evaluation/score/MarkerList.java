package io.lethean.lem.evaluation.score;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A list of phrases of which the first that matches at a word's start wins.
 *
 * <p>The same matches, in the same order, as Python's {@code re.finditer} of {@code \b(?:first|second|...)\b}, in time
 * linear in the text: the scan visits word starts, and a phrase looks at most its own length ahead.
 */
final class MarkerList {

    private final boolean ignoreCase;
    private final List<Marker> markers;
    private final Marker[][] byFirstCharacter;

    private MarkerList(boolean ignoreCase, String... phrases) {
        this.ignoreCase = ignoreCase;
        markers = Stream.of(phrases)
                .map(phrase -> Marker.of(ignoreCase ? phrase.toLowerCase(Locale.ROOT) : phrase))
                .toList();
        byFirstCharacter = IntStream.range(0, 128).mapToObj(this::startingWith).toArray(Marker[][]::new);
    }

    private Marker[] startingWith(int first) {
        return markers.stream()
                .filter(marker -> marker.foldedCharacter(0) == first)
                .toArray(Marker[]::new);
    }

    /** Phrases found in any case, as Python's {@code re.IGNORECASE} has it. */
    static MarkerList ignoringCase(String... phrases) {
        return new MarkerList(true, phrases);
    }

    /** Phrases found exactly as written. */
    static MarkerList exactly(String... phrases) {
        return new MarkerList(false, phrases);
    }

    /** The phrases in their order. */
    List<Marker> markers() {
        return markers;
    }

    /** Matches that do not overlap, from left to right. */
    int count(AnswerText text) {
        int matches = 0;
        int free = 0;
        int words = text.wordStartCount();
        for (int word = 0; word < words; word++) {
            int start = text.wordStart(word);
            int end = start < free ? -1 : matchEnd(text, start);
            if (end >= 0) {
                matches++;
                free = end;
            }
        }
        return matches;
    }

    /** Where the matches that are counted begin and end, as pairs of positions. */
    List<int[]> spans(AnswerText text) {
        List<int[]> spans = new ArrayList<>();
        int free = 0;
        for (int word = 0; word < text.wordStartCount(); word++) {
            int start = text.wordStart(word);
            int end = start < free ? -1 : matchEnd(text, start);
            if (end >= 0) {
                spans.add(new int[] {start, end});
                free = end;
            }
        }
        return spans;
    }

    /** The end of the match that begins at a word's start, or -1 without a match. */
    int matchEnd(AnswerText text, int start) {
        int first = text.foldedAt(start);
        if (first < 0) {
            return -1;
        }
        for (Marker marker : byFirstCharacter[first]) {
            int end = marker.matchEnd(text, start, ignoreCase);
            if (end >= 0) {
                return end;
            }
        }
        return -1;
    }
}
