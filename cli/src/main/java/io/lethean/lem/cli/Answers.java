package io.lethean.lem.cli;

import io.lethean.lem.model.Generation;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** How a model's answer reaches the streams. */
final class Answers {

    private Answers() {}

    /** What is piped, without the line end that a shell puts after it. */
    static String readPrompt(Console console) throws IOException {
        String all = readAll(console);
        return all.endsWith("\r\n")
                ? all.substring(0, all.length() - 2)
                : all.endsWith("\n") ? all.substring(0, all.length() - 1) : all;
    }

    private static String readAll(Console console) throws IOException {
        StringBuilder all = new StringBuilder();
        char[] buffer = new char[8192];
        for (int read = console.in().read(buffer);
                read >= 0;
                read = console.in().read(buffer)) {
            all.append(buffer, 0, read);
        }
        return all.toString();
    }

    static void print(Console console, String piece) {
        console.out().print(piece);
        console.out().flush();
    }

    /** Ends the line for a person; what is piped stays the text and nothing else. */
    static void end(Console console, Generation answer) {
        if (console.interactive()) {
            console.out().println();
            console.out().flush();
        } else {
            // Both streams often reach one terminal or file, where a blank line separates the statistics.
            console.out().flush();
            if (!answer.text().endsWith("\n")) {
                console.err().println();
            }
        }
        console.err().println();
        if (answer.specialTokensOnly()) {
            console.note(String.format(
                    Locale.ROOT,
                    "lem: the model produced %d special tokens and no text; is this the prompt it expects?",
                    answer.generatedTokens()));
        }
        console.note(summary(answer));
    }

    static String summary(Generation answer) {
        return String.format(
                Locale.ROOT,
                "%d prompt tokens at %.1f/s, %d new tokens at %.1f/s, %s%s",
                answer.promptTokens(),
                perSecond(answer.promptTokens(), answer.timings().prompt()),
                answer.generatedTokens(),
                perSecond(answer.generatedTokens(), answer.timings().generation()),
                finishReason(answer),
                answer.seed().isPresent() ? ", seed " + answer.seed().getAsLong() : "");
    }

    static void printJson(Console console, Generation answer) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("text", answer.text());
        fields.put("tokens", answer.tokens());
        fields.put("finish_reason", finishReason(answer));
        answer.stopSequence().ifPresent(stop -> fields.put("stop_sequence", stop));
        answer.seed().ifPresent(seed -> fields.put("seed", seed));
        fields.put("prompt_tokens", answer.promptTokens());
        fields.put("evaluated_tokens", answer.evaluatedTokens());
        fields.put("generated_tokens", answer.generatedTokens());
        if (answer.draftedTokens() > 0) {
            fields.put("drafted_tokens", answer.draftedTokens());
            fields.put("accepted_tokens", answer.acceptedTokens());
        }
        fields.put("special_tokens_only", answer.specialTokensOnly());
        fields.put("prompt_seconds", seconds(answer.timings().prompt()));
        fields.put("generation_seconds", seconds(answer.timings().generation()));
        answer.timings().firstToken().ifPresent(time -> fields.put("first_token_seconds", seconds(time)));
        if (!answer.logprobs().isEmpty()) {
            fields.put("logprobs", answer.logprobs());
        }
        console.out().println(JsonMapper.shared().writeValueAsString(fields));
    }

    /** As run logs and reports write it. */
    static String finishReason(Generation answer) {
        return answer.finishReason().name().toLowerCase(Locale.ROOT);
    }

    private static double perSecond(int tokens, Duration time) {
        return time.isZero() ? 0 : tokens / seconds(time);
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
