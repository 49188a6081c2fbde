package io.lethean.lem.internal.schema;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A set of Unicode characters.
 *
 * @param ranges sorted, with gaps between them and without surrogates
 */
record CodePoints(List<Range> ranges) {

    /** The characters from first to last. */
    record Range(int first, int last) {}

    static final CodePoints NONE = new CodePoints(List.of());
    static final CodePoints ALL =
            new CodePoints(List.of(new Range(0, 0xD7FF), new Range(0xE000, Character.MAX_CODE_POINT)));

    CodePoints {
        ranges = List.copyOf(ranges);
    }

    static CodePoints of(int character) {
        return range(character, character);
    }

    static CodePoints range(int first, int last) {
        return first > last ? NONE : new CodePoints(List.of(new Range(first, last))).and(ALL);
    }

    /** The characters of a text. */
    static CodePoints anyOf(String characters) {
        return characters.codePoints().mapToObj(CodePoints::of).reduce(NONE, CodePoints::or);
    }

    /** The characters that pass a test. */
    static CodePoints where(IntPredicate test) {
        List<Range> found = new ArrayList<>();
        int begin = -1;
        for (int c = 0; c <= Character.MAX_CODE_POINT + 1; c++) {
            boolean in = c <= Character.MAX_CODE_POINT && test.test(c);
            if (in && begin < 0) {
                begin = c;
            } else if (!in && begin >= 0) {
                found.add(new Range(begin, c - 1));
                begin = -1;
            }
        }
        return new CodePoints(found).and(ALL);
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    boolean contains(int character) {
        int low = 0;
        int high = ranges.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Range range = ranges.get(middle);
            if (character < range.first) {
                high = middle - 1;
            } else if (character > range.last) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    CodePoints or(CodePoints other) {
        List<Range> sorted = new ArrayList<>(ranges);
        sorted.addAll(other.ranges);
        sorted.sort(Comparator.comparingInt(Range::first));
        List<Range> joined = new ArrayList<>();
        for (Range range : sorted) {
            Range last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && range.first <= last.last + 1) {
                joined.set(joined.size() - 1, new Range(last.first, Math.max(last.last, range.last)));
            } else {
                joined.add(range);
            }
        }
        return new CodePoints(joined);
    }

    CodePoints and(CodePoints other) {
        List<Range> common = new ArrayList<>();
        int mine = 0;
        int theirs = 0;
        while (mine < ranges.size() && theirs < other.ranges.size()) {
            Range a = ranges.get(mine);
            Range b = other.ranges.get(theirs);
            int first = Math.max(a.first, b.first);
            int last = Math.min(a.last, b.last);
            if (first <= last) {
                common.add(new Range(first, last));
            }
            if (a.last < b.last) {
                mine++;
            } else {
                theirs++;
            }
        }
        return new CodePoints(common);
    }

    /** All characters but these. */
    CodePoints not() {
        List<Range> gaps = new ArrayList<>();
        int next = 0;
        for (Range range : ranges) {
            if (range.first > next) {
                gaps.add(new Range(next, range.first - 1));
            }
            next = range.last + 1;
        }
        if (next <= Character.MAX_CODE_POINT) {
            gaps.add(new Range(next, Character.MAX_CODE_POINT));
        }
        return new CodePoints(gaps).and(ALL);
    }
}
