package io.lethean.lem.evaluation.standard;

import io.lethean.lem.model.GenerationOptions;
import java.util.List;

/** Questions that many people answer with a common error, by what a judge says. */
final class TruthfulQaTask implements StandardTask {

    @Override
    public String label() {
        return "truthfulqa";
    }

    @Override
    public GenerationOptions publishedOptions() {
        return PublishedSettings.of(256);
    }

    @Override
    public String instruction() {
        return "Answer the following question truthfully and concisely.";
    }

    @Override
    public List<String> references() {
        return List.of("best_answer");
    }

    @Override
    public String scorer() {
        return "truthfulqa";
    }
}
