package io.lethean.lem.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.ToolCall;
import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.internal.tools.AnswerReader.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers in the forms of the families, whole, cut, broken, and as they grow. */
final class AnswerReaderTest {

    private static final List<ToolDefinition> TOOLS = List.of(
            new ToolDefinition(
                    "get_weather",
                    "",
                    "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}, \"days\": {\"type\": \"integer\"},"
                            + " \"tags\": {\"type\": \"array\"}}}"),
            new ToolDefinition("now", ""),
            new ToolDefinition("code_interpreter", ""));

    private static final String THINKS = "<think> </think>";

    private static AnswerReader reader(ToolCallFormat format, String template, String prompt) {
        return AnswerStyle.of(template, true).withFormat(format).reader(TOOLS, true, prompt);
    }

    /** Reads a text whole and in all its beginnings, which must be beginnings of what is found in the whole. */
    private static Reading read(ToolCallFormat format, String text) {
        return read(reader(format, THINKS, "user: x"), text);
    }

    private static Reading read(AnswerReader reader, String text) {
        Reading whole = reader.read(text);
        for (int length = 0; length <= text.length(); length++) {
            Reading part = reader.readSoFar(text.substring(0, length));
            assertThat(whole.content()).as("after %d of %s", length, text).startsWith(part.content());
            assertThat(whole.thinking().orElse("")).startsWith(part.thinking().orElse(""));
            assertThat(part.calls())
                    .isEqualTo(whole.calls().subList(0, part.calls().size()));
        }
        for (int size : new int[] {1, 2, 5, 17}) {
            assertThat(inPieces(reader, text, size)).as("pieces of %d", size).isEqualTo(whole);
        }
        return whole;
    }

    private static Reading inPieces(AnswerReader reader, String text, int size) {
        AnswerScan scan = reader.scan();
        Reading all = new Reading("", Optional.empty(), List.of(), List.of());
        for (int from = 0; from < text.length(); from += size) {
            all = all.and(scan.add(text.substring(from, Math.min(text.length(), from + size))));
        }
        return all.and(scan.finish());
    }

    /** Words, thoughts and calls of 400,000 characters, letter by letter: what is quadratic takes minutes. */
    @Test
    @Timeout(240)
    void longAnswer_isReadInATimeThatIsProportionalToItsLength() {
        String long400k = "a b, {c} [d] \\\"e\\\" ".repeat(20_000);
        Map<ToolCallFormat, String> calls = Map.of(
                ToolCallFormat.HERMES, "<tool_call>{\"name\": \"f\", \"arguments\": {\"x\": \"%s\"}}</tool_call>",
                ToolCallFormat.QWEN_XML, "<tool_call><function=f><parameter=x>%s</parameter></function></tool_call>",
                ToolCallFormat.LLAMA_JSON, "{\"name\": \"now\", \"parameters\": {\"x\": \"%s\"}}",
                ToolCallFormat.MISTRAL, "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"x\": \"%s\"}}]",
                ToolCallFormat.GEMMA, "<|tool_call>call:f{x:<|\"|>%s<|\"|>}<tool_call|>");
        calls.forEach((format, call) -> {
            AnswerReader reader = reader(format, THINKS, "");
            for (String text : List.of(long400k, "<think>" + long400k + "</think>x", call.replace("%s", long400k))) {
                AnswerScan scan = reader.scan();
                int found = 0;
                for (int i = 0; i < text.length(); i++) {
                    found += scan.add(text.substring(i, i + 1)).calls().size();
                }
                found += scan.finish().calls().size();
                assertThat(found).as("%s", format).isEqualTo(text.startsWith(long400k) || text.endsWith("x") ? 0 : 1);
            }
        });
    }

    @Test
    void longCall_comesSoonAfterItsEnd() {
        String call = "<tool_call>{\"name\": \"f\", \"arguments\": {\"x\": \"" + "a".repeat(800) + "\"}}</tool_call>";
        AnswerScan scan = reader(ToolCallFormat.HERMES, "", "").scan();
        int found = 0;
        int at = 0;
        for (String text = call + "b".repeat(200); found == 0; at++) {
            found = scan.add(text.substring(at, at + 1)).calls().size();
        }
        assertThat(at).isBetween(call.length(), call.length() * 9 / 8 + 1);
    }

    private static ToolCall call(String name, String arguments) {
        return new ToolCall("", name, arguments);
    }

    private static Reading words(String content) {
        return new Reading(content, Optional.empty(), List.of(), List.of());
    }

    private static Reading calls(String content, ToolCall... calls) {
        return new Reading(content, Optional.empty(), List.of(calls), List.of());
    }

    private static Reading malformed(String text) {
        return new Reading(text, Optional.empty(), List.of(), List.of(text));
    }

    @Test
    void wordsAlone_stayAsTheyAre() {
        for (ToolCallFormat format : ToolCallFormat.values()) {
            for (String text :
                    List.of("", "Hello", " \n Hello \n", "a < b { c } [d] `e`", "{\"answer\": 1}", "``` x")) {
                assertThat(read(format, text)).as(format + " " + text).isEqualTo(words(text));
            }
        }
    }

    @Test
    void hermes_oneCall() {
        String text =
                "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"R\u00f6ma \uD83D\uDE00\", \"n\": {\"a\": [1, {}]}}}\n</tool_call>";
        assertThat(read(ToolCallFormat.HERMES, text))
                .isEqualTo(calls(
                        "", call("get_weather", "{\"city\": \"R\u00f6ma \uD83D\uDE00\", \"n\": {\"a\": [1, {}]}}")));
    }

    @Test
    void hermes_severalCallsWithWordsAround() {
        String text = "Let me look.\n<tool_call>{\"name\":\"now\",\"arguments\":{}}</tool_call>\n"
                + "<tool_call>\n{\"arguments\": {\"city\": \"</tool_call> } \\\" {\"}, \"name\": \"get_weather\"}\n</tool_call>\n\nDone. ";
        assertThat(read(ToolCallFormat.HERMES, text))
                .isEqualTo(calls(
                        "Let me look.\nDone. ",
                        call("now", "{}"),
                        call("get_weather", "{\"city\": \"</tool_call> } \\\" {\"}")));
    }

    @Test
    void hermes_missingClosingTag_isForgivenAtTheEnd() {
        for (String end : List.of("", "\n", "\n</tool", "</tool_call")) {
            assertThat(read(ToolCallFormat.HERMES, "<tool_call>{\"name\": \"now\"}" + end))
                    .as(end)
                    .isEqualTo(calls("", call("now", "{}")));
        }
    }

    @Test
    void hermes_argumentsAsText_areRead_andNoneAreEmpty() {
        assertThat(read(
                        ToolCallFormat.HERMES,
                        "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>"))
                .isEqualTo(calls("", call("f", "{\"a\": 1}")));
        assertThat(read(ToolCallFormat.HERMES, "<tool_call>{\"name\": \"f\", \"arguments\": null}</tool_call>"))
                .isEqualTo(calls("", call("f", "{}")));
    }

    @Test
    void hermes_cutCall_staysText() {
        String whole = "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\"}}";
        for (int length = "<tool_call>".length(); length < whole.length(); length++) {
            String cut = whole.substring(0, length);
            assertThat(read(ToolCallFormat.HERMES, cut)).as(cut).isEqualTo(malformed(cut));
        }
        assertThat(read(ToolCallFormat.HERMES, "<tool_ca")).isEqualTo(words("<tool_ca"));
    }

    @Test
    void hermes_brokenCall_staysText_andTheNextIsRead() {
        for (String broken : List.of(
                "<tool_call>\n{\"name\": \"f\", \"arguments\": {bad}}\n</tool_call>",
                "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}</tool_call>",
                "<tool_call>{\"name\": 5, \"arguments\": {}}</tool_call>",
                "<tool_call>{\"arguments\": {}}</tool_call>",
                "<tool_call>{\"name\": \"f\", \"arguments\": [1]}</tool_call>",
                "<tool_call>f(x)</tool_call>",
                "<tool_call></tool_call>",
                "<tool_call>[]</tool_call>",
                "<tool_call>{\"name\": \"f\"} and more</tool_call>")) {
            Reading reading = reader(ToolCallFormat.HERMES, THINKS, "")
                    .read(broken + "\n<tool_call>{\"name\": \"now\"}</tool_call>");
            assertThat(reading)
                    .as(broken)
                    .isEqualTo(new Reading(broken, Optional.empty(), List.of(call("now", "{}")), List.of(broken)));
            assertThat(read(ToolCallFormat.HERMES, broken)).as(broken).isEqualTo(malformed(broken));
        }
    }

    @Test
    void hermes_brokenCallWithoutEnd_doesNotSwallowTheNext() {
        String broken = "<tool_call>{\"name\": oops\n";
        assertThat(reader(ToolCallFormat.HERMES, THINKS, "")
                        .read(broken + "<tool_call>{\"name\": \"now\"}</tool_call>"))
                .isEqualTo(new Reading(broken.strip(), Optional.empty(), List.of(call("now", "{}")), List.of(broken)));
    }

    @Test
    void xml_valuesAreTypedByTheSchema() {
        String text =
                "<tool_call>\n<function=get_weather>\n<parameter=city>\n12\nRome <b>\n</parameter>\n<parameter=days>\n3\n"
                        + "</parameter>\n<parameter=tags>\n[\"a\", {\"b\": 1.5}]\n</parameter>\n<parameter=other>\n7\n</parameter>\n"
                        + "</function>\n</tool_call>";
        assertThat(read(ToolCallFormat.QWEN_XML, text))
                .isEqualTo(
                        calls(
                                "",
                                call(
                                        "get_weather",
                                        "{\"city\": \"12\\nRome <b>\", \"days\": 3, \"tags\": [\"a\", {\"b\": 1.5}], \"other\": \"7\"}")));
    }

    @Test
    void xml_severalCalls_withoutTheOuterTag_andInJson() {
        assertThat(read(
                        ToolCallFormat.QWEN_XML,
                        "First.\n<function=now></function>\n<tool_call><function=now>\n</function></tool_call>"
                                + "<tool_call>{\"name\": \"now\"}</tool_call>"))
                .isEqualTo(calls("First.", call("now", "{}"), call("now", "{}"), call("now", "{}")));
        assertThat(read(ToolCallFormat.QWEN_XML, "<tool_call><function=now></function>"))
                .isEqualTo(calls("", call("now", "{}")));
    }

    @Test
    void xml_cutAndBrokenCalls_stayText() {
        String whole = "<tool_call>\n<function=get_weather>\n<parameter=city>\nRome\n</parameter>\n</function>";
        for (int length = "<tool_call>".length(); length < whole.length(); length++) {
            String cut = whole.substring(0, length);
            assertThat(read(ToolCallFormat.QWEN_XML, cut)).as(cut).isEqualTo(malformed(cut));
        }
        String broken = "<tool_call><function=get_weather>\nRome\n</function></tool_call>";
        assertThat(read(ToolCallFormat.QWEN_XML, broken)).isEqualTo(malformed(broken));
    }

    @Test
    void llama_jsonAlone_withTagOrFence() {
        String json = "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Rome\"}}";
        ToolCall weather = call("get_weather", "{\"city\": \"Rome\"}");
        for (String text : List.of(
                json,
                "<|python_tag|>" + json,
                "\n " + json + "\n",
                "```json\n" + json + "\n```",
                "{\"type\": \"function\", " + json.substring(1),
                "{\"type\": \"function\", \"function\": " + json + "}",
                "{\"type\": \"function\", \"function\": \"get_weather\", \"parameters\": {\"city\": \"Rome\"}}",
                "[" + json + "]")) {
            assertThat(read(ToolCallFormat.LLAMA_JSON, text)).as(text).isEqualTo(calls("", weather));
        }
        assertThat(read(ToolCallFormat.LLAMA_JSON, "I look:\n" + json + "; " + json + "\nWait."))
                .isEqualTo(calls("I look:\nWait.", weather, weather));
    }

    @Test
    void llama_jsonOfAnotherName_isAnAnswer() {
        for (String text : List.of(
                "{\"name\": \"Rome\", \"parameters\": {}}",
                "{\"name\": \"Rome\", \"size\": [1",
                "The object is {\"name\": \"now\", \"parameters\": {}} here.",
                "```\n{\"name\": \"Rome\"}\n```")) {
            assertThat(read(ToolCallFormat.LLAMA_JSON, text)).as(text).isEqualTo(words(text));
        }
        assertThat(read(ToolCallFormat.LLAMA_JSON, "<|python_tag|>{\"name\": \"other\", \"parameters\": {}}"))
                .isEqualTo(calls("", call("other", "{}")));
    }

    @Test
    void llama_pythonTag_callsAndPrograms() {
        assertThat(read(
                        ToolCallFormat.LLAMA_JSON,
                        "<|python_tag|>brave_search.call(query=\"a) b=\\\"c\\\", d\", n=3, x=-1.5, y=True, z=None)"))
                .isEqualTo(
                        calls(
                                "",
                                call(
                                        "brave_search",
                                        "{\"query\": \"a) b=\\\"c\\\", d\", \"n\": 3, \"x\": -1.5, \"y\": true, \"z\": null}")));
        assertThat(read(ToolCallFormat.LLAMA_JSON, "<|python_tag|>print(1)\nprint(\"a\")"))
                .isEqualTo(calls("", call("code_interpreter", "{\"code\": \"print(1)\\nprint(\\\"a\\\")\"}")));
        assertThat(AnswerStyle.of("", false)
                        .reader(TOOLS.subList(0, 1), true, "")
                        .read("<|python_tag|>print(1)"))
                .isEqualTo(malformed("<|python_tag|>print(1)"));
        assertThat(read(ToolCallFormat.LLAMA_JSON, "<function=get_weather>{\"city\": \"Rome\"}</function>"))
                .isEqualTo(calls("", call("get_weather", "{\"city\": \"Rome\"}")));
    }

    @Test
    void llama_cutCall_staysText() {
        String whole = "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Rome\"}}";
        for (int length = "{\"name\":".length(); length < whole.length(); length++) {
            String cut = whole.substring(0, length);
            Reading reading = read(ToolCallFormat.LLAMA_JSON, cut);
            assertThat(reading.content()).isEqualTo(cut);
            assertThat(reading.malformed()).as(cut).isEqualTo(List.of(cut));
        }
    }

    @Test
    void mistral_listAndNamedForm() {
        assertThat(
                        read(
                                ToolCallFormat.MISTRAL,
                                "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\": \"[Rome]\"}, \"id\": \"abc123xyz\"}, {\"name\": \"now\", \"arguments\": {}}]"))
                .isEqualTo(calls(
                        "", new ToolCall("abc123xyz", "get_weather", "{\"city\": \"[Rome]\"}"), call("now", "{}")));
        assertThat(
                        read(
                                ToolCallFormat.MISTRAL,
                                "I look.[TOOL_CALLS]get_weather[CALL_ID]000000001[ARGS]{\"city\": \"Rome\"}[TOOL_CALLS]now[ARGS]{}"))
                .isEqualTo(calls(
                        "I look.",
                        new ToolCall("000000001", "get_weather", "{\"city\": \"Rome\"}"),
                        call("now", "{}")));
    }

    @Test
    void mistral_cutAndBrokenCalls_stayText() {
        for (String whole : List.of(
                "[TOOL_CALLS][{\"name\": \"now\", \"arguments\": {}}]",
                "[TOOL_CALLS]now[CALL_ID]000000001[ARGS]{\"a\": {}}")) {
            for (int length = "[TOOL_CALLS]".length(); length < whole.length(); length++) {
                String cut = whole.substring(0, length);
                assertThat(read(ToolCallFormat.MISTRAL, cut)).as(cut).isEqualTo(malformed(cut));
            }
        }
        assertThat(read(ToolCallFormat.MISTRAL, "[TOOL_CALLS]now[ARGS]{bad} x").malformed())
                .isEqualTo(List.of("[TOOL_CALLS]now[ARGS]{bad}"));
        assertThat(read(ToolCallFormat.MISTRAL, "[TOOL_CALLS]now[ARGS]{bad} x").content())
                .isEqualTo("[TOOL_CALLS]now[ARGS]{bad} x");
    }

    @Test
    void gemma_bothGenerations() {
        assertThat(read(
                        ToolCallFormat.GEMMA,
                        "<|tool_call>call:get_weather{city:<|\"|>R\u00f6ma, \"it\" {x}<|\"|>,days:3,deep:{a:[1.5,true,null,<|\"|>s<|\"|>],b:{}}}<tool_call|>"
                                + "<|tool_call>call:now{}<tool_call|>"))
                .isEqualTo(calls(
                        "",
                        call(
                                "get_weather",
                                "{\"city\": \"R\u00f6ma, \\\"it\\\" {x}\", \"days\": 3, \"deep\": {\"a\": [1.5, true, null, \"s\"], \"b\": {}}}"),
                        call("now", "{}")));
        assertThat(
                        read(
                                ToolCallFormat.GEMMA,
                                "Sure.<start_function_call>call:get_weather{city:<escape>Rome<escape>,unit:celsius}<end_function_call>"))
                .isEqualTo(calls("Sure.", call("get_weather", "{\"city\": \"Rome\", \"unit\": \"celsius\"}")));
    }

    @Test
    void gemma_cutAndBrokenCalls_stayText() {
        String whole = "<|tool_call>call:f{a:<|\"|>b<|\"|>,c:[1,{d:2}]}";
        for (int length = "<|tool_call>call:".length(); length < whole.length(); length++) {
            String cut = whole.substring(0, length);
            assertThat(read(ToolCallFormat.GEMMA, cut)).as(cut).isEqualTo(malformed(cut));
        }
        assertThat(read(ToolCallFormat.GEMMA, whole))
                .isEqualTo(calls("", call("f", "{\"a\": \"b\", \"c\": [1, {\"d\": 2}]}")));
        String broken = "<|tool_call>call:f{a:}<tool_call|>";
        assertThat(read(ToolCallFormat.GEMMA, broken)).isEqualTo(malformed(broken));
        String deep = "<|tool_call>call:f{a:" + "[".repeat(10_000) + "]".repeat(10_000) + "}<tool_call|>";
        assertThat(reader(ToolCallFormat.GEMMA, "", "").read(deep)).isEqualTo(malformed(deep));
    }

    @Test
    void thoughts_areToldApart() {
        AnswerReader hermes = reader(ToolCallFormat.HERMES, THINKS, "assistant\n");
        assertThat(read(hermes, "<think>\nIt <tool_call> is \u00fc.\n</think>\n\nHello <think>x</think> "))
                .isEqualTo(new Reading(
                        "Hello <think>x</think> ", Optional.of("It <tool_call> is \u00fc."), List.of(), List.of()));
        assertThat(read(hermes, "\n<think></think>Hi"))
                .isEqualTo(new Reading("Hi", Optional.of(""), List.of(), List.of()));
        assertThat(read(hermes, "<think>cut off"))
                .isEqualTo(new Reading("", Optional.of("cut off"), List.of(), List.of()));
        assertThat(read(hermes, "Hi </think> x")).isEqualTo(words("Hi </think> x"));
        assertThat(read(hermes, "<thin")).isEqualTo(words("<thin"));
        assertThat(read(hermes, "<think>a</think>\n<tool_call>{\"name\": \"now\"}</tool_call>"))
                .isEqualTo(new Reading("", Optional.of("a"), List.of(call("now", "{}")), List.of()));
    }

    @Test
    void thoughtThatTheTemplateOpens_beginsTheAnswer() {
        AnswerReader opened = reader(ToolCallFormat.HERMES, THINKS, "assistant\n<think>\n");
        assertThat(read(opened, "I think.\n</think>\n\nHello"))
                .isEqualTo(new Reading("Hello", Optional.of("I think."), List.of(), List.of()));
        assertThat(read(opened, "<think>I think.</think>Hello"))
                .isEqualTo(new Reading("Hello", Optional.of("I think."), List.of(), List.of()));
        assertThat(read(opened, "cut")).isEqualTo(new Reading("", Optional.of("cut"), List.of(), List.of()));
        AnswerReader closed = reader(ToolCallFormat.HERMES, THINKS, "assistant\n<think>\n\n</think>\n\n");
        assertThat(read(closed, "Hello")).isEqualTo(words("Hello"));
    }

    @Test
    void thoughtsOfOtherFamilies_haveTheirTags() {
        assertThat(read(
                        reader(ToolCallFormat.GEMMA, "<|channel>thought <channel|>", ""),
                        "<|channel>thought\nhm<channel|>Hi"))
                .isEqualTo(new Reading("Hi", Optional.of("hm"), List.of(), List.of()));
        assertThat(read(reader(ToolCallFormat.MISTRAL, "[THINK][/THINK]", ""), "[THINK]hm[/THINK]Hi"))
                .isEqualTo(new Reading("Hi", Optional.of("hm"), List.of(), List.of()));
        assertThat(read(reader(ToolCallFormat.HERMES, "no tags", ""), "<think>hm</think>Hi"))
                .isEqualTo(words("<think>hm</think>Hi"));
    }

    @Test
    void repeatedBeginnings_loseNothing() {
        for (ToolCallFormat format : ToolCallFormat.values()) {
            AnswerReader reader = reader(format, THINKS, "");
            for (String unit : List.of(
                    "{",
                    "<tool_call>",
                    "\n{\"name\": ",
                    "[TOOL_CALLS]",
                    "<|tool_call>call:f{",
                    "<function=f><parameter=a>",
                    " ",
                    "\n",
                    "```json\n")) {
                String text = unit.repeat(20_000 / unit.length());
                assertThat(reader.read(text).content()).hasSameSizeAs(text);
                assertThat(reader.readSoFar(text).content().length()).isLessThanOrEqualTo(text.length());
            }
        }
    }
}
