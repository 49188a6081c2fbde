package io.lethean.lem.internal.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which strings are allowed.
 *
 * @param least characters
 * @param most characters; {@link Integer#MAX_VALUE} for any number
 * @param patterns all of which are found in the string
 * @param formats all of which the string has
 */
record StringLimits(int least, int most, List<Dfa> patterns, List<Dfa> formats) {

    static final StringLimits NONE = new StringLimits(0, Integer.MAX_VALUE, List.of(), List.of());

    private static final String MONTH_AND_DAY =
            "((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])" + "|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))";
    private static final String YEAR = "(\\d{3}[1-9]|\\d\\d[1-9]0|\\d[1-9]00|[1-9]000)";
    private static final String LEAP_YEAR = "(\\d\\d(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)";
    private static final String DATE = "(" + YEAR + "-" + MONTH_AND_DAY + "|" + LEAP_YEAR + "-02-29)";
    private static final String TIME =
            "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?" + "(Z|[+-](0\\d|1[0-3]):[0-5]\\d)";

    /** Formats and their patterns: RFC 3339 without the year 0 and leap seconds, and RFC 4122. */
    private static final Map<String, String> FORMATS = Map.of(
            "date",
            DATE,
            "time",
            TIME,
            "date-time",
            DATE + "T" + TIME,
            "uuid",
            "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private static final Map<String, Dfa> KNOWN_FORMATS = new ConcurrentHashMap<>();

    static StringLimits read(Keywords keywords) {
        List<Dfa> patterns = new ArrayList<>();
        String pattern = keywords.text("pattern");
        if (pattern != null) {
            patterns.add(Determinization.ofPattern(pattern, keywords.place()));
        }
        List<Dfa> formats = new ArrayList<>();
        String format = keywords.text("format");
        if (format != null && !NumberLimits.isFormat(format)) {
            formats.add(format(format, keywords));
        }
        return new StringLimits(
                keywords.least("minLength"), keywords.most("maxLength"), List.copyOf(patterns), List.copyOf(formats));
    }

    private static Dfa format(String name, Keywords keywords) {
        @Nullable String pattern = FORMATS.get(name);
        if (pattern == null) {
            throw keywords.refused("format \"" + name + "\" at " + keywords.place()
                    + " is not enforced; date, time, date-time and uuid are, and int32, int64, float and double for"
                    + " numbers. Write a pattern instead.");
        }
        return KNOWN_FORMATS.computeIfAbsent(name, unused -> Determinization.ofPattern("^(" + pattern + ")$", name));
    }

    StringLimits and(StringLimits other) {
        List<Dfa> allPatterns = new ArrayList<>(patterns);
        allPatterns.addAll(other.patterns);
        List<Dfa> allFormats = new ArrayList<>(formats);
        allFormats.addAll(other.formats);
        return new StringLimits(
                Math.max(least, other.least),
                Math.min(most, other.most),
                List.copyOf(allPatterns),
                List.copyOf(allFormats));
    }

    boolean allows(String text) {
        int length = text.codePointCount(0, text.length());
        return length >= least
                && length <= most
                && patterns.stream().allMatch(each -> each.accepts(text))
                && formats.stream().allMatch(each -> each.accepts(text));
    }
}
