package io.lethean.lem.server.internal.api;

import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Params;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Parameters that do not change an answer, so that they may be sent and are not used. docs/server.md lists them. */
final class Ignored {

    /** Who asks and how the provider bills, caches or speeds up. */
    private static final List<String> ALWAYS = List.of(
            "user",
            "metadata",
            "service_tier",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention",
            "prediction");

    private Ignored() {}

    static void note(Params request) {
        request.ignore(ALWAYS.toArray(String[]::new));
        if (request.flag("store").orElse(false)) {
            throw ApiError.invalid("store", "store is true, and this server keeps no answers.");
        }
        Optional<JsonNode> modalities = request.any("modalities");
        if (modalities.isPresent() && !modalities.get().toString().equals("[\"text\"]")) {
            throw ApiError.invalid("modalities", "modalities must be [\"text\"]; this server answers with text only.");
        }
    }
}
