package io.lethean.lem.internal.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import io.lethean.lem.ToolDefinition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tools, documents and variables in templates: each is in the text, or the request is refused by its name. */
final class ToolTemplateTest {

    private static final ToolDefinition WEATHER = new ToolDefinition(
            "get_weather",
            "Says \u00fc the \"weather\".",
            "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}, \"required\": [\"city\"]}");
    private static final TemplateVariables TOOLS =
            new TemplateVariables(List.of(TemplateVariables.tool(WEATHER)), List.of(), Map.of());
    private static final ToolCall CALL = new ToolCall("call00001", "get_weather", "{\"city\":\"Rome\"}");
    private static final List<Message> CONVERSATION = List.of(
            Message.user("Weather?"),
            Message.assistant("", List.of(CALL)),
            Message.tool("call00001", "12 degrees"),
            Message.assistant("It is cold."));

    /** Shows tools, calls with arguments as a mapping, and results. */
    private static final String NATIVE = "{% for t in tools or [] %}[{{ t | tojson }}]{% endfor %}"
            + "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% for c in m.tool_calls %}"
            + "{{ c.function.name }}={{ c.function.arguments | tojson }}{% endfor %}</>{% endfor %}";

    private static ChatTemplate template(String source) {
        return ChatTemplate.of(Optional.of(source), "odd.gguf", SpecialTokens.none());
    }

    private static String render(String source, TemplateVariables variables, List<Message> messages) {
        return template(source).render(messages, variables, false).text();
    }

    @Test
    void templateWithTools_seesThemAsTransformersGivesThem() {
        assertThat(render(NATIVE, TOOLS, CONVERSATION))
                .isEqualTo("[{\"type\": \"function\", \"function\": {\"name\": \"get_weather\", \"description\":"
                        + " \"Says \u00fc the \\\"weather\\\".\", \"parameters\": {\"type\": \"object\", \"properties\":"
                        + " {\"city\": {\"type\": \"string\"}}, \"required\": [\"city\"]}}}]<user>Weather?</>"
                        + "<assistant>get_weather={\"city\": \"Rome\"}</><tool>12 degrees</><assistant>It is cold.</>");
    }

    @Test
    void membersOfToolTurns_haveTheNamesThatTemplatesKnow() {
        String members = "{{ tools | length }}{% for m in messages %}{{ m | tojson }}\n{% endfor %}";
        assertThat(render(
                        members.replace("{{ tools | length }}", ""),
                        TemplateVariables.NONE,
                        CONVERSATION.subList(0, 1)))
                .isEqualTo("{\"role\": \"user\", \"content\": \"Weather?\"}\n");
        assertThat(render("{{ tools | tojson }}" + members, TOOLS, CONVERSATION))
                .contains(
                        "{\"role\": \"assistant\", \"content\": \"\", \"tool_calls\": [{\"id\": \"call00001\", \"type\":"
                                + " \"function\", \"function\": {\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\"}}}]}\n")
                .contains("{\"role\": \"tool\", \"content\": \"12 degrees\", \"tool_call_id\": \"call00001\", \"name\":"
                        + " \"get_weather\"}\n");
    }

    @Test
    void templateThatJoinsArguments_getsThemAsText() {
        String joins = NATIVE.replace("c.function.arguments | tojson", "'(' + c.function.arguments + ')'");
        assertThat(render(joins, TOOLS, CONVERSATION)).contains("get_weather=({\"city\":\"Rome\"})</>");
        String prints = NATIVE.replace("c.function.arguments | tojson", "c.function.arguments");
        assertThat(render(prints, TOOLS, CONVERSATION)).contains("get_weather={\"city\":\"Rome\"}</>");
    }

    @Test
    void templateThatShowsCallsOnlyWithoutContent_getsNoContent() {
        String source = NATIVE.replace(
                "{{ m.content }}{% for",
                "{% if m.content is not none %}{{ m.content }}</>" + "{% continue %}{% endif %}{% for");
        assertThat(render(source, TOOLS, CONVERSATION))
                .contains("<assistant>get_weather={\"city\": \"Rome\"}</><tool>");
    }

    @Test
    void wordsAndCallsOfOneTurn_areToldApartWhereTheTemplateShowsOne() {
        String source =
                NATIVE.replace("{{ m.content }}{% for", "{% if not m.tool_calls %}{{ m.content }}{% endif %}{% for");
        assertThat(render(source, TOOLS, List.of(Message.user("x"), Message.assistant("I look.", List.of(CALL)))))
                .endsWith("<user>x</><assistant>I look.</><assistant>get_weather={\"city\": \"Rome\"}</>");
    }

    @Test
    void callThatTheTemplateLeavesOut_isRefusedByItsTurn() {
        String source = NATIVE.replace("{% for c in m.tool_calls %}", "{% for c in [] %}");
        assertThatThrownBy(() -> render(source, TOOLS, CONVERSATION))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageStartingWith("The chat template of odd.gguf leaves out the tool calls or the words of turn 2"
                        + " (assistant) of 4, in whichever form");
    }

    @Test
    void resultThatTheTemplateLeavesOut_isRefusedByItsTurn() {
        String source = NATIVE.replace("for m in messages", "for m in messages if m.role != 'tool'");
        assertThatThrownBy(() -> render(source, TOOLS, CONVERSATION))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageStartingWith("The chat template of odd.gguf leaves out turn 3 (tool) of 4, ");
    }

    @Test
    void toolThatTheTemplateShowsOnlyAtTimes_isRefusedByName() {
        String source = "{% if messages | length < 3 %}" + NATIVE + "{% else %}"
                + NATIVE.replace("in tools or []", "in []") + "{% endif %}";
        assertThatThrownBy(() -> render(source, TOOLS, CONVERSATION))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageStartingWith("The chat template of odd.gguf leaves out the tool get_weather, so the model");
    }

    @Test
    void documentThatTheTemplateLeavesOut_isRefusedByItsNumber() {
        TemplateVariables documents = new TemplateVariables(
                List.of(), List.of(Map.of("title", "T", "text", "one"), Map.of("text", "two")), Map.of());
        String shows = "{% for d in documents %}{{ d.title }}:{{ d.text }};{% endfor %}" + NATIVE;
        assertThat(render(shows, documents, CONVERSATION.subList(0, 1))).isEqualTo("T:one;:two;<user>Weather?</>");
        assertThatThrownBy(() -> render(
                        shows.replace("in documents", "in documents[:1]"), documents, CONVERSATION.subList(0, 1)))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageStartingWith("The chat template of odd.gguf leaves out document 2, so the model");
        assertThatThrownBy(() -> ChatTemplate.of(Optional.empty(), "plain.gguf", SpecialTokens.none())
                        .render(CONVERSATION.subList(0, 1), documents, true))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageContaining("plain.gguf has no chat template, so it cannot be given documents");
    }

    @Test
    void variables_reachTheTemplate_andMayReplaceSpecialTokens() {
        TemplateVariables variables =
                new TemplateVariables(List.of(), List.of(), Map.of("enable_thinking", false, "level", 3L));
        assertThat(render(
                        "{{ enable_thinking }}{{ level + 1 }}{{ messages[0].content }}",
                        variables,
                        List.of(Message.user("x"))))
                .isEqualTo("False4x");
    }

    @Test
    void thoughts_areAMemberOfTheTurn_andMayBeLeftOut() {
        List<Message> turns = List.of(Message.user("x"), Message.assistant("y").withThinking("hm"));
        assertThat(render(
                        "{% for m in messages %}{{ m.reasoning_content }}|{{ m.content }};{% endfor %}",
                        TemplateVariables.NONE, turns))
                .isEqualTo("|x;hm|y;");
        assertThat(render(NATIVE, TemplateVariables.NONE, turns)).isEqualTo("<user>x</><assistant>y</>");
    }

    @Test
    void templateWithoutTools_getsThemInWords() {
        String source = "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
                + "{{ raise_exception('alternate') }}{% endif %}<{{ m.role }}>{{ m.content }}</>{% endfor %}";
        ChatTemplate template = template(source);
        assertThat(template.takesTools()).isFalse();
        assertThat(template(NATIVE).takesTools()).isTrue();
        List<Message> turns = List.of(
                Message.user("Weather?"),
                Message.assistant(
                        "I look.", List.of(CALL, new ToolCall("call00002", "get_weather", "{\"city\": \"Oslo\"}"))),
                Message.tool("call00001", "12 degrees"),
                Message.tool("call00002", "2 degrees"),
                Message.user("And?"));
        assertThat(template.render(turns, TOOLS, false).text())
                .isEqualTo("<user>You can call the functions below. Each line is the JSON Schema of one.\n"
                        + "{\"name\": \"get_weather\", \"description\": \"Says \u00fc the \\\"weather\\\".\", \"parameters\":"
                        + " {\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}, \"required\": [\"city\"]}}\n\n"
                        + "To call a function, answer with a JSON object on a line of its own and with nothing else:\n"
                        + "{\"name\": \"the name of the function\", \"parameters\": {\"the name of a parameter\": its value}}\n"
                        + "Then you will be told the result. If no function is needed, answer in words.\n\nWeather?</>"
                        + "<assistant>I look.\n{\"name\": \"get_weather\", \"parameters\": {\"city\":\"Rome\"}}\n"
                        + "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Oslo\"}}</>"
                        + "<user>Result of get_weather:\n12 degrees\n\nResult of get_weather:\n2 degrees\n\nAnd?</>");
    }

    @Test
    void hostileTool_cannotMakeATemplateWorkWithoutEnd() {
        String nested = "{\"type\": \"object\", \"a\": ".repeat(190) + "1" + "}".repeat(190);
        TemplateVariables deep = new TemplateVariables(
                List.of(TemplateVariables.tool(new ToolDefinition("f", "", nested))), List.of(), Map.of());
        assertThat(render(NATIVE, deep, CONVERSATION.subList(0, 1))).startsWith("[{\"type\": \"function\"");
        assertThatThrownBy(() -> TemplateVariables.tool(new ToolDefinition("f", "", "[".repeat(100_000))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "The parameters of the tool f are not a JSON Schema in the form of an object: ");
        assertThatThrownBy(() -> TemplateVariables.tool(new ToolDefinition("f", "", "[]")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("it is another value.");
    }
}
