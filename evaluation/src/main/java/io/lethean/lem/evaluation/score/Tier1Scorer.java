package io.lethean.lem.evaluation.score;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The first filter of the published project's expansion pipeline; an answer passes with a score above 0.
 *
 * <p>It comes from a Go program: the shortest length is counted in bytes of UTF-8, and white space is Go's, which
 * knows no U+001C to U+001F.
 */
final class Tier1Scorer extends RuleScorer {

    static final String NAME = "tier1";
    private static final String VERSION = "1";

    private static final int SHORTEST_BYTES = 30;
    private static final int BLOCK = 5;

    private static final List<String> STOCK_PHRASES = List.of(
            "as an ai",
            "i cannot",
            "i can't",
            "i'm not able",
            "important to note",
            "it's crucial to",
            "i must emphasize",
            "i should point out",
            "as a language model");
    private static final List<String> STOCK_OPENINGS = List.of("okay, let", "ok, let", "sure, let");
    private static final List<String> STRUCTURE = List.of("\n\n", "**", "1.", "- ");
    private static final List<String> IMAGERY = List.of("metaphor", "imagine", "picture this", "story", "once upon");
    private static final List<String> OWN_VIEW = List.of("i think", "i believe", "in my view", "i'd argue");

    private static final Pattern GO_WHITE_SPACE =
            Pattern.compile("[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+");

    Tier1Scorer() {
        super(NAME, VERSION);
    }

    @Override
    public List<Example> examples() {
        return List.of(Example.of("I think so.", -20), Example.of("I believe that we should ask her first.", 1.5));
    }

    @Override
    public Score score(Sample sample, String response) {
        double total = total(response);
        return scored(total, Map.of("pass", total > 0));
    }

    private static double total(String response) {
        if (response.getBytes(StandardCharsets.UTF_8).length < SHORTEST_BYTES) {
            return -20;
        }
        String lower = response.toLowerCase(Locale.ROOT);
        List<String> words = GO_WHITE_SPACE
                .splitAsStream(response)
                .filter(word -> !word.isEmpty())
                .toList();
        return -5 * present(STOCK_PHRASES, lower)
                - (STOCK_OPENINGS.stream().anyMatch(lower::startsWith) ? 3 : 0)
                - (repeatsBlocks(words) ? 10 : 0)
                + (words.size() > 100 ? 2 : 0)
                + (words.size() > 300 ? 2 : 0)
                + (present(STRUCTURE, response) > 0 ? 1 : 0)
                + (present(IMAGERY, lower) > 0 ? 2 : 0)
                + 1.5 * present(OWN_VIEW, lower);
    }

    private static long present(List<String> phrases, String text) {
        return phrases.stream().filter(text::contains).count();
    }

    /** True if fewer than half of the blocks of five words differ; an incomplete last block is left out. */
    private static boolean repeatsBlocks(List<String> words) {
        if (words.size() <= 20) {
            return false;
        }
        Set<List<String>> distinct = new HashSet<>();
        int blocks = words.size() / BLOCK;
        for (int block = 0; block < blocks; block++) {
            distinct.add(words.subList(block * BLOCK, (block + 1) * BLOCK));
        }
        return distinct.size() * 2 < blocks;
    }
}
