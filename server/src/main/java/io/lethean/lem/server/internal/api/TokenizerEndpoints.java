package io.lethean.lem.server.internal.api;

import io.lethean.lem.Message;
import io.lethean.lem.model.ChatOptions;
import io.lethean.lem.model.Tokenizer;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.HttpCall;
import io.lethean.lem.server.internal.http.Params;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code /tokenize}, {@code /detokenize} and {@code /tokenizer_info} in vLLM's shapes, as lm-eval asks for them. */
final class TokenizerEndpoints {

    private final ServedModel served;

    TokenizerEndpoints(ServedModel served) {
        this.served = served;
    }

    private Tokenizer tokenizer() {
        return served.model().tokenizer();
    }

    void tokenize(HttpCall call) throws IOException {
        Params request = call.json();
        served.requireModel(request);
        boolean texts = request.flag("return_token_strs").orElse(false);
        List<Integer> tokens = request.any("messages").isPresent() ? ofMessages(request) : ofPrompt(request);
        request.refuseOthers();
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("count", tokens.size());
        body.put("max_model_len", served.model().info().context().tokens());
        ArrayNode ids = body.putArray("tokens");
        tokens.forEach(ids::add);
        if (texts) {
            ArrayNode strings = body.putArray("token_strs");
            TokenTexts names = new TokenTexts(served.model());
            tokens.forEach(token -> strings.add(names.text(token)));
        } else {
            body.putNull("token_strs");
        }
        call.respond(body);
    }

    private List<Integer> ofPrompt(Params request) {
        String prompt = request.requireText("prompt");
        boolean special = request.flag("add_special_tokens").orElse(true);
        return LibraryErrors.told(
                served,
                () -> special ? tokenizer().encodeRendered(prompt) : tokenizer().encode(prompt, false, true));
    }

    private List<Integer> ofMessages(Params request) {
        if (!request.flag("add_generation_prompt").orElse(true)
                || request.flag("continue_final_message").orElse(false)
                || request.flag("add_special_tokens").orElse(false)) {
            throw ApiError.invalid(
                    "add_generation_prompt",
                    "The tokens of messages are those of the prompt for an answer: add_generation_prompt must be true,"
                            + " continue_final_message and add_special_tokens false.");
        }
        List<Message> messages = MessageReader.read(request);
        ChatOptions options = ToolsReader.read(request);
        return LibraryErrors.told(served, () -> tokenizer().encodeChat(messages, options));
    }

    void detokenize(HttpCall call) throws IOException {
        Params request = call.json();
        served.requireModel(request);
        JsonNode given = request.any("tokens").orElseThrow(() -> request.missing("tokens"));
        List<Integer> tokens = CompletionPrompt.tokens(served, request, "tokens", given);
        request.refuseOthers();
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("prompt", LibraryErrors.told(served, () -> tokenizer().decode(tokens)));
        call.respond(body);
    }

    void info(HttpCall call) throws IOException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("tokenizer_class", "lem");
        body.put("bos_token", name(tokenizer().bos()));
        body.put("eos_token", name(tokenizer().eos()));
        body.put("eot_token", name(tokenizer().eot()));
        body.putNull("pad_token");
        body.put("vocab_size", tokenizer().vocabularySize());
        body.put("model_max_length", served.model().info().context().tokens());
        body.put("chat_template", tokenizer().chatTemplate().orElse(null));
        call.respond(body);
    }

    private @Nullable String name(OptionalInt token) {
        return token.isEmpty() ? null : new String(tokenizer().tokenBytes(token.getAsInt()), StandardCharsets.UTF_8);
    }
}
