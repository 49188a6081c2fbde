package io.lethean.lem.server.internal.api;

import io.lethean.lem.ToolDefinition;
import io.lethean.lem.model.ChatOptions;
import io.lethean.lem.model.ToolChoice;
import io.lethean.lem.server.internal.http.ApiError;
import io.lethean.lem.server.internal.http.Params;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads tools, and the variables of the chat template. */
final class ToolsReader {

    private ToolsReader() {}

    static ChatOptions read(Params request) {
        ChatOptions.Builder builder = ChatOptions.builder();
        List<ToolDefinition> tools = tools(request);
        builder.tools(tools);
        builder.toolChoice(choice(request, tools));
        request.flag("parallel_tool_calls").ifPresent(builder::parallelToolCalls);
        variables(request, builder);
        try {
            return builder.build();
        } catch (IllegalArgumentException wrong) {
            throw ApiError.invalid("tools", String.valueOf(wrong.getMessage()));
        }
    }

    private static List<ToolDefinition> tools(Params request) {
        List<ToolDefinition> tools = new ArrayList<>();
        List<JsonNode> given = request.list("tools");
        for (int i = 0; i < given.size(); i++) {
            Params tool = Params.of(given.get(i), "tools[" + i + "]");
            MessageReader.requireFunction(tool);
            Params function = tool.object("function").orElseThrow(() -> tool.missing("function"));
            // Arguments of a demanded call follow the schema in any case.
            function.ignore("strict");
            String name = function.requireText("name");
            String description = function.text("description").orElse("");
            Optional<JsonNode> parameters = function.any("parameters");
            if (parameters.isPresent() && !parameters.get().isObject()) {
                throw function.wrong("parameters", "a JSON Schema of an object");
            }
            tools.add(
                    parameters.isPresent() && !parameters.get().isEmpty()
                            ? new ToolDefinition(
                                    name, description, parameters.get().toString())
                            : new ToolDefinition(name, description));
            function.refuseOthers();
            tool.refuseOthers();
        }
        return tools;
    }

    private static ToolChoice choice(Params request, List<ToolDefinition> tools) {
        Optional<JsonNode> given = request.any("tool_choice");
        if (given.isEmpty()) {
            return ToolChoice.AUTO;
        }
        if (given.get().isString()) {
            return switch (given.get().stringValue()) {
                case "auto" -> ToolChoice.AUTO;
                case "none" -> ToolChoice.NONE;
                case "required" -> ToolChoice.REQUIRED;
                default ->
                    throw request.wrong("tool_choice", "none, auto, required or an object that names a function");
            };
        }
        Params choice = Params.of(given.get(), "tool_choice");
        MessageReader.requireFunction(choice);
        Params function = choice.object("function").orElseThrow(() -> choice.missing("function"));
        String name = function.requireText("name");
        function.refuseOthers();
        choice.refuseOthers();
        if (tools.stream().noneMatch(tool -> tool.name().equals(name))) {
            throw ApiError.invalid(
                    "tool_choice", "tool_choice names the function '" + name + "', which is not in tools.");
        }
        return ToolChoice.named(name);
    }

    private static void variables(Params request, ChatOptions.Builder builder) {
        Optional<Params> variables = request.object("chat_template_kwargs");
        variables.ifPresent(given -> given.node().properties().forEach(variable -> {
            Params.requireUnicode(variable.getKey(), "chat_template_kwargs");
            builder.variable(variable.getKey(), java(variable.getValue(), "chat_template_kwargs." + variable.getKey()));
        }));
        request.flag("enable_thinking").ifPresent(builder::enableThinking);
    }

    private static @Nullable Object java(JsonNode node, String path) {
        if (node.isNull()) {
            return null;
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        if (node.isNumber()) {
            return node.doubleValue();
        }
        if (node.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            node.forEach(element -> list.add(java(element, path)));
            return list;
        }
        if (node.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            node.properties().forEach(entry -> map.put(entry.getKey(), java(entry.getValue(), path)));
            return map;
        }
        return Params.requireUnicode(node.stringValue(), path);
    }
}
