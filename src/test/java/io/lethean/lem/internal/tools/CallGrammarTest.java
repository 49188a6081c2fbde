package io.lethean.lem.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.GrammarException;
import io.lethean.lem.ToolCall;
import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.internal.schema.Gbnf;
import io.lethean.lem.internal.schema.Validator;
import io.lethean.lem.internal.tools.AnswerReader.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random answers that a grammar of calls allows: each is read as calls, and their arguments follow the schema. */
final class CallGrammarTest {

    private static final ToolDefinition WEATHER = new ToolDefinition(
            "get_weather",
            "",
            "{\"properties\": {\"unit\": {\"enum\": [\"c\", \"\u00b0 \\\"f\\\"\"]}, \"city\": {\"type\": \"string\"}, \"days\": {\"type\": \"integer\"},"
                    + " \"exact\": {\"type\": \"boolean\"}, \"at\": {\"type\": \"array\", \"items\": {\"type\": [\"integer\", \"null\"]}},"
                    + " \"place\": {\"$ref\": \"#/$defs/place\"}, \"a key\": {\"anyOf\": [{\"const\": 7}, {\"type\": \"null\"}]}},"
                    + " \"required\": [\"city\", \"days\"],"
                    + " \"$defs\": {\"place\": {\"type\": \"object\", \"properties\": {\"x\": {\"type\": \"number\"}, \"y\": {\"type\": \"string\"}},"
                    + " \"required\": [\"x\"]}}}");
    private static final ToolDefinition NOW = new ToolDefinition("now", "");
    private static final List<ToolDefinition> TOOLS = List.of(WEATHER, NOW);

    /** What a template of each form has in it, and what ends its prompt. */
    private static final Map<String, ToolCallFormat> TEMPLATES = Map.of(
            "<tool_call>name arguments", ToolCallFormat.HERMES,
            "<tool_call><function=f><parameter=p>", ToolCallFormat.QWEN_XML,
            "<|python_tag|>", ToolCallFormat.LLAMA_JSON,
            "[TOOL_CALLS][", ToolCallFormat.MISTRAL,
            "[TOOL_CALLS]f[ARGS]", ToolCallFormat.MISTRAL,
            "[TOOL_CALLS]f[CALL_ID][ARGS]", ToolCallFormat.MISTRAL,
            "<|tool_call>call:", ToolCallFormat.GEMMA,
            "<start_function_call>", ToolCallFormat.GEMMA);

    private static void assertFollows(ToolCall call) {
        ToolDefinition tool = TOOLS.stream()
                .filter(each -> each.name().equals(call.name()))
                .findFirst()
                .orElseThrow();
        assertThat(new Validator(tool.parameters()).problems(call.arguments()))
                .as(call.arguments())
                .isEmpty();
    }

    private static Reading drawn(AnswerStyle style, boolean several, String prompt, Random random) {
        String text = new Gbnf(CallGrammar.of(style, TOOLS, several, prompt)).draw(random);
        Reading reading = style.reader(TOOLS, true, prompt).read(text);
        assertThat(reading.content()).as(text).isEmpty();
        assertThat(reading.malformed()).as(text).isEmpty();
        assertThat(reading.calls()).as(text).isNotEmpty().allSatisfy(CallGrammarTest::assertFollows);
        return reading;
    }

    @Test
    void everyFormOfTemplate_isFound() {
        TEMPLATES.forEach((template, format) ->
                assertThat(AnswerStyle.of(template, true).format()).as(template).contains(format));
        assertThat(AnswerStyle.of("<tool_call>name <arg_key> arguments", true).format())
                .isEmpty();
        assertThat(AnswerStyle.of("{{ messages }}", true).format()).isEmpty();
        assertThat(AnswerStyle.of("{{ messages }}", false).format()).contains(ToolCallFormat.LLAMA_JSON);
    }

    /** Texts of each form: words, one call, one call after words, and what must not be. */
    @Test
    void atMostOneCall_allowsWordsAndOneCall_andNothingAfterIt() {
        Map<String, String> calls = Map.of(
                "<tool_call>name arguments", "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>",
                "<tool_call><function=f><parameter=p>",
                        "<tool_call>\n<function=now>\n<parameter=p>\n1\n</parameter>\n</function>\n</tool_call>",
                "[TOOL_CALLS][", "[TOOL_CALLS][{\"name\": \"now\", \"arguments\": {\"a\": [1, {}]}}]",
                "[TOOL_CALLS]f[ARGS]", "[TOOL_CALLS]now[ARGS]{\"a\": \"]\"}",
                "[TOOL_CALLS]f[CALL_ID][ARGS]", "[TOOL_CALLS]now[CALL_ID]abcdefghi[ARGS]{}",
                "<|tool_call>call:", "<|tool_call>call:now{a:1}<tool_call|>",
                "<start_function_call>", "<start_function_call>call:now{}<end_function_call>");
        calls.forEach((template, call) -> {
            AnswerStyle style = AnswerStyle.of(template, true);
            Gbnf grammar = new Gbnf(CallGrammar.ofOne(style, "").orElseThrow());
            for (String text : List.of("", "Hello, <b> [a] <tool x", "<<<<", call, "Words.\n" + call, "<[" + call)) {
                assertThat(grammar.accepts(text)).as(template + " " + text).isTrue();
                assertThat(style.reader(TOOLS, true, "").read(text).calls()).hasSize(text.endsWith(call) ? 1 : 0);
            }
            for (String text : List.of(call + call, call + "\n" + call, "a" + call + " b " + call, call + " words")) {
                assertThat(grammar.accepts(text)).as(template + " " + text).isFalse();
            }
        });
        Gbnf hermes = new Gbnf(CallGrammar.ofOne(AnswerStyle.of("<tool_call>name arguments", true), "")
                .orElseThrow());
        assertThat(hermes.accepts("<tool_call>[{\"name\": \"a\"}, {\"name\": \"b\"}]</tool_call>"))
                .isFalse();
        AnswerStyle thinking = AnswerStyle.of("<tool_call>name arguments <think></think>", true);
        Gbnf thoughts = new Gbnf(CallGrammar.ofOne(thinking, "").orElseThrow());
        String call = "<tool_call>{}</tool_call>";
        assertThat(thoughts.accepts("<think>" + call + call + "</think>\n" + call))
                .isTrue();
        assertThat(CallGrammar.ofOne(AnswerStyle.of("<|python_tag|>", true), ""))
                .isEmpty();
    }

    @Test
    void drawnCalls_areReadAndFollowTheSchema() {
        Random random = new Random(5);
        TEMPLATES.forEach((template, format) -> {
            AnswerStyle style = AnswerStyle.of(template, true);
            for (int i = 0; i < 150; i++) {
                assertThat(drawn(style, false, "", random).calls()).as(template).hasSize(1);
            }
            int most = 0;
            for (int i = 0; i < 40; i++) {
                most = Math.max(most, drawn(style, true, "", random).calls().size());
            }
            assertThat(most).as(template).isGreaterThan(1);
        });
    }

    @Test
    void modelThatThinks_mayThinkFirst_andMustIfItsPromptHasBegun() {
        Random random = new Random(6);
        AnswerStyle style = AnswerStyle.of("<tool_call>name arguments <think></think>", true);
        int thought = 0;
        for (int i = 0; i < 60; i++) {
            thought += drawn(style, false, "assistant\n", random).thinking().isPresent() ? 1 : 0;
            assertThat(drawn(style, false, "assistant\n<think>\n", random).thinking())
                    .isPresent();
            assertThat(drawn(style, false, "<think>\n\n</think>\n\n", random).thinking())
                    .isEmpty();
        }
        assertThat(thought).isBetween(10, 50);
    }

    @Test
    void demandedTool_isTheOnlyOneThatTheGrammarAllows() {
        AnswerStyle style = AnswerStyle.of("<tool_call>name arguments", true);
        Gbnf grammar = new Gbnf(CallGrammar.of(style, List.of(NOW), false, ""));
        assertThat(grammar.accepts("<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>"))
                .isTrue();
        assertThat(grammar.accepts("<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {}}\n</tool_call>"))
                .isFalse();
        assertThat(grammar.accepts("Hello")).isFalse();
    }

    @Test
    void untilRules_endAtTheFirstOccurrence() {
        Gbnf rules = new Gbnf("root ::= text\n" + UntilRules.of("text", "aab"));
        for (String text : List.of("aab", "aaab", "xaab", "abaaab", "\u00fcaab")) {
            assertThat(rules.accepts(text)).as(text).isTrue();
        }
        for (String text : List.of("", "aa", "ab", "aabaab", "aabx", "xaa")) {
            assertThat(rules.accepts(text)).as(text).isFalse();
        }
    }

    @Test
    void schemaThatIsNotEnforced_isRefusedByToolAndKeyword() {
        ToolDefinition odd =
                new ToolDefinition("odd", "", "{\"properties\": {\"a\": {\"type\": \"string\", \"minLength\": 3}}}");
        for (String template : List.of("<|tool_call>call:", "<tool_call><function=f><parameter=p>")) {
            assertThatThrownBy(() -> CallGrammar.of(AnswerStyle.of(template, true), List.of(odd), false, ""))
                    .isInstanceOf(GrammarException.class)
                    .hasMessageStartingWith("A call of the tool odd cannot be demanded: minLength ");
        }
        AnswerStyle hermes = AnswerStyle.of("<tool_call>name arguments", true);
        assertThat(CallGrammar.of(hermes, List.of(odd), false, "")).startsWith("root ::= call\n");
        ToolDefinition list = new ToolDefinition("list", "", "{\"type\": \"array\"}");
        assertThatThrownBy(() -> CallGrammar.of(hermes, List.of(list), false, ""))
                .hasMessage("A call of the tool list cannot be demanded: its parameters are not of type object.");
        ToolDefinition unique = new ToolDefinition("u", "", "{\"properties\": {\"a\": {\"uniqueItems\": true}}}");
        assertThatThrownBy(() -> CallGrammar.of(hermes, List.of(unique), false, ""))
                .hasMessageStartingWith("A call of the tool u cannot be demanded: ")
                .hasMessageContaining("uniqueItems");
    }

    @Test
    void thoughtsAndIds_areInTheReading() {
        AnswerStyle style = AnswerStyle.of("[TOOL_CALLS]f[CALL_ID][ARGS]", true);
        Gbnf grammar = new Gbnf(CallGrammar.of(style, List.of(NOW), false, ""));
        String text = grammar.draw(new Random(1));
        assertThat(text).matches("\\[TOOL_CALLS\\]now\\[CALL_ID\\][a-zA-Z0-9]{9}\\[ARGS\\]\\{\\s*\\}");
        assertThat(style.reader(List.of(NOW), true, "")
                        .read(text)
                        .calls()
                        .getFirst()
                        .id())
                .hasSize(9);
        assertThat(Optional.of(style.markers())).contains(List.of("[TOOL_CALLS]", "[CALL_ID]", "[ARGS]"));
    }
}
