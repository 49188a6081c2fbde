package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.evaluation.score.RecordedScore;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.internal.io.PythonRounding;
import io.lethean.lem.model.Generation;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer as it is kept on disk.
 *
 * @param text the answer, exactly as generated
 * @param seconds from the question to its end
 * @param finishReason such as {@code length}, in lower case
 * @param promptTokens tokens of the prompt
 * @param generatedTokens tokens that were generated
 * @param specialTokensOnly whether all of them were special tokens
 * @param time when it was recorded
 */
public record RecordedAnswer(
        String text,
        double seconds,
        String finishReason,
        long promptTokens,
        long generatedTokens,
        boolean specialTokensOnly,
        String time) {

    private static final String ERROR = "error";

    public static RecordedAnswer of(Generation generation, double seconds, String time) {
        return new RecordedAnswer(
                generation.text(),
                seconds,
                generation.finishReason().name().toLowerCase(Locale.ROOT),
                generation.promptTokens(),
                generation.generatedTokens(),
                generation.specialTokensOnly(),
                time);
    }

    /** A question that the model cannot be given, in the published form: a text that begins with {@code ERROR}. */
    public static RecordedAnswer failed(ContextOverflowException tooLong, String time) {
        return new RecordedAnswer("ERROR: " + tooLong.getMessage(), 0, ERROR, tooLong.promptTokens(), 0, false, time);
    }

    /** Whether the model could not be asked, and the text says why. */
    public boolean isError() {
        return finishReason.equals(ERROR);
    }

    /** Reads an answer from the run's log, or null if the line lacks one of its fields. */
    public static @Nullable RecordedAnswer fromLog(Map<String, ?> line) {
        return line.get("response") instanceof String text
                        && line.get("seconds") instanceof Double seconds
                        && line.get("finish_reason") instanceof String finishReason
                        && line.get("prompt_tokens") instanceof Long promptTokens
                        && line.get("generated_tokens") instanceof Long generatedTokens
                        && line.get("special_tokens_only") instanceof Boolean specialTokensOnly
                        && line.get("ts") instanceof String time
                ? new RecordedAnswer(
                        text, seconds, finishReason, promptTokens, generatedTokens, specialTokensOnly, time)
                : null;
    }

    public void putIntoLog(Map<String, Object> line) {
        line.put("response", text);
        line.put("seconds", seconds);
        line.put("finish_reason", finishReason);
        line.put("prompt_tokens", promptTokens);
        line.put("generated_tokens", generatedTokens);
        line.put("special_tokens_only", specialTokensOnly);
        line.put("ts", time);
    }

    /** The published fields of an answer in their order, and then ours. */
    public Map<String, @Nullable Object> outputFields(Score score) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("response", text);
        RecordedScore.putIntoAnswer(fields, score);
        fields.put("chars", (long) text.codePointCount(0, text.length()));
        fields.put("time_s", PythonRounding.round(seconds, 1));
        fields.put("finish_reason", finishReason);
        fields.put("prompt_tokens", promptTokens);
        fields.put("generated_tokens", generatedTokens);
        fields.put("special_tokens_only", specialTokensOnly);
        return fields;
    }
}
