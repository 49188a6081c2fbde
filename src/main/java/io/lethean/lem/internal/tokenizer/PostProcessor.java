package io.lethean.lem.internal.tokenizer;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Puts tokens around those of a text, such as BOS. */
final class PostProcessor {

    private final TokenizerSource source;

    PostProcessor(TokenizerSource source) {
        this.source = source;
    }

    List<Integer> around(JsonNode json, List<Integer> tokens) throws UnknownStepException {
        String type = json.path("type").asString("");
        return switch (type) {
            case "", "ByteLevel" -> tokens;
            case "Sequence" -> {
                List<Integer> result = tokens;
                for (JsonNode member : json.path("processors").values()) {
                    result = around(member, result);
                }
                yield result;
            }
            case "TemplateProcessing" -> template(json, tokens);
            case "BertProcessing", "RobertaProcessing" -> between(json, tokens);
            default -> throw new UnknownStepException("the post-processor " + Quoted.of(type));
        };
    }

    private List<Integer> template(JsonNode json, List<Integer> tokens) throws UnknownStepException {
        List<Integer> result = new ArrayList<>();
        for (JsonNode piece : json.path("single").values()) {
            if (piece.has("Sequence")) {
                result.addAll(tokens);
            } else {
                String name = piece.path("SpecialToken").path("id").asString("");
                JsonNode ids = json.path("special_tokens").path(name).path("ids");
                if (ids.isArray()) {
                    ids.forEach(id -> result.add(id.asInt(-1)));
                } else {
                    result.add(id(name));
                }
            }
        }
        return result;
    }

    private List<Integer> between(JsonNode json, List<Integer> tokens) {
        List<Integer> result = new ArrayList<>();
        result.add(json.path("cls").path(1).asInt(-1));
        result.addAll(tokens);
        result.add(json.path("sep").path(1).asInt(-1));
        return result;
    }

    private int id(String name) throws UnknownStepException {
        return source.added()
                .find(name)
                .orElseThrow(() -> new UnknownStepException(
                        "a post-processor with the token " + Quoted.of(name) + ", which the vocabulary lacks"));
    }
}
