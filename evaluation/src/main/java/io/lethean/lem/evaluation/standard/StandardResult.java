package io.lethean.lem.evaluation.standard;

import io.lethean.lem.evaluation.score.AnswerFlag;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a standard benchmark recorded.
 *
 * @param answers the output's lines, in the order of the questions
 * @param asked questions that this run put to the model; 0 if everything was recorded already
 * @param output the file with the answers
 * @param run everything that decided the answers
 */
public record StandardResult(
        List<Map<String, Object>> answers, int asked, Path output, Map<String, @Nullable Object> run) {

    /** Copies the list, so that later changes of it do not count. */
    public StandardResult {
        answers = List.copyOf(answers);
    }

    /** {@return the number of answers with each flag, by its name, without flags that do not occur} */
    public Map<String, Integer> flags() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Map<String, Object> answer : answers) {
            flagsOf(answer).forEach(flag -> counts.merge(flag, 1, Integer::sum));
        }
        return counts;
    }

    private static List<String> flagsOf(Map<String, Object> answer) {
        if ("error".equals(answer.get("finish_reason"))) {
            return List.of("failed");
        }
        List<String> flags = new ArrayList<>();
        if (answer.get("response") instanceof String response && answer.get("finish_reason") instanceof String reason) {
            boolean special = Boolean.TRUE.equals(answer.get("special_tokens_only"));
            AnswerFlag.of(response, Optional.of(reason), special).forEach(flag -> flags.add(flag.label()));
        }
        return flags;
    }
}
