package io.lethean.lem.internal.tools;

import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.ToolDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a model writes thoughts and calls, found out from what its chat template teaches. */
public final class AnswerStyle {

    private final String template;
    private final Optional<ToolCallFormat> format;
    private final Optional<ThinkTags> tags;

    private AnswerStyle(String template, Optional<ToolCallFormat> format) {
        this.template = template;
        this.format = format;
        this.tags = ThinkTags.in(template);
    }

    /**
     * Looks at a template.
     *
     * @param template its source; empty for a model without one
     * @param takesTools whether it shows tools; if it does not, the model is asked for JSON in words
     */
    public static AnswerStyle of(String template, boolean takesTools) {
        return new AnswerStyle(template, takesTools ? format(template) : Optional.of(ToolCallFormat.LLAMA_JSON));
    }

    /** This style with a format that the caller knows. */
    public AnswerStyle withFormat(ToolCallFormat known) {
        return new AnswerStyle(template, Optional.of(known));
    }

    private static Optional<ToolCallFormat> format(String template) {
        if (template.contains(MistralCalls.OPEN)) {
            return Optional.of(ToolCallFormat.MISTRAL);
        }
        if (template.contains(GemmaCalls.Marks.GEMMA_4.open() + "call:")
                || template.contains(GemmaCalls.Marks.FUNCTION_GEMMA.open())) {
            return Optional.of(ToolCallFormat.GEMMA);
        }
        if (template.contains(HermesCalls.OPEN)) {
            return tagged(template);
        }
        boolean json = template.contains("\"name\": ") && template.contains("\"parameters\": ");
        return template.contains(LlamaCalls.TAG) || json && template.contains("<|start_header_id|>")
                ? Optional.of(ToolCallFormat.LLAMA_JSON)
                : Optional.empty();
    }

    /** Other families put tags of their own between the same two tags. */
    private static Optional<ToolCallFormat> tagged(String template) {
        if (template.contains(XmlCalls.FUNCTION) && template.contains(XmlCalls.PARAMETER)) {
            return Optional.of(ToolCallFormat.QWEN_XML);
        }
        boolean other =
                template.contains("<arg_key>") || template.contains("<invoke ") || template.contains("<tool_calls>");
        boolean json = template.contains("arguments") && template.contains("name");
        return json && !other ? Optional.of(ToolCallFormat.HERMES) : Optional.empty();
    }

    /** How calls are written; empty if the template teaches a form that is not known. */
    public Optional<ToolCallFormat> format() {
        return format;
    }

    String template() {
        return template;
    }

    Optional<ThinkTags> tags() {
        return tags;
    }

    /** The marks of Gemma's generation. */
    GemmaCalls.Marks gemmaMarks() {
        return template.contains(GemmaCalls.Marks.FUNCTION_GEMMA.open())
                ? GemmaCalls.Marks.FUNCTION_GEMMA
                : GemmaCalls.Marks.GEMMA_4;
    }

    /**
     * Reads answers to a prompt.
     *
     * @param tools with parameters that are objects of JSON
     * @param readCalls whether calls are looked for
     * @param prompt the rendered text, the end of which may open a thought
     */
    public AnswerReader reader(List<ToolDefinition> tools, boolean readCalls, String prompt) {
        ToolSchemas schemas = new ToolSchemas(tools);
        Optional<CallReader> calls = readCalls ? format.map(known -> reader(known, schemas)) : Optional.empty();
        return new AnswerReader(tags, isThinking(prompt), calls);
    }

    private static CallReader reader(ToolCallFormat format, ToolSchemas tools) {
        return switch (format) {
            case HERMES -> new HermesCalls();
            case QWEN_XML -> new XmlCalls(tools);
            case LLAMA_JSON -> new LlamaCalls(tools);
            case MISTRAL -> new MistralCalls();
            case GEMMA -> new GemmaCalls();
        };
    }

    /** Whether a prompt ends inside a thought. */
    boolean isThinking(String prompt) {
        return tags.filter(known -> known.isOpenedBy(prompt)).isPresent();
    }

    /** Texts that reading needs to see even where they are special tokens. */
    public List<String> markers() {
        List<String> markers = new ArrayList<>();
        tags.ifPresent(known -> markers.addAll(known.markers()));
        format.ifPresent(known -> markers.addAll(
                switch (known) {
                    case HERMES, QWEN_XML -> List.of(HermesCalls.OPEN, HermesCalls.CLOSE);
                    case LLAMA_JSON -> List.of(LlamaCalls.TAG);
                    case MISTRAL -> List.of(MistralCalls.OPEN, MistralCalls.ID, MistralCalls.ARGUMENTS);
                    case GEMMA ->
                        List.of(
                                gemmaMarks().open(),
                                gemmaMarks().close(),
                                gemmaMarks().quote());
                }));
        return markers;
    }
}
