package io.lethean.lem.evaluation.standard;

import io.lethean.lem.model.GenerationOptions;

/** The questions of TruthfulQA, by the likelihood of given answers; nothing is generated. */
final class TruthfulQaChoiceTask implements StandardTask {

    @Override
    public String label() {
        return "truthfulqa-mc";
    }

    @Override
    public GenerationOptions publishedOptions() {
        return PublishedSettings.of(1);
    }

    @Override
    public String scorer() {
        return "";
    }

    @Override
    public boolean generates() {
        return false;
    }
}
