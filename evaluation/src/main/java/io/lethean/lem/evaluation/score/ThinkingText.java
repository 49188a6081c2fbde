package io.lethean.lem.evaluation.score;

import java.util.regex.Pattern;

/** Tells what a model thought aloud from what it answered. */
final class ThinkingText {

    private static final Pattern BLOCK = Pattern.compile(
            "<(think|thinking|thought|reasoning)>.*?(?:</\\1>|\\z)", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    /** The harmony format of the GPT-OSS models names a channel before each message. */
    private static final Pattern HARMONY = Pattern.compile(
            "(?:<\\|channel\\|>)?analysis(?:<\\|message\\|>|(?=[A-Z\"])).*?"
                    + "(?:assistantfinal|<\\|channel\\|>final<\\|message\\|>|\\z)",
            Pattern.DOTALL);

    /** An end without a begin: some templates put the begin into the prompt. */
    private static final Pattern HEADLESS =
            Pattern.compile("\\A.*</(?:think|thinking|thought|reasoning)>", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    private ThinkingText() {}

    /** The answer without thinking text and white space at its ends; empty if nothing else was said. */
    static String remove(String response) {
        String rest = HEADLESS.matcher(BLOCK.matcher(response).replaceAll("")).replaceFirst("");
        if (rest.startsWith("analysis") || rest.startsWith("<|channel|>analysis")) {
            rest = HARMONY.matcher(rest).replaceFirst("");
        }
        return PythonText.strip(rest);
    }

    /** True if part of the response is thinking text. */
    static boolean isIn(String response) {
        return !remove(response).equals(PythonText.strip(response));
    }
}
