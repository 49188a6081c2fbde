package io.lethean.lem.peers;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.jinja.ChatTemplate;
import io.lethean.lem.internal.jinja.SpecialTokens;
import io.lethean.lem.internal.jinja.TemplateVariables;
import io.lethean.lem.model.FlashAttention;
import io.lethean.lem.model.KvType;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What LEM makes of texts, as JSON for the checks of {@code scripts/peers}.
 *
 * <p>Reads a list of sessions and writes a list of the same length with a list of answers for each. A session is {@code
 * {model, adapters, exact, tasks}} or {@code {template, bos, eos, tasks}}; a task is one of {@code {logits: [tokens]}},
 * {@code {tokenize: text}}, {@code {encode: text}} with special tokens, {@code {likelihood: context, of: [texts]}}, {@code
 * {embed: [texts]}}, {@code {rerank: query, of: [texts]}} and {@code {render: [{role, content}], prompt}}, where
 * turns may have calls and results of tools, with {@code tools} and {@code variables}.
 * Exact means attention in 32-bit floats: flash attention rounds keys and values to 16 bits whatever the cache holds.
 */
public final class PeerProbe {

    private static final JsonMapper JSON = new JsonMapper();

    private PeerProbe() {}

    /** Takes the file with the sessions and the file for the answers. */
    public static void main(String[] arguments) throws IOException {
        List<List<Object>> answers = new ArrayList<>();
        for (JsonNode session : JSON.readTree(Path.of(arguments[0]).toFile())) {
            answers.add(session.has("model") ? ofModel(session) : ofTemplate(session));
        }
        JSON.writeValue(Path.of(arguments[1]).toFile(), answers);
    }

    private static List<Object> ofModel(JsonNode session) throws IOException {
        ModelOptions.Builder options =
                ModelOptions.builder().device("cpu").threads(2).contextTokens(1024);
        if (session.path("exact").asBoolean()) {
            options.kvType(KvType.F32).flashAttention(FlashAttention.OFF);
        }
        try (LemModel model = LemModel.load(Path.of(session.get("model").asString()), options.build())) {
            List<AdapterUse> adapters = new ArrayList<>();
            session.path("adapters").forEach(path -> adapters.add(AdapterUse.of(Path.of(path.asString()))));
            model.setAdapters(adapters);
            return answers(session, task -> answer(model, task));
        }
    }

    private static List<Object> ofTemplate(JsonNode session) {
        ChatTemplate template = ChatTemplate.of(
                Optional.of(session.get("template").asString()),
                "the session",
                SpecialTokens.none()
                        .with("bos_token", session.get("bos").asString())
                        .with("eos_token", session.get("eos").asString()));
        return answers(
                session,
                task -> rendered(
                        task,
                        messages -> template.render(
                                        messages,
                                        variables(task),
                                        task.path("prompt").asBoolean())
                                .text()));
    }

    private static List<Object> answers(JsonNode session, Function<JsonNode, Object> answer) {
        List<Object> answers = new ArrayList<>();
        session.get("tasks").forEach(task -> answers.add(answer.apply(task)));
        return answers;
    }

    private static Object answer(LemModel model, JsonNode task) {
        if (task.has("logits")) {
            List<Integer> tokens = new ArrayList<>();
            task.get("logits").forEach(token -> tokens.add(token.asInt()));
            return model.logits(tokens);
        }
        if (task.has("encode")) {
            return model.tokenize(task.get("encode").asString(), true, true);
        }
        if (task.has("tokenize")) {
            return model.tokenize(task.get("tokenize").asString());
        }
        if (task.has("likelihood")) {
            return model.logLikelihood(task.get("likelihood").asString(), texts(task.get("of")));
        }
        if (task.has("embed")) {
            return model.embed(texts(task.get("embed")));
        }
        if (task.has("rerank")) {
            return model.rerank(task.get("rerank").asString(), texts(task.get("of")));
        }
        return rendered(
                task,
                messages -> model.tokenizer()
                        .applyTemplate(messages, task.path("prompt").asBoolean()));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asString()));
        return texts;
    }

    private static Message message(JsonNode turn) {
        List<ToolCall> calls = new ArrayList<>();
        turn.path("tool_calls")
                .forEach(call -> calls.add(new ToolCall(
                        call.get("id").asString(),
                        call.get("function").get("name").asString(),
                        call.get("function").get("arguments").toString())));
        return new Message(
                turn.get("role").asString(),
                turn.get("content").asString(),
                Optional.ofNullable(turn.get("reasoning_content")).map(JsonNode::asString),
                calls,
                Optional.ofNullable(turn.get("tool_call_id")).map(JsonNode::asString));
    }

    private static TemplateVariables variables(JsonNode task) {
        List<Map<String, @Nullable Object>> tools = new ArrayList<>();
        task.path("tools").forEach(tool -> {
            JsonNode function = tool.get("function");
            tools.add(TemplateVariables.tool(new ToolDefinition(
                    function.get("name").asString(),
                    function.get("description").asString(),
                    function.get("parameters").toString())));
        });
        Map<String, @Nullable Object> others = new LinkedHashMap<>();
        task.path("variables")
                .properties()
                .forEach(each -> others.put(each.getKey(), each.getValue().asBoolean()));
        return new TemplateVariables(tools, List.of(), others);
    }

    private static Object rendered(JsonNode task, Function<List<Message>, String> render) {
        List<Message> messages = new ArrayList<>();
        task.get("render").forEach(turn -> messages.add(message(turn)));
        try {
            return render.apply(messages);
        } catch (ChatTemplateException refused) {
            return new LinkedHashMap<>(Map.of("refused", refused.getMessage()));
        }
    }
}
