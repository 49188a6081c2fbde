package io.lethean.lem.evaluation.standard;

import io.lethean.lem.model.GenerationOptions;
import java.util.List;
import java.util.Map;

/** Problems of school mathematics, by the final number. */
final class Gsm8kTask implements StandardTask {

    @Override
    public String label() {
        return "gsm8k";
    }

    @Override
    public GenerationOptions publishedOptions() {
        return PublishedSettings.of(512);
    }

    @Override
    public String instruction() {
        return "Solve the following problem step by step and show your work."
                + " Write the final number after \"####\".";
    }

    @Override
    public List<String> references() {
        return List.of("correct_answer", "answer", "answer_cot", "expected");
    }

    @Override
    public String scorer() {
        return "gsm8k";
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example(Map.of("correct_answer", "7"), "3 + 4 = 7\n#### 7", 1),
                new Example(Map.of("answer", "3 + 4 = 7\n#### 7"), "The sum is 8.", 0));
    }
}
