package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.RecordedAnswer;
import io.lethean.lem.evaluation.score.RecordedScore;
import io.lethean.lem.evaluation.score.Score;
import io.lethean.lem.internal.io.PythonRounding;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An answer as the lines of files have it. */
public final class AnswerForm {

    private static final String MACHINE = "machine";

    private AnswerForm() {}

    /** Reads an answer from the run's log, or null if the line lacks one of its fields. */
    static @Nullable RecordedAnswer fromLog(Map<String, ?> line) {
        return line.get("response") instanceof String text
                        && line.get("seconds") instanceof Double seconds
                        && line.get("finish_reason") instanceof String finishReason
                        && line.get("prompt_tokens") instanceof Long promptTokens
                        && line.get("generated_tokens") instanceof Long generatedTokens
                        && line.get("special_tokens_only") instanceof Boolean specialTokensOnly
                        && line.get("ts") instanceof String time
                ? new RecordedAnswer(
                        text,
                        seconds,
                        finishReason,
                        promptTokens,
                        generatedTokens,
                        specialTokensOnly,
                        time,
                        line.get(MACHINE) instanceof Map<?, ?> machine ? Machine.of(machine) : Optional.empty())
                : null;
    }

    static void putIntoLog(Map<String, Object> line, RecordedAnswer answer) {
        line.put("response", answer.text());
        line.put("seconds", answer.seconds());
        line.put("finish_reason", answer.finishReason());
        line.put("prompt_tokens", answer.promptTokens());
        line.put("generated_tokens", answer.generatedTokens());
        line.put("special_tokens_only", answer.specialTokensOnly());
        line.put("ts", answer.time());
        answer.machine().ifPresent(machine -> line.put(MACHINE, machine.fields()));
    }

    /** The published fields of an answer in their order, and then ours. */
    public static Map<String, @Nullable Object> outputFields(RecordedAnswer answer, Score score) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("response", answer.text());
        RecordedScore.putIntoAnswer(fields, score);
        fields.put("chars", (long) answer.text().codePointCount(0, answer.text().length()));
        fields.put("time_s", PythonRounding.round(answer.seconds(), 1));
        fields.put("finish_reason", answer.finishReason());
        fields.put("prompt_tokens", answer.promptTokens());
        fields.put("generated_tokens", answer.generatedTokens());
        fields.put("special_tokens_only", answer.specialTokensOnly());
        return fields;
    }
}
