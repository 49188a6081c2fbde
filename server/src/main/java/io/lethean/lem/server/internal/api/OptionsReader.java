package io.lethean.lem.server.internal.api;

import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Params;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/** Reads how an answer is generated, with OpenAI's defaults: temperature 1 and no filters. */
final class OptionsReader {

    /** The most choices of a request, as in OpenAI's API. */
    static final int MAX_CHOICES = 128;

    private static final int MAX_STOPS = 64;

    private final Params request;
    private final GenerationOptions.Builder builder;

    private OptionsReader(ServedModel served, Params request) {
        this.request = request;
        this.builder = GenerationOptions.builder().temperature(1);
        served.timeLimit().ifPresent(builder::timeLimit);
    }

    /** Reads what chat and completions have in common. */
    static GenerationOptions.Builder read(ServedModel served, Params request) {
        OptionsReader reader = new OptionsReader(served, request);
        reader.sampling();
        reader.stop();
        reader.bias();
        served.adapters().read(request).ifPresent(reader.builder::adapters);
        return reader.builder;
    }

    /** How many answers each prompt gets. */
    static int choices(Params request) {
        return request.whole("n", 1, MAX_CHOICES).orElse(1);
    }

    /** Options of several answers to a prompt: with a seed, each has its own, one after the other. */
    static GenerationOptions ofChoice(GenerationOptions options, int choice) {
        OptionalLong seed = options.sampling().seed();
        return seed.isEmpty() || choice == 0
                ? options
                : options.toBuilder().seed(seed.getAsLong() + choice).build();
    }

    /** A limit that OpenAI's API has under two names. */
    static OptionalInt maxTokens(Params request, int least) {
        OptionalInt old = request.whole("max_tokens", least, Integer.MAX_VALUE);
        OptionalInt now = request.whole("max_completion_tokens", least, Integer.MAX_VALUE);
        if (old.isPresent() && now.isPresent() && old.getAsInt() != now.getAsInt()) {
            throw ApiError.invalid(
                    "max_tokens",
                    "max_tokens is " + old.getAsInt() + " and max_completion_tokens is " + now.getAsInt()
                            + "; they mean the same limit, so send one of them.");
        }
        return now.isPresent() ? now : old;
    }

    private void sampling() {
        number("temperature", builder::temperature);
        number("top_p", builder::topP);
        number("min_p", builder::minP);
        number("typical_p", builder::typicalP);
        number("presence_penalty", builder::presencePenalty);
        number("frequency_penalty", builder::frequencyPenalty);
        number("repeat_penalty", builder::repeatPenalty);
        whole("top_k", builder::topK);
        whole("repeat_last_n", builder::repeatLastN);
        request.whole("seed").ifPresent(builder::seed);
    }

    private interface SetNumber {
        GenerationOptions.Builder set(double value);
    }

    private interface SetWhole {
        GenerationOptions.Builder set(int value);
    }

    private void number(String name, SetNumber setter) {
        request.number(name).ifPresent(value -> valid(name, () -> setter.set(value)));
    }

    private void whole(String name, SetWhole setter) {
        request.whole(name, 0, Integer.MAX_VALUE).ifPresent(value -> valid(name, () -> setter.set(value)));
    }

    /** The library's sentence about a value, with the name that the request has for it. */
    private void valid(String name, Runnable set) {
        set.run();
        try {
            builder.build();
        } catch (IllegalArgumentException wrong) {
            String sentence = String.valueOf(wrong.getMessage()).replace(inJava(name), name);
            throw ApiError.invalid(name, sentence);
        }
    }

    private static String inJava(String name) {
        StringBuilder java = new StringBuilder();
        for (String word : name.split("_")) {
            java.append(java.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return java.toString();
    }

    private void stop() {
        Optional<JsonNode> stop = request.any("stop");
        if (stop.isEmpty()) {
            return;
        }
        List<JsonNode> given = stop.get().isString() ? List.of(stop.get()) : request.list("stop");
        if (given.size() > MAX_STOPS) {
            throw ApiError.invalid("stop", "stop has " + given.size() + " texts, and " + MAX_STOPS + " are allowed.");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode text : given) {
            if (!text.isString()) {
                throw request.wrong("stop", "a string or a list of strings");
            }
            texts.add(Params.requireUnicode(text.stringValue(), "stop"));
        }
        valid("stop", () -> builder.stop(texts));
    }

    private void bias() {
        Optional<JsonNode> bias = request.any("logit_bias");
        if (bias.isEmpty()) {
            return;
        }
        if (!bias.get().isObject()) {
            throw request.wrong("logit_bias", "an object of token ids and numbers");
        }
        Map<Integer, Double> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : bias.get().properties()) {
            if (!entry.getKey().matches("[0-9]{1,9}") || !entry.getValue().isNumber()) {
                throw request.wrong("logit_bias", "an object of token ids and numbers");
            }
            values.put(Integer.valueOf(entry.getKey()), entry.getValue().doubleValue());
        }
        valid("logit_bias", () -> builder.logitBias(values));
    }
}
