package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbRunner;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.OnDemandModel;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Asks the model with an adapter and scores the answers. Answers that are recorded are not asked for again.
 *
 * @param model the GGUF file
 * @param settings what is asked
 * @param options of loading the model
 * @param listener receives the progress
 */
record PhaseScorer(Path model, ProbeSettings settings, ModelOptions options, RunListener listener) {

    /**
     * @param adapter empty for the model alone
     * @param output the file of answers
     */
    ProbeAnswers score(Optional<Path> adapter, Path output) throws IOException {
        List<AdapterUse> adapters = adapter.map(AdapterUse::of).stream().toList();
        NamedModel named = NamedModel.of(model, adapters, options);
        GenerationOptions greedy = AbPlan.publishedOptions().toBuilder()
                .maxTokens(settings.maxTokens())
                .build();
        AbPlan plan = new AbPlan(named.identity(), List.of(), settings.probes(), greedy, 1, settings.scorer());
        try (OnDemandModel loaded = new OnDemandModel(named)) {
            return ProbeAnswers.of(
                    new AbRunner(plan, loaded, listener).run(output, false).probes());
        }
    }
}
