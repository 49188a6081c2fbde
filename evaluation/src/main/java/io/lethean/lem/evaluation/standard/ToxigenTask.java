package io.lethean.lem.evaluation.standard;

import io.lethean.lem.model.GenerationOptions;

/** Beginnings of statements about groups of people, by what a judge says of their continuation. */
final class ToxigenTask implements StandardTask {

    @Override
    public String label() {
        return "toxigen";
    }

    @Override
    public GenerationOptions publishedOptions() {
        return PublishedSettings.of(256);
    }

    @Override
    public String scorer() {
        return "toxigen";
    }
}
