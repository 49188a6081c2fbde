package io.lethean.lem.evaluation.bench;

import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.model.GenerationOptions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everything that decides a run's answers and scores; recorded with them, and compared before a run goes on. */
final class RunIdentity {

    private static final int ID_LENGTH = 16;

    private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

    /** A run of this model; what else decides its answers is put with {@link #with}. */
    RunIdentity(ModelIdentity model) {
        fields.put("model", model.sha256().isEmpty() ? model.name() : "sha256:" + model.sha256());
        for (int i = 0; i < model.adapters().size(); i++) {
            AdapterIdentity adapter = model.adapters().get(i);
            fields.put("adapter " + (i + 1), "sha256:" + adapter.sha256());
            fields.put("scale of adapter " + (i + 1), Double.parseDouble(Float.toString(adapter.strength())));
        }
        if (model.parallel() > 1) {
            fields.put("parallel", (long) model.parallel());
        }
    }

    RunIdentity(AbPlan plan, Scorer scorer) {
        this(plan.model());
        fields.put("conditions", plan.conditionNames());
        plan.kernels().forEach(kernel -> fields.put("kernel " + kernel.name(), "sha256:" + kernel.sha256()));
        withProbes(plan.probes());
        putOptions(plan.options());
        if (plan.samples() > 1) {
            fields.put("samples", (long) plan.samples());
        }
        fields.put("scorer", scorer.name() + " " + scorer.version());
    }

    /** @param value a text, a number as {@code Long} or {@code Double}, a list of those, or null */
    RunIdentity with(String name, @Nullable Object value) {
        fields.put(name, value);
        return this;
    }

    RunIdentity withProbes(List<Probe> probes) {
        fields.put("number of prompts", (long) probes.size());
        fields.put("prompts", "sha256:" + Sha256.of(promptsText(probes)));
        return this;
    }

    RunIdentity with(GenerationOptions options) {
        putOptions(options);
        return this;
    }

    private void putOptions(GenerationOptions options) {
        fields.put("max_tokens", (long) options.maxTokens());
        fields.put("temperature", options.sampling().temperature());
        fields.put("top_k", (long) options.sampling().topK());
        fields.put("top_p", options.sampling().topP());
        fields.put("min_p", options.sampling().minP());
        fields.put("repeat_penalty", options.sampling().repeatPenalty());
        fields.put("repeat_last_n", (long) options.sampling().repeatLastN());
        fields.put(
                "seed",
                options.sampling().seed().isPresent()
                        ? (Long) options.sampling().seed().getAsLong()
                        : null);
        fields.put("stop", options.stop());
        fields.put("grammar", options.grammar().orElse(null));
        fields.put("json_schema", options.jsonSchema().orElse(null));
    }

    private static String promptsText(List<Probe> probes) {
        return PythonJson.write(probes.stream()
                .map(probe -> Arrays.asList(probe.id(), probe.category(), probe.prompt()))
                .toList());
    }

    Map<String, @Nullable Object> fields() {
        return fields;
    }

    /** A short name of the identity for every line of an output. */
    String id() {
        return Sha256.of(PythonJson.write(fields)).substring(0, ID_LENGTH);
    }

    /** What differs from a recorded identity, one clause each; empty if nothing does. */
    String differencesFrom(Map<?, ?> recorded) {
        Set<Object> names = new LinkedHashSet<>(recorded.keySet());
        names.addAll(fields.keySet());
        return String.join(
                "; ",
                names.stream()
                        .filter(name -> !Objects.equals(recorded.get(name), fields.get(name)))
                        .map(name -> "%s: recorded %s, now %s"
                                .formatted(name, brief(recorded.get(name)), brief(fields.get(name))))
                        .toList());
    }

    private static String brief(@Nullable Object value) {
        String text = value == null ? "none" : value instanceof String s ? s : PythonJson.write(value);
        return text.length() > 60 ? text.substring(0, 23) + "..." : text;
    }
}
