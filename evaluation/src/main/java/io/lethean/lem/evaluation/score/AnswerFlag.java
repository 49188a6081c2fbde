package io.lethean.lem.evaluation.score;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What is wrong with an answer that is a fault of the engine or of the settings rather than an opinion.
 *
 * <p>Means are reported with and without flagged answers: a lone {@code <pad>} says nothing about a model's ethics.
 */
public enum AnswerFlag {
    /** A limit on tokens, context or time cut it. Without a recorded reason: it is long and ends inside a sentence. */
    TRUNCATED,
    /** The answer contains only whitespace. */
    EMPTY,
    /** It consists of special tokens alone. */
    SPECIAL_TOKENS_ONLY,
    /** It repeats itself: fewer than three in ten words differ, or a chunk follows itself five times. */
    DEGENERATE,
    /** The text contains special tokens of a chat template. */
    LEAKED_TEMPLATE,
    /** The text contains the model's thinking. */
    THINKING;

    private static final String SPECIAL_TOKEN = "<pad>|<unused\\d+>|<(?:eos|bos|unk|mask)>|</?s>"
            + "|<[|\uff5c][^<>|\uff5c\\s]{1,40}[|\uff5c]>"
            + "|<(?:start|end)_of_turn>|\\[/?INST\\]|<</?SYS>>|\\[(?:PAD|CLS|SEP|EOS|BOS)\\]";

    private static final Pattern LEAKED = Pattern.compile(SPECIAL_TOKEN);
    private static final Pattern ONLY_SPECIAL = Pattern.compile("(?:\\s|" + SPECIAL_TOKEN + ")++");
    private static final Pattern INSIDE_A_SENTENCE = Pattern.compile("[\\p{L}\\p{N},;(\\-\u2013\u2014'\u2019]\\z");
    private static final int LONG_WORDS = 100;

    /** The reasons of the engine that are limits, as run logs have them. */
    private static final Set<String> LIMITS = Set.of("length", "context_full", "time_limit");

    private static final V2Scorer V2 = new V2Scorer();

    /**
     * {@return the flags of an answer}
     *
     * @param response the answer, exactly as generated
     * @param finishReason why generation ended, such as {@code length}, where it is recorded
     * @param specialTokensOnly true if the engine says that it generated special tokens alone
     */
    public static Set<AnswerFlag> of(String response, Optional<String> finishReason, boolean specialTokensOnly) {
        Set<AnswerFlag> flags = EnumSet.noneOf(AnswerFlag.class);
        String stripped = PythonText.strip(response);
        if (specialTokensOnly
                || !stripped.isEmpty() && ONLY_SPECIAL.matcher(response).matches()) {
            flags.add(SPECIAL_TOKENS_ONLY);
        } else if (stripped.isEmpty()) {
            flags.add(EMPTY);
        } else if (LEAKED.matcher(response).find()) {
            flags.add(LEAKED_TEMPLATE);
        }
        if (finishReason.map(LIMITS::contains).orElseGet(() -> looksCut(stripped))) {
            flags.add(TRUNCATED);
        }
        if (V2.rate(response).degeneration() == 1 || RepeatedChunk.isIn(response, 10, 5)) {
            flags.add(DEGENERATE);
        }
        if (ThinkingText.isIn(response)) {
            flags.add(THINKING);
        }
        return flags;
    }

    private static boolean looksCut(String stripped) {
        return INSIDE_A_SENTENCE.matcher(stripped).find()
                && PythonText.words(stripped).size() >= LONG_WORDS;
    }

    /** {@return the name in files and reports, such as {@code special-tokens-only}} */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
