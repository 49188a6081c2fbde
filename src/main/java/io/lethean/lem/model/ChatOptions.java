package io.lethean.lem.model;

import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.internal.jinja.TemplateVariables;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a chat template is given in addition to the messages, and how an answer is read. Immutable.
 *
 * @param tools what the model may call; default none
 * @param toolChoice whether it must; default {@link ToolChoice#AUTO}. A call that is demanded is held to the tool's JSON
 *     Schema by a grammar, so that it can be read
 * @param parallelToolCalls whether an answer may have several calls; empty, which is the default: only an answer that need
 *     not be a call. False holds an answer with tools to one call, after which it ends: by a grammar where the form of calls
 *     has markers and the options of the answer have no grammar, and in any case by leaving out further calls
 * @param documents texts that the answer may rest on, each with members such as {@code title} and {@code text}. A template
 *     that does not show them is refused; default none
 * @param variables what the template is given by name, such as {@code enable_thinking}; null, strings, booleans, numbers,
 *     lists and maps of these. A variable that the template does not ask for has no effect, as in transformers
 * @param toolCallFormat how the model writes calls; found from its chat template if it is empty
 */
public record ChatOptions(
        List<ToolDefinition> tools,
        ToolChoice toolChoice,
        Optional<Boolean> parallelToolCalls,
        List<Map<String, String>> documents,
        Map<String, @Nullable Object> variables,
        Optional<ToolCallFormat> toolCallFormat) {

    /** The name under which templates know {@link Builder#enableThinking}. */
    private static final String ENABLE_THINKING = "enable_thinking";

    private static final Set<String> RESERVED = Set.of("messages", "tools", "documents", "add_generation_prompt");

    private static final ChatOptions DEFAULTS =
            new ChatOptions(List.of(), ToolChoice.AUTO, Optional.empty(), List.of(), Map.of(), Optional.empty());

    /**
     * Checks the values and copies the lists and maps.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ChatOptions {
        tools = List.copyOf(tools);
        documents = documents.stream()
                .map(document -> Collections.unmodifiableMap(new LinkedHashMap<>(document)))
                .toList();
        variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
        for (String name : RESERVED) {
            if (variables.containsKey(name)) {
                throw new IllegalArgumentException(
                        "The variable " + name + " of a chat template is set by the library; choose another name.");
            }
        }
        requireNames(tools, toolChoice);
    }

    private static void requireNames(List<ToolDefinition> tools, ToolChoice choice) {
        List<String> names = tools.stream().map(ToolDefinition::name).toList();
        if (Set.copyOf(names).size() < names.size()) {
            throw new IllegalArgumentException("Two tools have the same name: " + String.join(", ", names) + ".");
        }
        if (choice.demandsCall() && !choice.tool().map(names::contains).orElse(!names.isEmpty())) {
            throw new IllegalArgumentException("The tool choice demands a call of "
                    + choice.tool().orElse("a tool") + ", and the tools are "
                    + (names.isEmpty() ? "an empty list" : String.join(", ", names)) + ".");
        }
    }

    /** {@return options without tools, documents and variables} */
    public static ChatOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Tools that the model may call.
     *
     * @param tools the tools, each with a name of its own
     * @return the options with this value
     */
    public static ChatOptions withTools(ToolDefinition... tools) {
        return builder().tools(tools).build();
    }

    /** {@return a builder that starts from {@link #defaults()}} */
    public static Builder builder() {
        return DEFAULTS.toBuilder();
    }

    /** {@return a builder that starts from these options} */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Whether an answer may have one call at most. */
    boolean oneCall() {
        return parallelToolCalls.isPresent() && !parallelToolCalls.get();
    }

    /** These options without a demand of a call. */
    ChatOptions withoutDemand() {
        return toolChoice.demandsCall()
                ? toBuilder().toolChoice(ToolChoice.AUTO).build()
                : this;
    }

    /** @throws IllegalArgumentException if the parameters of a tool are not a JSON object */
    TemplateVariables templateVariables() {
        List<Map<String, @Nullable Object>> texts = new ArrayList<>();
        documents.forEach(document -> texts.add(new LinkedHashMap<>(document)));
        return new TemplateVariables(tools.stream().map(TemplateVariables::tool).toList(), texts, variables);
    }

    /** Sets options by name; see the components of this record. */
    public static final class Builder {

        private List<ToolDefinition> tools;
        private ToolChoice toolChoice;
        private Optional<Boolean> parallelToolCalls;
        private List<Map<String, String>> documents;
        private final Map<String, @Nullable Object> variables;
        private Optional<ToolCallFormat> toolCallFormat;

        private Builder(ChatOptions from) {
            tools = from.tools;
            toolChoice = from.toolChoice;
            parallelToolCalls = from.parallelToolCalls;
            documents = from.documents;
            variables = new LinkedHashMap<>(from.variables);
            toolCallFormat = from.toolCallFormat;
        }

        /**
         * Sets {@link ChatOptions#tools()}.
         *
         * @param value the tools, each with a name of its own
         * @return this builder
         */
        public Builder tools(ToolDefinition... value) {
            return tools(List.of(value));
        }

        /**
         * Sets {@link ChatOptions#tools()}.
         *
         * @param value the tools, each with a name of its own
         * @return this builder
         */
        public Builder tools(List<ToolDefinition> value) {
            tools = List.copyOf(value);
            return this;
        }

        /**
         * Sets {@link ChatOptions#toolChoice()}.
         *
         * @param value whether it must; default {@link ToolChoice#AUTO}. A call that is demanded is held to the tool's
         *     JSON Schema by a grammar, so that it can be read
         * @return this builder
         */
        public Builder toolChoice(ToolChoice value) {
            toolChoice = value;
            return this;
        }

        /**
         * Sets {@link ChatOptions#parallelToolCalls()}.
         *
         * @param value whether an answer may have several calls; empty, which is the default: only an answer that need
         *     not be a call. False holds an answer with tools to one call, after which it ends: by a grammar where the
         *     form of calls has markers and the options of the answer have no grammar, and in any case by leaving out
         *     further calls
         * @return this builder
         */
        public Builder parallelToolCalls(boolean value) {
            parallelToolCalls = Optional.of(value);
            return this;
        }

        /**
         * Adds a document with a title and a text.
         *
         * @param title the title; may be empty
         * @param text the text that the model can use
         * @return this builder
         */
        public Builder document(String title, String text) {
            Map<String, String> document = new LinkedHashMap<>();
            document.put("title", title);
            document.put("text", text);
            List<Map<String, String>> more = new ArrayList<>(documents);
            more.add(document);
            return documents(more);
        }

        /**
         * Sets {@link ChatOptions#documents()}.
         *
         * @param value texts that the answer may rest on, each with members such as {@code title} and {@code text}. A
         *     template that does not show them is refused; default none
         * @return this builder
         */
        public Builder documents(List<Map<String, String>> value) {
            documents = List.copyOf(value);
            return this;
        }

        /**
         * Whether the model thinks before it answers: the variable {@code enable_thinking} of many templates.
         *
         * @param value true for thoughts
         * @return this builder
         */
        public Builder enableThinking(boolean value) {
            return variable(ENABLE_THINKING, value);
        }

        /**
         * Adds a variable of the chat template, such as {@code enable_thinking}.
         *
         * @param name the name of the variable in the template
         * @param value a text, number, truth, list or map; null is {@code none} there
         * @return this builder
         */
        public Builder variable(String name, @Nullable Object value) {
            variables.put(name, value);
            return this;
        }

        /**
         * Sets {@link ChatOptions#toolCallFormat()}.
         *
         * @param value how the model writes calls; found from its chat template if it is empty
         * @return this builder
         */
        public Builder toolCallFormat(ToolCallFormat value) {
            toolCallFormat = Optional.of(value);
            return this;
        }

        /**
         * {@return the options, checked}
         *
         * @throws IllegalArgumentException naming the value that is out of its range
         */
        public ChatOptions build() {
            return new ChatOptions(tools, toolChoice, parallelToolCalls, documents, variables, toolCallFormat);
        }
    }
}
