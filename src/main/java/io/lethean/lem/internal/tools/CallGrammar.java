package io.lethean.lem.internal.tools;

import io.lethean.lem.GrammarException;
import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.internal.io.Json;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.internal.schema.GbnfText;
import io.lethean.lem.internal.schema.JsonSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Grammars of answers that must be calls: what they allow can be read, and its arguments follow the tool's schema. */
public final class CallGrammar {

    private static final String CALL_ID = "call-id ::= [a-zA-Z0-9]{9}\n";

    private final AnswerStyle style;
    private final StringBuilder rules = new StringBuilder();

    private CallGrammar(AnswerStyle style) {
        this.style = style;
    }

    /**
     * The grammar of an answer, in GBNF.
     *
     * @param tools those that may be called
     * @param several whether there may be more than one call
     * @param prompt the rendered text, the end of which may open a thought
     * @throws GrammarException if the parameters of a tool demand what is not enforced; the message names the tool
     */
    public static String of(AnswerStyle style, List<ToolDefinition> tools, boolean several, String prompt) {
        ToolCallFormat format = style.format()
                .orElseThrow(() -> new IllegalArgumentException("The format of tool calls is not known."));
        CallGrammar grammar = new CallGrammar(style);
        List<String> calls = new ArrayList<>();
        for (ToolDefinition tool : tools) {
            try {
                calls.add(grammar.call(format, tool, calls.size()));
            } catch (GrammarException refused) {
                throw new GrammarException(
                        "A call of the tool " + tool.name() + " cannot be demanded: " + refused.getMessage(), refused);
            }
        }
        String thought = grammar.thought(prompt);
        grammar.rules.append("call ::= ").append(String.join(" | ", calls)).append('\n');
        return "root ::= " + thought + grammar.calls(format, several) + "\n" + grammar.rules + JsonSchema.sharedRules();
    }

    /**
     * The grammar of an answer that is words and at most one call of any tool, after which it ends, in GBNF.
     *
     * @param prompt as for {@link #of}
     * @return empty if the form of calls has no markers, so that words cannot be told from them
     */
    public static Optional<String> ofOne(AnswerStyle style, String prompt) {
        CallGrammar grammar = new CallGrammar(style);
        Map<String, String> calls = grammar.markedCalls();
        if (calls.isEmpty()) {
            return Optional.empty();
        }
        String thought = grammar.thought(prompt);
        grammar.rules.append(UntilRules.ofAny("words", calls));
        return Optional.of("root ::= " + thought + "words\n" + grammar.rules + JsonSchema.sharedRules());
    }

    /** What begins a call, and the rule of what comes after it. */
    private Map<String, String> markedCalls() {
        ToolCallFormat format = style.format().orElse(ToolCallFormat.LLAMA_JSON);
        return switch (format) {
            case HERMES -> {
                rules.append("one ::= [ \\n]{0,3} \"{\" onejson\n").append(UntilRules.of("onejson", HermesCalls.CLOSE));
                yield Map.of(HermesCalls.OPEN, "one");
            }
            case QWEN_XML -> {
                rules.append("one ::= [ \\n]{0,3} (\"{\" onejson | " + GbnfText.literal(XmlCalls.FUNCTION)
                                + " onecall [ \\n]{0,3} " + GbnfText.literal(HermesCalls.CLOSE) + ")\n")
                        .append(UntilRules.of("onejson", HermesCalls.CLOSE))
                        .append(UntilRules.of("onecall", XmlCalls.FUNCTION_END));
                yield Map.of(HermesCalls.OPEN, "one", XmlCalls.FUNCTION, "onecall");
            }
            case MISTRAL -> {
                rules.append("one ::= [ \\n]{0,3} ").append(mistralOne()).append('\n');
                rules.append(JsonSchema.rules("{\"type\": \"object\"}", "oneobject"));
                yield Map.of(MistralCalls.OPEN, "one");
            }
            case GEMMA -> {
                rules.append(UntilRules.of("one", style.gemmaMarks().close()));
                yield Map.of(style.gemmaMarks().open(), "one");
            }
            case LLAMA_JSON -> Map.of();
        };
    }

    private String mistralOne() {
        return hasArguments()
                ? "[a-zA-Z0-9_.\\x2D]{1,200} (" + GbnfText.literal(MistralCalls.ID) + " [a-zA-Z0-9]{1,200})? "
                        + GbnfText.literal(MistralCalls.ARGUMENTS) + " oneobject"
                : "\"[\" [ \\n]{0,3} oneobject [ \\n]{0,3} \"]\"";
    }

    /** A model that thinks may do so before it calls, if its prompt does not say that it has. */
    private String thought(String prompt) {
        if (style.tags().isEmpty()
                || prompt.stripTrailing().endsWith(style.tags().get().close())) {
            return "";
        }
        ThinkTags tags = style.tags().get();
        rules.append("thought ::= thoughts [ \\n]{0,3}\n").append(UntilRules.of("thoughts", tags.close()));
        return style.isThinking(prompt) ? "thought " : "(" + GbnfText.literal(tags.open()) + " thought)? ";
    }

    private String calls(ToolCallFormat format, boolean several) {
        if (format == ToolCallFormat.MISTRAL && !hasArguments()) {
            String more = several ? " (\", \" call)*" : "";
            return GbnfText.literal(MistralCalls.OPEN + "[") + " call" + more + " \"]\"";
        }
        boolean joined = format == ToolCallFormat.MISTRAL || format == ToolCallFormat.GEMMA;
        return several ? "call (" + (joined ? "" : "\"\\n\" ") + "call)*" : "call";
    }

    /** Whether Mistral's template writes the name of a tool before its arguments, and not a list of calls. */
    private boolean hasArguments() {
        return style.template().contains(MistralCalls.ARGUMENTS);
    }

    private String call(ToolCallFormat format, ToolDefinition tool, int index) {
        String name = "t" + index;
        String quoted = PythonJson.readable(tool.name());
        return switch (format) {
            case HERMES ->
                GbnfText.literal(HermesCalls.OPEN + "\n{\"name\": " + quoted + ", \"arguments\": ")
                        + json(tool, name)
                        + GbnfText.literal("}\n" + HermesCalls.CLOSE);
            case LLAMA_JSON ->
                GbnfText.literal("{\"name\": " + quoted + ", \"parameters\": ") + json(tool, name) + " \"}\"";
            case MISTRAL -> mistral(tool, name, quoted);
            case QWEN_XML -> new XmlGrammar(name, rules).call(tool.name(), arguments(tool));
            case GEMMA -> new GemmaGrammar(name, rules, style.gemmaMarks()).call(tool.name(), arguments(tool));
        };
    }

    private String mistral(ToolDefinition tool, String name, String quoted) {
        boolean ids = !hasArguments() || style.template().contains(MistralCalls.ID);
        if (ids && rules.indexOf(CALL_ID) < 0) {
            rules.append(CALL_ID);
        }
        if (!hasArguments()) {
            return GbnfText.literal("{\"name\": " + quoted + ", \"arguments\": ") + json(tool, name)
                    + GbnfText.literal(", \"id\": \"") + " call-id " + GbnfText.literal("\"}");
        }
        String id = ids ? " " + GbnfText.literal(MistralCalls.ID) + " call-id" : "";
        return GbnfText.literal(MistralCalls.OPEN + tool.name()) + id + " " + GbnfText.literal(MistralCalls.ARGUMENTS)
                + json(tool, name);
    }

    /** Adds the rules of arguments in JSON; how they are referred to, with spaces around it. */
    private String json(ToolDefinition tool, String name) {
        rules.append(JsonSchema.rules(PythonJson.readable(arguments(tool)), name));
        return " " + name + " ";
    }

    /** The schema of arguments, which are an object. */
    private static Map<String, Object> arguments(ToolDefinition tool) {
        Map<String, Object> schema = new LinkedHashMap<>();
        if (Json.parse(tool.parameters()) instanceof Map<?, ?> members) {
            members.forEach((key, value) -> schema.put(String.valueOf(key), value));
        }
        if (!schema.getOrDefault("type", "object").equals("object")) {
            throw new GrammarException("its parameters are not of type object.");
        }
        schema.put("type", "object");
        return schema;
    }
}
