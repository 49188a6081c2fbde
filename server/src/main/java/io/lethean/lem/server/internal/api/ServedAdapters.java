package io.lethean.lem.server.internal.api;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Params;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The adapters that requests may name.
 *
 * @param files by their names, in the order in which they were given
 */
public record ServedAdapters(Map<String, Path> files) {

    private static final String LORA = "lora";

    public ServedAdapters {
        files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
    }

    /**
     * Generates a token with each of them, so that what cannot be used is refused before a request asks for it.
     *
     * @throws io.lethean.lem.InvalidModelException if one is malformed, or was made for another model
     * @throws IllegalArgumentException if the model does not generate text
     * @throws IOException if one cannot be read
     */
    public void requireUsable(LemModel model) throws IOException {
        if (!files.isEmpty() && !model.generatesText()) {
            throw new IllegalArgumentException(
                    "The model " + model.info().weights().path()
                            + " does not generate text, and adapters of requests are for generated text.");
        }
        for (Path file : files.values()) {
            AdapterFiles.format(file);
            GenerationOptions once = GenerationOptions.builder()
                    .maxTokens(1)
                    .adapters(List.of(AdapterUse.of(file)))
                    .build();
            model.generate("a", once);
        }
    }

    List<String> names() {
        return List.copyOf(files.keySet());
    }

    /**
     * Reads the adapters of a request: a list in the form of llama-server, with names or numbers.
     *
     * @return empty if the request leaves it to the server
     * @throws ApiError if one is not known
     */
    Optional<List<AdapterUse>> read(Params request) {
        if (request.any(LORA).isEmpty()) {
            return Optional.empty();
        }
        List<AdapterUse> uses = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        List<JsonNode> given = request.list(LORA);
        for (int i = 0; i < given.size(); i++) {
            Params one = Params.of(given.get(i), LORA + "[" + i + "]");
            String name = name(one);
            if (!seen.add(name)) {
                throw ApiError.invalid(one.path("id"), "lora names the adapter '" + name + "' twice.");
            }
            float scale = (float) (double) one.number("scale").orElse(1.0);
            if (!Float.isFinite(scale)) {
                throw one.wrong("scale", "a number that 32-bit floats can have");
            }
            one.refuseOthers();
            uses.add(new AdapterUse(file(name), scale));
        }
        return Optional.of(uses);
    }

    private Path file(String name) {
        Path file = files.get(name);
        if (file == null) {
            throw new IllegalStateException("The adapter " + name + " was not checked.");
        }
        return file;
    }

    private String name(Params one) {
        JsonNode id = one.any("id").orElseThrow(() -> one.missing("id"));
        if (id.isIntegralNumber()) {
            List<String> names = names();
            int number = one.whole("id", 0, Integer.MAX_VALUE).orElseThrow();
            if (number < names.size()) {
                return names.get(number);
            }
            throw unknown(one, Integer.toString(number));
        }
        String name = one.requireText("id");
        if (!files.containsKey(name)) {
            throw unknown(one, "'" + name + "'");
        }
        return name;
    }

    private ApiError unknown(Params one, String id) {
        return ApiError.invalid(
                one.path("id"),
                "adapter_not_found",
                "This server does not have the adapter " + id + "; "
                        + (files.isEmpty()
                                ? "it has no adapters for requests."
                                : "it has " + String.join(", ", names()) + "."));
    }

    /** A sentence of the library with the names of adapters in place of their files. */
    String publicText(String sentence) {
        String text = sentence;
        for (Map.Entry<String, Path> each : files.entrySet()) {
            text = text.replace(each.getValue().toAbsolutePath().toString(), each.getKey())
                    .replace(each.getValue().toString(), each.getKey());
        }
        return text;
    }
}
