package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.AdapterIdentity;
import io.lethean.lem.evaluation.run.IdentityDifference;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everything that decides a run's answers and scores; it is recorded with them and compared before a run resumes. */
public final class RunIdentity {

    /** An adapter's name is a path; its content identifies it. */
    static final IdentityRules<AdapterIdentity> ADAPTER = new IdentityRules<>(AdapterIdentity.class)
            .rule("sha256", (identity, adapter) -> identity.with("adapter", "sha256:" + adapter.sha256()))
            .key("weight", "scale of adapter")
            .excluding("name");

    /** A model's name counts only where it has no hash; a run may resume with another version of the engine. */
    static final IdentityRules<ModelIdentity> MODEL = new IdentityRules<>(ModelIdentity.class)
            .rule("sha256", RunIdentity::putModel)
            .rule("adapters", RunIdentity::putAdapters)
            .rule("parallel", RunIdentity::putParallel)
            .excluding("name", "engine");

    /** Log-probabilities change no answer. Options that came later are recorded only if they are used. */
    static final IdentityRules<GenerationOptions> OPTIONS = new IdentityRules<>(GenerationOptions.class)
            .key("maxTokens", "max_tokens")
            .key("temperature", "temperature")
            .key("topK", "top_k")
            .key("topP", "top_p")
            .key("minP", "min_p")
            .key("repeatPenalty", "repeat_penalty")
            .key("repeatLastN", "repeat_last_n")
            .key("seed", "seed")
            .key("stop", "stop")
            .key("grammar", "grammar")
            .key("jsonSchema", "json_schema")
            .keyUnless(1.0, "typicalP", "typical_p")
            .keyUnless(0.0, "presencePenalty", "presence_penalty")
            .keyUnless(0.0, "frequencyPenalty", "frequency_penalty")
            .keyUnless(Map.of(), "logitBias", "logit_bias")
            .keyUnless(Optional.empty(), "timeLimit", "time_limit")
            .rule("adapters", RunIdentity::putRequestAdapters)
            .excluding("logprobs", "promptLookup");

    private static final int ID_LENGTH = 16;

    private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

    /** The identity that the rules derive from a plan. */
    public static <P extends Record> RunIdentity of(P plan, IdentityRules<P> rules) {
        RunIdentity identity = new RunIdentity();
        rules.put(identity, plan);
        return identity;
    }

    /** @param value a text, a number as {@code Long} or {@code Double}, a list of those, or null */
    public RunIdentity with(String name, @Nullable Object value) {
        fields.put(name, value);
        return this;
    }

    /** Adds which model answers. */
    public RunIdentity with(ModelIdentity model) {
        MODEL.put(this, model);
        return this;
    }

    /** Adds the options of the answers. */
    public RunIdentity with(GenerationOptions options) {
        OPTIONS.put(this, options);
        return this;
    }

    /** Adds the probes that are asked: how many, and a hash of their texts. */
    public RunIdentity withProbes(List<Probe> probes) {
        fields.put("number of prompts", (long) probes.size());
        fields.put("prompts", "sha256:" + Sha256.of(promptsText(probes)));
        return this;
    }

    private static void putModel(RunIdentity identity, ModelIdentity model) {
        identity.with("model", model.sha256().isEmpty() ? model.name() : "sha256:" + model.sha256());
    }

    private static void putAdapters(RunIdentity identity, ModelIdentity model) {
        for (int i = 0; i < model.adapters().size(); i++) {
            String number = " " + (i + 1);
            of(model.adapters().get(i), ADAPTER).fields.forEach((key, value) -> identity.with(key + number, value));
        }
    }

    /** Adapters that the answers name themselves, as those of the model. */
    private static void putRequestAdapters(RunIdentity identity, GenerationOptions options) {
        if (options.adapters().isEmpty()) {
            return;
        }
        List<AdapterUse> uses = options.adapters().get();
        identity.with("answer adapters", (long) uses.size());
        for (int i = 0; i < uses.size(); i++) {
            String number = " of answer " + (i + 1);
            try {
                of(AdapterIdentity.of(uses.get(i)), ADAPTER)
                        .fields
                        .forEach((key, value) -> identity.with(key + number, value));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable.getMessage(), unreadable);
            }
        }
    }

    private static void putParallel(RunIdentity identity, ModelIdentity model) {
        if (model.parallel() > 1) {
            identity.with("parallel", (long) model.parallel());
        }
    }

    private static String promptsText(List<Probe> probes) {
        return PythonJson.write(probes.stream()
                .map(probe -> Arrays.asList(probe.id(), probe.category(), probe.prompt()))
                .toList());
    }

    /** What identifies the run, by key. */
    public Map<String, @Nullable Object> fields() {
        return fields;
    }

    /** A short name of the identity for every line of an output. */
    public String id() {
        return Sha256.of(PythonJson.write(fields)).substring(0, ID_LENGTH);
    }

    /** What differs from a recorded identity, one clause each; empty if nothing does. */
    public String differencesFrom(Map<?, ?> recorded) {
        return String.join(
                "; ",
                differences(recorded).stream().map(IdentityDifference::toString).toList());
    }

    /** What differs from a recorded identity, in the order of its keys. */
    public List<IdentityDifference> differences(Map<?, ?> recorded) {
        Set<Object> names = new LinkedHashSet<>(recorded.keySet());
        names.addAll(fields.keySet());
        return names.stream()
                .filter(name -> !Objects.equals(recorded.get(name), fields.get(name)))
                .map(name -> new IdentityDifference(
                        String.valueOf(name), brief(recorded.get(name)), brief(fields.get(name))))
                .toList();
    }

    private static String brief(@Nullable Object value) {
        String text = value == null ? "none" : value instanceof String s ? s : PythonJson.write(value);
        return text.length() > 60 ? text.substring(0, 23) + "..." : text;
    }
}
