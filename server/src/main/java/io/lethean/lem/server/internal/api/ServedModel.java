package io.lethean.lem.server.internal.api;

import io.lethean.lem.LemVersion;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Metrics;
import io.lethean.lem.server.internal.http.Params;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The model, and what all endpoints need to serve it.
 *
 * @param model answers
 * @param name by which clients ask for it
 * @param adapters that requests may name
 * @param created when it began to be served, in seconds since 1970
 * @param timeLimit the longest that an answer may take
 * @param heartbeat the time after which a waiting client gets a sign of life
 * @param open the answers that it is asked for now
 * @param metrics counts
 */
public record ServedModel(
        LemModel model,
        String name,
        ServedAdapters adapters,
        long created,
        Optional<Duration> timeLimit,
        Duration heartbeat,
        OpenAnswers open,
        Metrics metrics) {

    static long now() {
        return Instant.now().getEpochSecond();
    }

    /** An id such as {@code chatcmpl-...}. */
    static String id(String prefix) {
        return prefix + UUID.randomUUID().toString().replace("-", "");
    }

    /** An object of OpenAI's API. */
    ObjectNode object(String id, String object, long created) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("id", id);
        node.put("object", object);
        node.put("created", created);
        node.put("model", name);
        node.put("system_fingerprint", "lem-" + LemVersion.VERSION);
        return node;
    }

    /**
     * Refuses a request for another model. A request that does not name a model means this one.
     *
     * @throws ApiError with status 404
     */
    void requireModel(Params request) {
        Optional<String> wanted = request.text("model");
        if (wanted.isPresent() && !wanted.get().equals(name)) {
            throw unknownModel(wanted.get());
        }
    }

    ApiError unknownModel(String wanted) {
        return new ApiError(
                404,
                "invalid_request_error",
                "model",
                "model_not_found",
                "This server does not have the model '" + wanted + "'; it has '" + name + "'.");
    }

    /**
     * The rest of the time limit.
     *
     * @param begun when the work began, by {@link System#nanoTime}
     */
    Optional<Duration> timeLeft(long begun) {
        return timeLimit.map(limit -> {
            Duration left = limit.minusNanos(System.nanoTime() - begun);
            return left.isPositive() ? left : Duration.ofNanos(1);
        });
    }

    /** A sentence of the library without the folders of this machine. */
    String publicText(String sentence) {
        Path file = model.info().weights().path();
        String text = adapters.publicText(sentence);
        return text.replace(file.toAbsolutePath().toString(), name).replace(file.toString(), name);
    }
}
