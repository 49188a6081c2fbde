package io.lethean.lem.internal.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.internal.jinja.JinjaOracle.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The engine against llama.cpp's, on every template of llama.cpp's source and on corners of the language. */
final class TemplateOracleIT {

    private static final String BOS = "<BOS>";
    private static final String EOS = "<EOS>";

    private static final SpecialTokens TOKENS =
            SpecialTokens.none().with("bos_token", BOS).with("eos_token", EOS);

    private static final Map<String, List<Message>> REQUIRED = Map.of(
            "user/assistant/user",
                    List.of(
                            Message.user("Hello, who are you?"),
                            Message.assistant("I am a model."),
                            Message.user("Tell me more.")),
            "system/user", List.of(Message.system("You are kind."), Message.user("Hello")));

    /** White space at the edges, thoughts, quotes, other scripts, what looks like tokens and tags, empty contents. */
    private static final Map<String, List<Message>> FURTHER = Map.of(
            "odd contents",
                    List.of(
                            Message.user("  spaces around\n"),
                            Message.assistant("<think>\nhm\n</think>\n\nanswer"),
                            Message.user("\u00fcn\u00ef \"q\" \\ \u65e5\u672c <|im_end|> {{ x }} {% y %} \uD83D\uDE00"),
                            Message.assistant(""),
                            Message.user("end")),
            "system in the middle",
                    List.of(
                            Message.system("A \"sys\"\nline\n\n"),
                            Message.user("x"),
                            Message.assistant("y"),
                            Message.system("mid"),
                            Message.user("z")),
            "two users", List.of(Message.user("a"), Message.user("b")),
            "assistant first", List.of(Message.assistant("first")));

    private static JinjaOracle oracle;
    private static List<Path> templates;

    @BeforeAll
    static void start() throws IOException {
        oracle = JinjaOracle.start();
        templates = JinjaOracle.templates();
    }

    @AfterAll
    static void stop() throws IOException {
        if (oracle != null) {
            oracle.close();
        }
    }

    private static Answer ours(String template, Map<String, ?> context) {
        try {
            return new Answer(true, Template.parse(template).render(context, Limits.defaults(), JinjaOracle.CLOCK));
        } catch (ChatTemplateException e) {
            return new Answer(false, e.getMessage());
        }
    }

    private static Map<String, Object> context(List<Message> messages, boolean prompt) {
        List<Map<String, String>> turns = new ArrayList<>();
        for (Message message : messages) {
            Map<String, String> turn = new LinkedHashMap<>();
            turn.put("role", message.role());
            turn.put("content", message.content());
            turns.add(turn);
        }
        return new HashMap<>(
                Map.of("messages", turns, "bos_token", BOS, "eos_token", EOS, "add_generation_prompt", prompt));
    }

    /** What Hugging Face passes beyond the conversation, and the switches of templates for models that think. */
    private static List<Map<String, Object>> variants() {
        Map<String, Object> absent = new HashMap<>();
        absent.put("tools", null);
        absent.put("documents", null);
        return List.of(Map.of(), absent, Map.of("enable_thinking", true), Map.of("enable_thinking", false));
    }

    /** Requires equal output, or an equal refusal: if the template raises an exception, with its message. */
    private static boolean same(Answer ours, Answer theirs) {
        if (ours.ok() || theirs.ok()) {
            return ours.equals(theirs);
        }
        String raised = "Jinja Exception: ";
        int at = theirs.text().indexOf(raised);
        return at < 0
                ? ours.text().startsWith("The chat template fails at ")
                : ours.text().startsWith("The chat template refuses ")
                        && ours.text().endsWith(theirs.text().substring(at + raised.length()));
    }

    /** Counts and collects what a comparison of all templates finds. */
    private static final class Tally {
        private int identical;
        private int refused;
        private final List<String> different = new ArrayList<>();

        private void compare(String label, Answer ours, Answer theirs) {
            if (!same(ours, theirs)) {
                different.add(label + "\n  ours:   " + ours + "\n  theirs: " + theirs);
            } else if (ours.ok()) {
                identical++;
            } else {
                refused++;
            }
        }

        private void conclude(String what) {
            System.out.printf(
                    "%s: %d identical, %d refused by both, %d different%n", what, identical, refused, different.size());
            assertThat(different).isEmpty();
        }
    }

    private static void compareAll(
            Map<String, List<Message>> conversations, List<Map<String, Object>> variants, Tally tally)
            throws IOException {
        for (Path file : templates) {
            String template = Files.readString(file);
            for (var conversation : conversations.entrySet()) {
                for (boolean prompt : new boolean[] {true, false}) {
                    for (Map<String, Object> variant : variants) {
                        Map<String, Object> context = context(conversation.getValue(), prompt);
                        context.putAll(variant);
                        String label = "%s, %s, prompt %s, %s"
                                .formatted(file.getFileName(), conversation.getKey(), prompt, variant);
                        tally.compare(label, ours(template, context), oracle.render(template, context));
                    }
                }
            }
        }
    }

    @Test
    void everyTemplate_rendersOrRefusesAsInLlamaCpp() throws IOException {
        assertThat(templates).hasSizeGreaterThanOrEqualTo(70);
        Tally tally = new Tally();
        compareAll(REQUIRED, List.of(Map.of()), tally);
        tally.conclude(templates.size() + " templates, 2 conversations, with and without generation prompt");
        assertThat(tally.identical).isGreaterThan(270);
    }

    @Test
    void everyTemplate_agreesWithNoToolsAndThinkingSwitches() throws IOException {
        Tally tally = new Tally();
        compareAll(REQUIRED, variants(), tally);
        tally.conclude(templates.size() + " templates, 2 conversations, 4 contexts");
    }

    @Test
    void everyTemplate_agreesOnOddConversations() throws IOException {
        Tally tally = new Tally();
        compareAll(FURTHER, variants(), tally);
        tally.conclude(templates.size() + " templates, " + FURTHER.size() + " odd conversations, 4 contexts");
    }

    @Test
    void chatTemplate_givesTemplatesThatContext() throws IOException {
        Tally tally = new Tally();
        List<String> folded = new ArrayList<>();
        for (Path file : templates) {
            String source = Files.readString(file);
            ChatTemplate template =
                    ChatTemplate.of(Optional.of(source), "x", TOKENS, Limits.defaults(), JinjaOracle.CLOCK);
            for (List<Message> conversation : REQUIRED.values()) {
                ChatTemplate.Rendered rendered = template.render(conversation, true);
                if (rendered.systemFolded()) {
                    folded.add(file.getFileName().toString());
                    assertThat(rendered.text()).as(file.toString()).contains("You are kind.\n\nHello");
                } else {
                    tally.compare(
                            file.toString(),
                            new Answer(true, rendered.text()),
                            oracle.render(source, context(conversation, true)));
                }
            }
        }
        System.out.println("System turn folded into the user turn: " + folded);
        tally.conclude(templates.size() + " templates through ChatTemplate");
        assertThat(folded).contains("google-gemma-2-2b-it.jinja");
    }

    /** Beyond what {@link TemplateTest} says of Jinja2: where both agree, the oracle confirms it. */
    @Test
    void cornersOfTheLanguage_agree() {
        Tally tally = new Tally();
        Map<String, Object> context = context(REQUIRED.get("system/user"), true);
        for (String template : CORNERS) {
            tally.compare(template, ours(template, context), oracle.render(template, context));
        }
        tally.conclude(CORNERS.size() + " small templates");
    }

    private static final TemplateVariables TOOLS = new TemplateVariables(
            List.of(
                    TemplateVariables.tool(
                            new ToolDefinition(
                                    "get_weather",
                                    "Says the \"weather\" of a city.",
                                    "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\", \"description\":"
                                            + " \"Name \u00fc\"}, \"days\": {\"type\": \"integer\"}}, \"required\": [\"city\"]}")),
                    TemplateVariables.tool(new ToolDefinition("now", "The time."))),
            List.of(),
            Map.of());

    /** Calls and results of tools, one and two at a time, and a question after them. */
    private static final Map<String, List<Message>> WITH_TOOLS = Map.of(
            "tools alone", List.of(Message.system("You are kind."), Message.user("Weather?")),
            "one call",
                    List.of(
                            Message.user("Weather?"),
                            Message.assistant(
                                    "", List.of(new ToolCall("abc123xyz", "get_weather", "{\"city\": \"Rome\"}"))),
                            Message.tool("abc123xyz", "12 \"degrees\"")),
            "two calls",
                    List.of(
                            Message.user("Weather and time?"),
                            Message.assistant(
                                    "I look.",
                                    List.of(
                                            new ToolCall(
                                                    "abc123xyz",
                                                    "get_weather",
                                                    "{\"city\": \"S\u00e3o\", \"days\": 2}"),
                                            new ToolCall("abc123xy2", "now", "{}"))),
                            Message.tool("abc123xyz", "12 degrees"),
                            Message.tool("abc123xy2", "{\"hour\": 3}"),
                            Message.assistant("12 degrees at 3."),
                            Message.user("Thanks.")));

    /**
     * The engine itself: tools, calls as mappings and as text, with and without words. A missing content is left out,
     * since llama.cpp does not print None, and a string that is joined with a mapping, which Jinja2 refuses.
     */
    @Test
    void everyTemplate_agreesOnTools() throws IOException {
        Tally tally = new Tally();
        for (Path file : templates) {
            String source = Files.readString(file);
            for (var conversation : WITH_TOOLS.entrySet()) {
                for (CallForm calls : CallForm.candidates(conversation.getValue())) {
                    if (calls.withoutContent()) {
                        continue;
                    }
                    Map<String, @Nullable Object> context = new HashMap<>(Map.of("bos_token", BOS, "eos_token", EOS));
                    TOOLS.putInto(context);
                    context.put("messages", new ChatForm(false, Set.of(), calls).turns(conversation.getValue()));
                    context.put("add_generation_prompt", true);
                    String label = "%s, %s, %s".formatted(file.getFileName(), conversation.getKey(), calls);
                    Answer ours = ours(source, context);
                    if (!ours.text().endsWith("'+' has no meaning between a string and a mapping.")) {
                        tally.compare(label, ours, oracle.render(source, context));
                    }
                }
            }
        }
        tally.conclude(templates.size() + " templates, " + WITH_TOOLS.size() + " conversations with tools");
        assertThat(tally.identical).isGreaterThan(390);
    }

    /** Every template of a family that we read calls of shows tools, calls and results by itself. */
    @Test
    void templatesOfOurFamilies_showToolsThemselves() throws IOException {
        List<String> shown = new ArrayList<>();
        for (Path file : templates) {
            ChatTemplate template = ChatTemplate.of(
                    Optional.of(Files.readString(file)), "x", TOKENS, Limits.defaults(), JinjaOracle.CLOCK);
            try {
                String text =
                        template.render(WITH_TOOLS.get("one call"), TOOLS, true).text();
                if (template.takesTools() && text.contains("get_weather")) {
                    shown.add(file.getFileName().toString());
                }
            } catch (ChatTemplateException refused) {
                System.out.println(file.getFileName() + ": " + refused.getMessage());
            }
        }
        System.out.println(shown.size() + " templates take tools themselves: " + shown);
        assertThat(shown)
                .contains(
                        "Qwen-Qwen2.5-7B-Instruct.jinja",
                        "Qwen-Qwen3-0.6B.jinja",
                        "Qwen3-Coder.jinja",
                        "Qwen3.5-4B.jinja",
                        "NousResearch-Hermes-3-Llama-3.1-8B-tool_use.jinja",
                        "meta-llama-Llama-3.1-8B-Instruct.jinja",
                        "meta-llama-Llama-3.2-3B-Instruct.jinja",
                        "meta-llama-Llama-3.3-70B-Instruct.jinja",
                        "mistralai-Mistral-Nemo-Instruct-2407.jinja",
                        "Mistral-Small-3.2-24B-Instruct-2506.jinja",
                        "google-gemma-4-31B-it.jinja")
                .doesNotContain("google-gemma-2-2b-it.jinja");
    }

    private static final List<String> CORNERS = List.of(
            "a\n  {% if true %}\n    b\n  {% endif %}\nc  {% if 1 %} d {% endif %} e\n",
            "a \n {%- if true -%} \n b \n {%- endif -%} \n c {{- 1 -}} d",
            "  {# note #}\n  x {# note #}\ny\r\nz\n",
            "{% for i in [1, 2] -%}\n  {{ i }}\n{%- endfor %}",
            "{{ messages[0].role ~ messages[1]['content'] }}",
            "{{ messages|length }}{{ messages[-1].content }}{{ messages[5].content }}{{ missing.a.b }}",
            "{{ messages[::-1][0].role }}{{ messages[1:]|length }}{{ 'abcdef'[1:5:2] }}{{ 'abc'[::-1] }}",
            "{{ messages|map(attribute='role')|join(',') }}",
            "{{ messages|selectattr('role', 'equalto', 'user')|list|length }}",
            "{{ messages|rejectattr('role', 'equalto', 'user')|map(attribute='content')|first }}",
            "{{ messages|tojson }} {{ messages[0]|tojson(indent=2) }} {{ {'a': [], 'b': {}}|tojson(indent=4) }}",
            "{{ {'a': 'q\\\"\\n\\t/'}|tojson }} {{ [1, 2]|tojson(separators=(',', ':')) }} {{ none|tojson }}",
            "{% set ns = namespace(n=0, s='') %}{% for m in messages %}{% set ns.n = ns.n + loop.index %}"
                    + "{% set ns.s = ns.s + m.role %}{% endfor %}{{ ns.n }}{{ ns.s }}",
            "{% for m in messages if m.role == 'user' %}{{ loop.index }}{{ loop.first }}{{ loop.last }}"
                    + "{{ loop.length }}{{ m.content }}{% else %}none{% endfor %}",
            "{% for m in messages %}{{ loop.previtem.role }}-{{ loop.nextitem.role }}{{ loop.revindex }};{% endfor %}",
            "{% for x in [1, 2, 3] %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% else %}E{% endfor %}",
            "{% for x in [1, 2, 3] %}{% break %}{% else %}E{% endfor %}",
            "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% endfor %}",
            "{% for k in {'a': 1} %}{{ k }}{% endfor %}",
            "{% for k, v in {'b': 1, 'a': 2}|dictsort %}{{ k }}{{ v }}{% endfor %}",
            "{% macro m(a, b=2) %}{{ a }}{{ b }};{% endmacro %}{{ m(1) }}{{ m(1, b=3) }}{{ m(1, 4) }}",
            "{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(3) }}",
            "{% macro m() %}[{{ caller('x') }}]{% endmacro %}{% call(z) m() %}{{ z }}y{% endcall %}",
            "{% set x %}a{{ 1 }}{% endset %}{{ x }}{% filter upper %}b{{ 'c' }}{% endfilter %}",
            "{% set a, b = 1, 2 %}{{ a + b }}{% generation %}g{% endgeneration %}",
            "{{ 1 + 2 * 3 - 4 }} {{ 7 / 2 }} {{ 7 % 3 }} {{ 3 * 1.5 }} {{ 2 > 1 }} {{ 1 == 1.0 }} {{ 'ab' * 2 }}",
            "{{ 'a' ~ 1 ~ true ~ 1.5 }} {{ 'a' + missing }}{{ none + 'b' }} {{ [1] + [2] == [1, 2] }}",
            "{{ 'b' in 'abc' }}{{ 1 in [1, 2] }}{{ 'a' in {'a': 1} }}{{ 'z' not in ['a'] }}{{ 'a' in missing }}",
            "{{ 0 or 'a' }}{{ '' and 'b' }}{{ not none }}{{ 1 if false }}{{ 'a' if 0 else 'b' if 0 else 'c' }}",
            "{{ x is defined }}{{ none is none }}{{ 'a' is string }}{{ {} is mapping }}{{ [] is sequence }}"
                    + "{{ 1 is number }}{{ true is boolean }}{{ 1 is true }}{{ 3 is odd }}",
            "{{ 'a' is not string }}{{ 'ab' is iterable }}",
            "{{ ' a '|trim }}{{ 'aB'|upper }}{{ 'aB'|lower }}{{ 'ab cd'|title }}{{ 'ab'|capitalize }}",
            "{{ 'abc'|length }}",
            "{{ 'a,b'.split(',')[1] }}{{ ' a '.strip() }}{{ 'xa'.lstrip('x') }}{{ 'ax'.rstrip('x') }}",
            "{{ 'ab'.upper() }}",
            "{{ 'abc'.startswith('a') }}{{ 'abc'.endswith('x') }}{{ 'aab'.replace('a', 'b') }}{{ 'a b'.title() }}",
            "{{ 'a-b-c'.rsplit('-', 1)[0] }}{{ 'a-b-c'.split('-', 1)[1] }}{{ '{} {}'.format(1, 'x') }}",
            "{{ 'a\\nb\\n\\nc'|indent(2) }}|{{ 'a\\nb'|indent(2, true) }}|{{ 'aab'|replace('a', 'x') }}",
            "{{ [3, 1, 2]|sort|join(',') }} {{ [3, 1]|max }} {{ [1, 2]|last }} {{ [1, 2]|reverse|join }}",
            "{{ [1, 2]|string }}",
            "{{ '12'|int + 1 }} {{ 'x'|int(5) }} {{ 3.7|int }} {{ -5|abs }} {{ '1.5'|float }} {{ 1|string + 'a' }}",
            "{{ missing|default('d') }} {{ ''|default('d', true) }} {{ ''|default('d') }}|",
            "{{ missing|upper }}|{{ missing|length }}",
            "{{ {'a': 1}.get('b', 5) }}{{ {'a': 1}.get('a') }}{{ {'a': 1}|length }}{{ {'items': 1}['items'] }}",
            "{% set l = [1] %}{% set _ = l.append(2) %}{{ l|length }}{{ l.pop() }}{{ l|length }}",
            "{% set d = {'a': 1} %}{% set d.b = 2 %}{{ d.b }}{{ range(3)|join(',') }}{{ range(5, 0, -2)|join(',') }}",
            "{{ strftime_now('%Y-%m-%d %H:%M:%S %B %b %A %a %j %p %I') }}",
            "{{ raise_exception('no ' ~ messages[0].role) }}",
            "{{ missing() }}",
            "{{ 1 + 'a' - 1 }}",
            "{{ 'a' < 1 }}",
            "{{ 'a'|nothing }}",
            "{{ 'a' is nothing }}",
            "{% for x in 5 %}{% endfor %}",
            "{% for a, b in [[1]] %}{% endfor %}",
            "{{ missing < 1 }}");

    /** Where the two references differ, Jinja2 is followed; each row is template, our output, llama.cpp's. */
    @Test
    void differences_areTheKnownOnes() {
        String[][] differences = {
            {"{{ none }}{{ 'a' ~ none }}", "NoneaNone", "a"},
            {"{{ [1, 'a'] }}", "[1, 'a']", "1a"},
            {"{{ none|default('x') }}", "None", "x"},
            {"{% set x = 0 %}{% for i in [1, 2] %}{{ x }}{% set x = x + 1 %}{% endfor %}", "00", "01"},
            {"{% generation %}{% set x = 1 %}{% endgeneration %}{{ x }}", "", "1"},
            {"{{ '\u00e9'|length }}", "1", "2"},
            {"{{ 0.1 + 0.2 }}", "0.30000000000000004", "0.3"},
            {"{{ {} is iterable }}", "True", "False"},
            {"{{ ['b', 'a', 'B']|sort|join }}", "abB", "Bab"},
            {"{{ 'abc'[-1] }}", "c", ""},
        };
        for (String[] row : differences) {
            assertThat(ours(row[0], Map.of())).as(row[0]).isEqualTo(new Answer(true, row[1]));
            assertThat(oracle.render(row[0], Map.of())).as(row[0]).isEqualTo(new Answer(true, row[2]));
        }
    }

    /** What Jinja2 renders and llama.cpp refuses is rendered. */
    @Test
    void languageThatLlamaCppLacks_isThere() {
        String[][] templates = {
            {"{{ missing in ['a'] }}", "False"},
            {"{{ 2 ** 3 }}{{ 7 // 2 }}{{ 1 < 2 < 3 }}", "83True"},
            {"{% raw %}{{ x }}{% endraw %}", "{{ x }}"},
            {"{% with a = 1 %}{{ a }}{% endwith %}", "1"},
            {"{{ [1, 2]|map('string')|join('-') }}", "1-2"},
            {"{{ '%s-%d' % ('a', 1) }}", "a-1"},
            {"{{ '{:>3}'.format('x') }}", "  x"},
            {"{{ 5 is divisibleby 5 }}", "True"},
            {"{% for c in 'ab' %}{{ c }},{% endfor %}", "a,b,"},
        };
        for (String[] row : templates) {
            assertThat(ours(row[0], Map.of())).as(row[0]).isEqualTo(new Answer(true, row[1]));
            assertThat(oracle.render(row[0], Map.of()).ok()).as(row[0]).isFalse();
        }
    }
}
