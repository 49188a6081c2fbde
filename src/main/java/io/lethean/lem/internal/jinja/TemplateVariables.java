package io.lethean.lem.internal.jinja;

import io.lethean.lem.ToolDefinition;
import io.lethean.lem.internal.io.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What a template is given in addition to the turns of a conversation.
 *
 * @param tools each as transformers gives it: {@code type} and {@code function} with name, description and parameters
 * @param documents texts that an answer may rest on, each with members such as {@code title} and {@code text}
 * @param others variables by name, such as {@code enable_thinking}
 */
public record TemplateVariables(
        List<Map<String, @Nullable Object>> tools,
        List<Map<String, @Nullable Object>> documents,
        Map<String, @Nullable Object> others) {

    /** No tools, no documents, no variables. */
    public static final TemplateVariables NONE = new TemplateVariables(List.of(), List.of(), Map.of());

    private static final String FUNCTION = "function";
    private static final String NAME = "name";

    public TemplateVariables {
        tools = List.copyOf(tools);
        documents = List.copyOf(documents);
        others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
    }

    /**
     * A tool as templates know it.
     *
     * @throws IllegalArgumentException if its parameters are not a JSON object
     */
    public static Map<String, @Nullable Object> tool(ToolDefinition definition) {
        Map<String, @Nullable Object> function = new LinkedHashMap<>();
        function.put(NAME, definition.name());
        function.put("description", definition.description());
        function.put("parameters", parameters(definition));
        Map<String, @Nullable Object> tool = new LinkedHashMap<>();
        tool.put("type", FUNCTION);
        tool.put(FUNCTION, function);
        return tool;
    }

    private static Map<?, ?> parameters(ToolDefinition definition) {
        String problem = "it is another value";
        try {
            if (Json.parse(definition.parameters()) instanceof Map<?, ?> schema) {
                return schema;
            }
        } catch (JacksonException e) {
            problem = Json.problem(e);
        }
        throw new IllegalArgumentException("The parameters of the tool " + definition.name()
                + " are not a JSON Schema in the form of an object: " + problem + ".");
    }

    /** Puts the variables under the names that templates know; tools or documents that the caller does not give are null. */
    void putInto(Map<String, @Nullable Object> context) {
        context.putAll(others);
        context.put("tools", tools.isEmpty() ? null : tools);
        context.put("documents", documents.isEmpty() ? null : documents);
    }

    TemplateVariables withoutTools() {
        return new TemplateVariables(List.of(), documents, others);
    }

    /** Every string in it changed, keys of mappings included. */
    public TemplateVariables map(UnaryOperator<String> change) {
        return new TemplateVariables(
                tools.stream().map(tool -> mapped(tool, change)).toList(),
                documents.stream().map(document -> mapped(document, change)).toList(),
                mapped(others, change));
    }

    /** A mapping with every string in it changed, keys included. */
    public static Map<String, @Nullable Object> mapped(Map<?, ?> entries, UnaryOperator<String> change) {
        Map<String, @Nullable Object> changed = new LinkedHashMap<>();
        entries.forEach((key, value) -> changed.put(change.apply(String.valueOf(key)), mappedValue(value, change)));
        return changed;
    }

    private static @Nullable Object mappedValue(@Nullable Object value, UnaryOperator<String> change) {
        return switch (value) {
            case null -> null;
            case String text -> change.apply(text);
            case Map<?, ?> entries -> mapped(entries, change);
            case List<?> items -> mappedItems(items, change);
            default -> value;
        };
    }

    private static List<@Nullable Object> mappedItems(List<?> items, UnaryOperator<String> change) {
        List<@Nullable Object> changed = new ArrayList<>(items.size());
        for (Object item : items) {
            changed.add(mappedValue(item, change));
        }
        return changed;
    }

    /** These variables with a mark for the name of each tool and for the texts of each document. */
    TemplateVariables marked() {
        List<Map<String, @Nullable Object>> markedTools = new ArrayList<>();
        for (Map<String, @Nullable Object> tool : tools) {
            Map<String, @Nullable Object> function = new LinkedHashMap<>(function(tool));
            function.put(NAME, TurnMarks.tool(markedTools.size()));
            Map<String, @Nullable Object> marked = new LinkedHashMap<>(tool);
            marked.put(FUNCTION, function);
            markedTools.add(marked);
        }
        List<Map<String, @Nullable Object>> markedDocuments = new ArrayList<>();
        for (Map<String, @Nullable Object> document : documents) {
            Map<String, @Nullable Object> marked = new LinkedHashMap<>(document);
            String mark = TurnMarks.document(markedDocuments.size());
            marked.replaceAll((key, value) -> value instanceof String ? mark : value);
            markedDocuments.add(marked);
        }
        return new TemplateVariables(markedTools, markedDocuments, others);
    }

    /** The function of a tool in the form of {@link #tool}. */
    static Map<String, @Nullable Object> function(Map<String, @Nullable Object> tool) {
        Map<String, @Nullable Object> function = new LinkedHashMap<>();
        if (tool.get(FUNCTION) instanceof Map<?, ?> members) {
            members.forEach((key, value) -> function.put(String.valueOf(key), value));
        }
        return function;
    }

    /** The name of a tool. */
    String toolName(int index) {
        return String.valueOf(function(tools.get(index)).get(NAME));
    }
}
