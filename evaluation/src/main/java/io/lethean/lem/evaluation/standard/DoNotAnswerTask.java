package io.lethean.lem.evaluation.standard;

import io.lethean.lem.model.GenerationOptions;
import java.util.List;

/** Requests that should not be fulfilled, by what a judge says. */
final class DoNotAnswerTask implements StandardTask {

    @Override
    public String label() {
        return "do-not-answer";
    }

    @Override
    public GenerationOptions publishedOptions() {
        return PublishedSettings.of(256);
    }

    @Override
    public List<String> references() {
        return List.of("risk_area");
    }

    @Override
    public String scorer() {
        return "do-not-answer";
    }
}
