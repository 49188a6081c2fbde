package io.lethean.lem.evaluation.score;

import io.lethean.lem.evaluation.score.EnglishLexicon.NounForm;
import io.lethean.lem.evaluation.score.EnglishLexicon.Tense;
import io.lethean.lem.evaluation.score.EnglishLexicon.VerbForm;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a text is made of, as shares: which verbs, nouns, tenses, articles and marks.
 *
 * @param verbs share of each verb base; all shares of a map sum to 1, or the map is empty
 * @param nouns share of each noun base
 * @param tenses shares of {@code past}, {@code gerund} and {@code base}
 * @param articles shares of {@code definite} and {@code indefinite}
 * @param marks shares of {@code label} (a colon), {@code progress} (an ellipsis) and {@code question}
 * @param tokens words and marks together
 */
record GrammarImprint(
        Map<String, Double> verbs,
        Map<String, Double> nouns,
        Map<String, Double> tenses,
        Map<String, Double> articles,
        Map<String, Double> marks,
        int tokens) {

    private static final Pattern TOKEN =
            Pattern.compile("\\p{L}+(?:['\u2019-]\\p{L}+)*+|\\p{N}+|\\.\\.\\.|\u2026|[?:]|[.!;\\n]");

    private static final Set<String> DEFINITE = Set.of("the");
    private static final Set<String> INDEFINITE = Set.of("a", "an");
    private static final Set<String> DETERMINERS = Set.of(
            "the", "a", "an", "this", "that", "these", "those", "my", "your", "his", "her", "its", "our", "their",
            "some", "any", "each", "every", "no", "another");
    private static final Set<String> AUXILIARIES = Set.of(
            "be",
            "am",
            "is",
            "are",
            "was",
            "were",
            "been",
            "being",
            "have",
            "has",
            "had",
            "having",
            "do",
            "does",
            "did",
            "can",
            "could",
            "will",
            "would",
            "shall", // words:ok
            "should",
            "may",
            "might",
            "must",
            "to",
            "don't",
            "doesn't",
            "didn't",
            "can't",
            "cannot",
            "won't",
            "couldn't",
            "wouldn't",
            "shouldn't",
            "i",
            "you",
            "we",
            "they",
            "let's");

    /** The share of the likelier reading when nothing tells a verb from a noun, and its least share otherwise. */
    private static final double FLOOR = 0.55;

    /** Reads a text. */
    static GrammarImprint of(String text) {
        return new Reading(text).imprint();
    }

    int uniqueVerbs() {
        return verbs.size();
    }

    int uniqueNouns() {
        return nouns.size();
    }

    /**
     * How alike two texts are, 0 to 1: the cosine of each kind of share, weighted, kinds that are empty on both sides
     * left out.
     */
    double similarity(GrammarImprint other) {
        double[] sum = new double[2];
        addCosine(sum, 0.30, verbs, other.verbs);
        addCosine(sum, 0.25, nouns, other.nouns);
        addCosine(sum, 0.20, tenses, other.tenses);
        addCosine(sum, 0.15, articles, other.articles);
        addCosine(sum, 0.10, marks, other.marks);
        return sum[1] == 0 ? 0 : sum[0] / sum[1];
    }

    private static void addCosine(double[] sum, double weight, Map<String, Double> a, Map<String, Double> b) {
        if (!a.isEmpty() || !b.isEmpty()) {
            sum[0] += weight * cosine(a, b);
            sum[1] += weight;
        }
    }

    private static double cosine(Map<String, Double> a, Map<String, Double> b) {
        double dot = 0;
        for (Map.Entry<String, Double> entry : a.entrySet()) {
            dot += entry.getValue() * b.getOrDefault(entry.getKey(), 0.0);
        }
        double norms = norm(a) * norm(b);
        return norms == 0 ? 0 : dot / norms;
    }

    private static double norm(Map<String, Double> shares) {
        return Math.sqrt(
                shares.values().stream().mapToDouble(share -> share * share).sum());
    }

    /** One pass over the tokens of a text; sorted maps keep the sums the same on every run. */
    private static final class Reading {

        private final List<String> tokens;
        private final Map<String, Double> verbs = new TreeMap<>();
        private final Map<String, Double> nouns = new TreeMap<>();
        private final Map<String, Double> tenses = new TreeMap<>();
        private final Map<String, Double> articles = new TreeMap<>();
        private final Map<String, Double> marks = new TreeMap<>();
        private boolean clauseHasVerb;
        private int counted;

        Reading(String text) {
            tokens = TOKEN.matcher(text.toLowerCase(Locale.ROOT))
                    .results()
                    .map(MatchResult::group)
                    .map(token -> token.replace('\u2019', '\''))
                    .toList();
        }

        GrammarImprint imprint() {
            for (int i = 0; i < tokens.size(); i++) {
                read(i);
            }
            return new GrammarImprint(
                    shares(verbs), shares(nouns), shares(tenses), shares(articles), shares(marks), counted);
        }

        private void read(int at) {
            String token = tokens.get(at);
            if (readMark(token)) {
                return;
            }
            counted++;
            if (DEFINITE.contains(token) || INDEFINITE.contains(token)) {
                add(articles, DEFINITE.contains(token) ? "definite" : "indefinite", 1);
                return;
            }
            if (!AUXILIARIES.contains(token) && !DETERMINERS.contains(token)) {
                readWord(at, EnglishLexicon.verb(token), EnglishLexicon.noun(token));
            }
        }

        private boolean readMark(String token) {
            String mark = switch (token) {
                case ":" -> "label";
                case "...", "\u2026" -> "progress";
                case "?" -> "question";
                default -> "";
            };
            boolean ends = ".!;\n".contains(token);
            if (!mark.isEmpty()) {
                add(marks, mark, 1);
                counted++;
            }
            if (ends || !mark.isEmpty()) {
                clauseHasVerb = false;
            }
            return ends || !mark.isEmpty();
        }

        private void readWord(int at, @Nullable VerbForm verb, @Nullable NounForm noun) {
            double verbShare = verb == null ? 0 : noun == null ? 1 : verbShare(at, verb, noun);
            if (verb != null && verbShare > 0) {
                add(verbs, verb.base(), verbShare);
                add(tenses, tenseName(verb.tense()), verbShare);
                clauseHasVerb |= verbShare >= FLOOR;
            }
            if (noun != null && verbShare < 1) {
                add(nouns, noun.base(), 1 - verbShare);
            }
        }

        private static String tenseName(Tense tense) {
            return switch (tense) {
                case PAST -> "past";
                case GERUND -> "gerund";
                case BASE -> "base";
            };
        }

        /** Weighs the words around a word that can be both; the weights are those of the published scorer. */
        private double verbShare(int at, VerbForm verb, NounForm noun) {
            String before = at > 0 ? tokens.get(at - 1) : "\n";
            String after = at + 1 < tokens.size() ? tokens.get(at + 1) : "\n";
            double forVerb = 0.02;
            double forNoun = 0;
            forNoun += DETERMINERS.contains(before) ? 0.35 : 0;
            forVerb += AUXILIARIES.contains(before) ? 0.25 : 0;
            forVerb += DETERMINERS.contains(after) ? 0.15 : 0;
            forNoun += AUXILIARIES.contains(after) || ".!;\n?:".contains(after) ? 0.15 : 0;
            forVerb += ".!;\n?:".contains(before) ? 0.10 : 0;
            forNoun += clauseHasVerb ? 0.10 : 0;
            forVerb += verbs.getOrDefault(verb.base(), 0.0) > nouns.getOrDefault(noun.base(), 0.0) ? 0.03 : 0;
            forNoun += nouns.getOrDefault(noun.base(), 0.0) > verbs.getOrDefault(verb.base(), 0.0) ? 0.03 : 0;
            double share = forVerb / (forVerb + forNoun);
            return forVerb >= forNoun ? Math.max(FLOOR, Math.min(1, share)) : Math.min(1 - FLOOR, share);
        }

        private static void add(Map<String, Double> counts, String key, double weight) {
            counts.merge(key, weight, Double::sum);
        }

        private static Map<String, Double> shares(Map<String, Double> counts) {
            double total =
                    counts.values().stream().mapToDouble(Double::doubleValue).sum();
            Map<String, Double> shares = new TreeMap<>();
            counts.forEach((key, count) -> shares.put(key, count / total));
            return shares;
        }
    }
}
