package io.lethean.lem.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Drafts the tokens that may come next: those that followed the last earlier occurrence of the present n-gram in prompt and
 * answer. Confined to one thread.
 */
final class LookupDraft {

    /** A long n-gram is seldom repeated by chance, so what followed it is the better draft. */
    static final int LONGEST = 4;
    /** The shortest n-gram that is looked up. */
    static final int SHORTEST = 2;

    /** For each n-gram size the place after the last occurrence that is known to continue, by a hash of the tokens. */
    private final List<Map<Integer, Integer>> places = new ArrayList<>();

    private int indexed;

    LookupDraft() {
        for (int size = SHORTEST; size <= LONGEST; size++) {
            places.add(new HashMap<>());
        }
    }

    /**
     * The tokens that may follow.
     *
     * @param history the tokens so far; each call is given the history of the call before, or a longer one
     * @param count how many tokens are wanted
     * @param shortest tokens that an n-gram must have at least, from {@link #SHORTEST} to {@link #LONGEST}
     * @return so many tokens; none if no such n-gram occurred before
     */
    int[] after(TokenHistory history, int count, int shortest) {
        index(history);
        for (int size = LONGEST; size >= shortest; size--) {
            int place = find(history, size);
            if (place > 0) {
                return copy(history, place, count);
            }
        }
        return new int[0];
    }

    /** Adds every n-gram that a token follows; the present one is added once it continues. */
    private void index(TokenHistory history) {
        for (int end = indexed + 1; end < history.length(); end++) {
            for (int size = SHORTEST; size <= Math.min(LONGEST, end); size++) {
                places(size).put(hash(history, end, size), end);
            }
            indexed = end;
        }
    }

    private Map<Integer, Integer> places(int size) {
        return places.get(size - SHORTEST);
    }

    private int find(TokenHistory history, int size) {
        int length = history.length();
        if (size >= length) {
            return 0;
        }
        int place = places(size).getOrDefault(hash(history, length, size), 0);
        return place > 0 && isEqual(history, place, length, size) ? place : 0;
    }

    private static int hash(TokenHistory history, int end, int size) {
        int hash = 0;
        for (int i = end - size; i < end; i++) {
            hash = (hash + history.token(i)) * 0x9E3779B1;
            hash ^= hash >>> 15;
        }
        return hash;
    }

    private static boolean isEqual(TokenHistory history, int end, int otherEnd, int size) {
        for (int i = 1; i <= size; i++) {
            if (history.token(end - i) != history.token(otherEnd - i)) {
                return false;
            }
        }
        return true;
    }

    /** Where the history ends, the draft continues with its own first tokens: the text repeats itself. */
    private static int[] copy(TokenHistory history, int from, int count) {
        int[] draft = new int[count];
        for (int i = 0; i < count; i++) {
            int place = from + i;
            draft[i] = place < history.length() ? history.token(place) : draft[place - history.length()];
        }
        return draft;
    }
}
