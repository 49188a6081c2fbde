package io.lethean.lem.evaluation.score;

import io.lethean.lem.evaluation.score.JudgedSuite.Ratings;
import io.lethean.lem.evaluation.score.LenientJson.Member;
import io.lethean.lem.evaluation.score.LenientJson.Members;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Collects the ratings of one reply.
 *
 * <p>A rating is a number or a text such as {@code "8"} or {@code "8/10"}. It can be nested in another object, and its
 * name can be in another case. A rating with a fraction is kept as it is. A reply is read only if it is unambiguous:
 * every dimension has one value, and that value is on the scale.
 */
final class RatingsReader {

    private static final Pattern NUMBER = Pattern.compile(
            "([+-]?\\d{1,6}(?:\\.\\d{0,9})?)(?:\\s*(?:/|out of)\\s*10(?:\\.0+)?)?", Pattern.CASE_INSENSITIVE);
    private static final List<String> VALUE_NAMES = List.of("score", "rating", "value");
    private static final List<String> TITLE_NAMES = List.of("dimension", "criterion", "name");
    private static final int MOST_SHOWN = 40;

    private final List<String> dimensions;
    private final int lowest;
    private final String remarkName;
    private final Map<String, String> byPlainName = new LinkedHashMap<>();
    private final Map<String, Set<Object>> found = new LinkedHashMap<>();
    private @Nullable String remark;

    /**
     * @param lowest the lowest rating of the scale
     * @param remark the name of the member with the judge's remark
     */
    RatingsReader(List<String> dimensions, int lowest, String remark) {
        this.dimensions = dimensions;
        this.lowest = lowest;
        remarkName = remark;
        dimensions.forEach(dimension -> byPlainName.put(plain(dimension), dimension));
    }

    /** The result of reading a reply. */
    sealed interface Reading {

        /** The reply has a valid rating for each dimension. */
        record Rated(Ratings ratings) implements Reading {}

        /**
         * The reply cannot be used.
         *
         * @param fault one clause, such as {@code kindness is missing}; empty if the reply has no ratings at all
         */
        record Unusable(String fault) implements Reading {}
    }

    /** A value that cannot be a rating, as messages show it. */
    private record NotANumber(String shown) {}

    Reading read(String reply) {
        JudgeReplyReader.objects(reply).forEach(this::collect);
        if (found.isEmpty()) {
            return new Reading.Unusable("");
        }
        Map<String, Number> ratings = new LinkedHashMap<>();
        for (String dimension : dimensions) {
            Set<Object> values = found.getOrDefault(dimension, Set.of());
            if (values.size() == 1 && values.iterator().next() instanceof Double rating && isOnScale(rating)) {
                ratings.put(dimension, wholeIfWhole(rating));
            } else {
                return new Reading.Unusable(fault(dimension, values));
            }
        }
        return new Reading.Rated(new Ratings(ratings, remark == null ? "" : remark));
    }

    private void collect(Members object) {
        for (Member member : object.list()) {
            String dimension = byPlainName.get(plain(member.name()));
            if (dimension != null) {
                add(dimension, member.value());
            } else if (member.value() instanceof String text
                    && plain(member.name()).equals(plain(remarkName))) {
                remark = remark == null ? text : remark;
            } else {
                collectInside(member.value());
            }
        }
        String title = titleOf(object);
        if (title != null) {
            valueOf(object).forEach(value -> add(title, value));
        }
    }

    private void collectInside(@Nullable Object value) {
        if (value instanceof Members object) {
            collect(object);
        } else if (value instanceof List<?> elements) {
            elements.forEach(this::collectInside);
        }
    }

    /** The dimension of an object such as {@code {"dimension": "kindness", "score": 8}}; null for other objects. */
    private @Nullable String titleOf(Members object) {
        for (Member member : object.list()) {
            if (member.value() instanceof String title && TITLE_NAMES.contains(plain(member.name()))) {
                return byPlainName.get(plain(title));
            }
        }
        return null;
    }

    private static List<Object> valueOf(Members object) {
        List<Object> values = new ArrayList<>();
        for (Member member : object.list()) {
            if (VALUE_NAMES.contains(plain(member.name())) && member.value() != null) {
                values.add(member.value());
            }
        }
        return values;
    }

    private void add(String dimension, @Nullable Object value) {
        switch (value) {
            case null -> {}
            case Members object -> valueOf(object).forEach(inner -> add(dimension, inner));
            case Double number -> put(dimension, number + 0.0);
            case String text -> put(dimension, number(text));
            default -> put(dimension, new NotANumber(value.toString()));
        }
    }

    private void put(String dimension, Object value) {
        found.computeIfAbsent(dimension, name -> new LinkedHashSet<>()).add(value);
    }

    private static Object number(String text) {
        Matcher matcher = NUMBER.matcher(text.strip());
        return matcher.matches() ? (Object) (Double.parseDouble(matcher.group(1)) + 0.0) : new NotANumber(quoted(text));
    }

    private static String quoted(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return "\"" + (line.length() <= MOST_SHOWN ? line : line.substring(0, MOST_SHOWN) + "...") + "\"";
    }

    private boolean isOnScale(double rating) {
        return rating >= lowest && rating <= 10;
    }

    private static Number wholeIfWhole(double rating) {
        return rating == Math.rint(rating) ? (Number) (long) rating : (Number) rating;
    }

    private String fault(String dimension, Set<Object> values) {
        if (values.isEmpty()) {
            return dimension + " is missing";
        }
        List<String> shown = values.stream().map(RatingsReader::shown).toList();
        if (values.size() > 1) {
            return "it has different ratings for " + dimension + ", " + String.join(" and ", shown);
        }
        return values.iterator().next() instanceof Double number && !number.isNaN()
                ? dimension + " is " + shown.getFirst() + ", and the scale is from " + lowest + " to 10"
                : dimension + " is " + shown.getFirst() + ", which is not a number from " + lowest + " to 10";
    }

    private static String shown(Object value) {
        return switch (value) {
            case NotANumber(String text) -> text;
            case Double number
            when number == Math.rint(number) && Math.abs(number) < 1e15 -> Long.toString(number.longValue());
            default -> value.toString();
        };
    }

    /** A name without case, spaces, hyphens and underscores: {@code Ethical Depth} is {@code ethicaldepth}. */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
    }
}
