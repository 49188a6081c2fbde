package io.lethean.lem.server.internal.api;

import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A prompt of a completion.
 *
 * @param text the text
 * @param tokens its tokens
 */
record CompletionPrompt(String text, List<Integer> tokens) {

    private static final int MAX_PROMPTS = 2048;

    /** Reads a text, a list of texts, token ids or a list of those. */
    static List<CompletionPrompt> read(ServedModel served, Params request) {
        Optional<JsonNode> given = request.any("prompt");
        if (given.isEmpty()) {
            throw request.missing("prompt");
        }
        JsonNode prompt = given.get();
        boolean one = prompt.isString()
                || prompt.isArray() && !prompt.isEmpty() && prompt.get(0).isNumber();
        List<JsonNode> all = one ? List.of(prompt) : request.list("prompt");
        if (all.isEmpty() || all.size() > MAX_PROMPTS) {
            throw ApiError.invalid(
                    "prompt", "prompt has " + all.size() + " prompts and must have between 1 and " + MAX_PROMPTS + ".");
        }
        List<CompletionPrompt> prompts = new ArrayList<>();
        for (JsonNode each : all) {
            prompts.add(each.isString() ? ofText(served, each) : ofTokens(served, request, each));
        }
        return prompts;
    }

    private static CompletionPrompt ofText(ServedModel served, JsonNode node) {
        String text = Params.requireUnicode(node.stringValue(), "prompt");
        List<Integer> tokens =
                LibraryErrors.told(served, () -> served.model().tokenizer().encodeRendered(text));
        if (tokens.isEmpty()) {
            throw ApiError.invalid(
                    "prompt", "prompt is empty, and this model adds no token of its own; give it some text.");
        }
        return new CompletionPrompt(text, tokens);
    }

    private static CompletionPrompt ofTokens(ServedModel served, Params request, JsonNode node) {
        List<Integer> tokens = tokens(served, request, "prompt", node);
        if (tokens.isEmpty()) {
            throw ApiError.invalid("prompt", "prompt has a list without tokens; give at least one.");
        }
        return new CompletionPrompt(served.model().detokenize(tokens), tokens);
    }

    /** Reads token ids, each in the vocabulary. */
    static List<Integer> tokens(ServedModel served, Params request, String name, JsonNode node) {
        if (!node.isArray()) {
            throw request.wrong(name, "a text, token ids, or a list of these");
        }
        int most = served.model().tokenizer().vocabularySize() - 1;
        List<Integer> tokens = new ArrayList<>();
        for (JsonNode id : node) {
            if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0 || id.intValue() > most) {
                throw ApiError.invalid(
                        name, name + " has the token " + id + "; the ids of this model are 0 to " + most + ".");
            }
            tokens.add(id.intValue());
        }
        return tokens;
    }
}
