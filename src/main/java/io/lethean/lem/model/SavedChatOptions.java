package io.lethean.lem.model;

import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.internal.io.Json;
import io.lethean.lem.internal.io.PythonJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Chat options as an object of JSON. The variables are a text of JSON, which tells whole numbers from others. */
final class SavedChatOptions {

    private SavedChatOptions() {}

    static Map<String, Object> write(ChatOptions options) {
        Map<String, Object> saved = new LinkedHashMap<>();
        saved.put(
                "tools",
                options.tools().stream()
                        .map(tool -> Map.of(
                                "name", tool.name(),
                                "description", tool.description(),
                                "parameters", tool.parameters()))
                        .toList());
        saved.put("tool_choice", options.toolChoice().mode().name());
        options.toolChoice().tool().ifPresent(name -> saved.put("tool", name));
        options.parallelToolCalls().ifPresent(several -> saved.put("parallel_tool_calls", several));
        saved.put("documents", options.documents());
        saved.put("variables", PythonJson.readable(options.variables()));
        options.toolCallFormat().ifPresent(format -> saved.put("tool_call_format", format.name()));
        return saved;
    }

    /** @throws RuntimeException of Jackson, or IllegalArgumentException, if a member is missing or wrong */
    static ChatOptions read(JsonNode saved) {
        ChatOptions.Builder builder = ChatOptions.builder();
        List<ToolDefinition> tools = new ArrayList<>();
        for (JsonNode tool : saved.required("tools")) {
            tools.add(new ToolDefinition(text(tool, "name"), text(tool, "description"), text(tool, "parameters")));
        }
        builder.tools(tools);
        builder.toolChoice(new ToolChoice(
                ToolChoice.Mode.valueOf(text(saved, "tool_choice")),
                Optional.ofNullable(saved.get("tool")).map(JsonNode::stringValue)));
        Optional.ofNullable(saved.get("parallel_tool_calls"))
                .map(JsonNode::booleanValue)
                .ifPresent(builder::parallelToolCalls);
        List<Map<String, String>> documents = new ArrayList<>();
        for (JsonNode document : saved.required("documents")) {
            Map<String, String> members = new LinkedHashMap<>();
            document.forEachEntry((name, value) -> members.put(name, value.stringValue()));
            documents.add(members);
        }
        builder.documents(documents);
        if (!(Json.parse(text(saved, "variables")) instanceof Map<?, ?> variables)) {
            throw new IllegalArgumentException("the variables of the chat template are not an object.");
        }
        variables.forEach((name, value) -> builder.variable(String.valueOf(name), value));
        Optional.ofNullable(saved.get("tool_call_format"))
                .map(JsonNode::stringValue)
                .ifPresent(format -> builder.toolCallFormat(ToolCallFormat.valueOf(format)));
        return builder.build();
    }

    private static String text(JsonNode node, String member) {
        return node.required(member).stringValue();
    }
}
