package io.lethean.lem.evaluation.score;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether the final number of an answer is the expected one.
 *
 * <p>The results of three rules are recorded; the value is that of the rule in the scorer's name.
 * {@code correct} and {@code extracted} follow the published project. {@code strict_match} and {@code flexible_extract}
 * follow the filters and the comparison of the task gsm8k, version 3, in lm-evaluation-harness.
 *
 * <p>A sample needs {@code correct_answer}, {@code expected} or {@code answer} (a worked solution that ends in
 * {@code #### number}, as in the original data set); without one the answer is unscored.
 */
final class Gsm8kScorer extends RuleScorer {

    static final String NAME = "gsm8k";
    static final String STRICT = "gsm8k-strict";
    static final String FLEXIBLE = "gsm8k-flexible";
    private static final String VERSION = "1";

    private static final Pattern MARKED = PythonText.pattern("####\\s*([\\d,.\\-]+)");
    private static final Pattern NUMBER = PythonText.pattern("(?:^|\\s|=)(-?[\\d,]+(?:\\.\\d+)?)");

    private static final Pattern HARNESS_STRICT = Pattern.compile("#### (-?[0-9.,]+)");
    private static final Pattern HARNESS_FLEXIBLE = Pattern.compile("(-?[$0-9.,]{2,})|(-?[0-9]+)");
    private static final String HARNESS_INVALID = "[invalid]";

    private Gsm8kScorer(String name) {
        super(name, VERSION);
    }

    /** The published rule decides. */
    static Gsm8kScorer published() {
        return new Gsm8kScorer(NAME);
    }

    /** The harness's strict filter decides. */
    static Gsm8kScorer strict() {
        return new Gsm8kScorer(STRICT);
    }

    /** The harness's flexible filter decides. */
    static Gsm8kScorer flexible() {
        return new Gsm8kScorer(FLEXIBLE);
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example(new Sample("", "", Map.of("correct_answer", "7")), "3 + 4 = 7\n#### 7", 1),
                new Example(new Sample("", "", Map.of("correct_answer", "7")), "#### 8", 0));
    }

    @Override
    public Score score(Sample sample, String response) {
        return expected(sample).map(expected -> score(expected, response)).orElseGet(this::unscored);
    }

    private Score score(String expected, String response) {
        String extracted = extract(response);
        boolean correct = extracted != null && agree(expected, extracted);
        String strict = harnessStrict(response);
        String flexible = harnessFlexible(response);
        boolean strictMatch = harnessMatch(expected, strict);
        boolean flexibleMatch = harnessMatch(expected, flexible);
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("correct", correct);
        details.put("extracted", extracted);
        details.put("expected", expected);
        details.put("strict_match", strictMatch);
        details.put("strict_extracted", strict);
        details.put("flexible_extract", flexibleMatch);
        details.put("flexible_extracted", flexible);
        boolean verdict = switch (name()) {
            case STRICT -> strictMatch;
            case FLEXIBLE -> flexibleMatch;
            default -> correct;
        };
        return scored(verdict ? 1 : 0, details);
    }

    private static Optional<String> expected(Sample sample) {
        for (String field : List.of("correct_answer", "expected", "answer", "answer_cot")) {
            Object value = sample.fields().get(field);
            if (value != null) {
                return Optional.of(afterMarker(value.toString()));
            }
        }
        return Optional.empty();
    }

    private static String afterMarker(String answer) {
        int marker = answer.lastIndexOf("#### ");
        return marker < 0
                ? answer
                : PythonText.strip(answer.substring(marker + 5)).replace(",", "");
    }

    /** The number that the published rule reads from an answer; null if it finds no number. */
    private static @Nullable String extract(String response) {
        if (response.isEmpty() || response.startsWith("ERROR")) {
            return null;
        }
        Matcher marked = MARKED.matcher(response);
        if (marked.find()) {
            return withoutCommas(marked.group(1));
        }
        String last = last(NUMBER, response, match -> match.group(1));
        return last == null ? null : withoutCommas(last);
    }

    private static String withoutCommas(String number) {
        return PythonText.strip(number.replace(",", ""));
    }

    private static boolean agree(String expected, String extracted) {
        OptionalDouble wanted = PythonNumber.parse(expected);
        OptionalDouble found = PythonNumber.parse(extracted);
        if (wanted.isEmpty() || found.isEmpty()) {
            return expected.equals(extracted);
        }
        return Math.abs(wanted.getAsDouble() - found.getAsDouble()) < 0.01;
    }

    private static String harnessStrict(String response) {
        Matcher matcher = HARNESS_STRICT.matcher(response);
        return matcher.find() ? PythonText.strip(matcher.group(1)) : HARNESS_INVALID;
    }

    private static String harnessFlexible(String response) {
        String last = last(HARNESS_FLEXIBLE, response, MatchResult::group);
        return last == null ? HARNESS_INVALID : PythonText.strip(last);
    }

    private static @Nullable String last(Pattern pattern, String text, Function<MatchResult, String> part) {
        Matcher matcher = pattern.matcher(text);
        String last = null;
        while (matcher.find()) {
            last = part.apply(matcher);
        }
        return last;
    }

    private static boolean harnessMatch(String expected, String extracted) {
        return harnessNormal(expected).equals(harnessNormal(extracted));
    }

    /** Case, commas, dollar signs, a marker and all before it, and one final full stop do not count. */
    private static String harnessNormal(String answer) {
        String plain = answer.replace(",", "").replace("$", "");
        int marker = plain.lastIndexOf("#### ");
        String number = marker < 0 ? plain : plain.substring(marker + 5);
        return (number.endsWith(".") ? number.substring(0, number.length() - 1) : number).toLowerCase(Locale.ROOT);
    }
}
