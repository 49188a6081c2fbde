package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.ChatTemplateException;
import io.lethean.lem.Fixtures;
import io.lethean.lem.LlamaSource;
import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.schema.JsonSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that a model with random weights is held to: llama.cpp reads the grammars as they are meant. */
class ToolCallIT {

    private static final String SCHEMA =
            "{\"type\": \"object\", \"properties\": {\"city\": {\"enum\": [\"Rome\", \"S\u00e3o \\\"P\\\"\"]}, \"days\": {\"type\":"
                    + " \"integer\"}, \"exact\": {\"type\": \"boolean\"}}, \"required\": [\"city\", \"days\"]}";
    private static final ToolDefinition WEATHER = new ToolDefinition("get_weather", "Says the weather.", SCHEMA);
    private static final ToolDefinition NOW = new ToolDefinition("now", "The time.");
    private static final List<Message> QUESTION = List.of(Message.user("Weather?"));

    @TempDir
    Path folder;

    private LemModel load(String template) throws IOException {
        Path file = folder.resolve("model.gguf");
        RandomModel.llama(1, 32, 2, 1, 64, 400)
                .contextLength(8192)
                .chatTemplate(template)
                .write(file, 1);
        return load(file);
    }

    private static LemModel load(Path file) throws IOException {
        return LemModel.load(
                file,
                ModelOptions.builder()
                        .device("cpu")
                        .threads(1)
                        .contextTokens(8192)
                        .build());
    }

    private static String template(String name) throws IOException {
        Path file = LlamaSource.folder().resolve("models/templates").resolve(name);
        if (!Files.exists(file)) {
            Fixtures.skip("it needs the template " + file + "; fetch the source by native/fetch.sh");
        }
        return Files.readString(file);
    }

    private static GenerationOptions random(int seed) {
        return GenerationOptions.builder()
                .temperature(1)
                .seed(seed)
                .maxTokens(600)
                .build();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Qwen-Qwen3-0.6B.jinja",
                "Qwen3-Coder.jinja",
                "meta-llama-Llama-3.1-8B-Instruct.jinja",
                "mistralai-Mistral-Nemo-Instruct-2407.jinja",
                "Mistral-Small-3.2-24B-Instruct-2506.jinja",
                "google-gemma-4-31B-it.jinja",
                "google-gemma-2-2b-it.jinja"
            })
    void demandedCall_isReadAndFollowsTheSchema_andTheConversationContinues(String name) throws IOException {
        ChatOptions demanded = ChatOptions.builder()
                .tools(WEATHER, NOW)
                .toolChoice(ToolChoice.named("get_weather"))
                .enableThinking(false)
                .build();
        int whole = 0;
        try (LemModel model = load(template(name))) {
            for (int seed = 0; seed < 4; seed++) {
                ChatAnswer answer = model.chat(QUESTION, demanded, random(seed));
                if (answer.generation().finishReason() != FinishReason.END_OF_TURN) {
                    continue;
                }
                whole++;
                assertThat(answer.malformedCalls())
                        .as(answer.generation().text())
                        .isEmpty();
                assertThat(answer.content()).as(answer.generation().text()).isEmpty();
                ToolCall call = answer.toolCalls().getFirst();
                assertThat(answer.toolCalls()).hasSize(1);
                assertThat(call.name()).isEqualTo("get_weather");
                assertThat(call.id()).hasSize(9);
                JsonSchema.parse(SCHEMA).check(call.arguments());
                assertContinues(model, answer, call);
            }
        }
        assertThat(whole).isGreaterThan(1);
    }

    private static void assertContinues(LemModel model, ChatAnswer answer, ToolCall call) {
        List<Message> next = new ArrayList<>(QUESTION);
        next.add(answer.message());
        next.add(Message.tool(call.id(), "12 degrees"));
        String text = model.tokenizer().applyTemplate(next, ChatOptions.withTools(WEATHER, NOW), true);
        assertThat(text).contains("get_weather", "12 degrees");
        model.chat(
                next,
                ChatOptions.withTools(WEATHER, NOW),
                GenerationOptions.builder().maxTokens(1).build());
    }

    /** llama.cpp reads the grammar of at most one call, which changes nothing where the model calls nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Qwen-Qwen3-0.6B.jinja",
                "Qwen3-Coder.jinja",
                "meta-llama-Llama-3.1-8B-Instruct.jinja",
                "mistralai-Mistral-Nemo-Instruct-2407.jinja",
                "Mistral-Small-3.2-24B-Instruct-2506.jinja",
                "google-gemma-4-31B-it.jinja"
            })
    void answerThatMayHaveOneCall_isTheFreeAnswer_whereItCallsNothing(String name) throws IOException {
        ChatOptions free = ChatOptions.withTools(WEATHER, NOW);
        ChatOptions one = free.toBuilder().parallelToolCalls(false).build();
        try (LemModel model = load(template(name))) {
            for (String question : List.of("Weather?", "And now?", "Why?")) {
                List<Message> asked = List.of(Message.user(question));
                GenerationOptions options =
                        GenerationOptions.builder().maxTokens(30).build();
                ChatAnswer answer = model.chat(asked, one, options);
                Generation expected = model.chat(asked, free, options).generation();
                assertEqualUpToBrokenCharacters(model, answer.generation().tokens(), expected.tokens());
                assertThat(answer.toolCalls()).isEmpty();
                assertThat(model.chat(asked, one, random(3)).toolCalls()).hasSizeLessThan(2);
            }
            GenerationOptions own =
                    random(1).toBuilder().grammar("root ::= \"yes\"").build();
            assertThat(model.chat(QUESTION, one, own).content()).isEqualTo("yes");
        }
    }

    /** A grammar allows whole characters only, and a random model writes others, too. */
    private static void assertEqualUpToBrokenCharacters(LemModel model, List<Integer> found, List<Integer> expected) {
        boolean broken = false;
        for (int index = 0; index < expected.size(); index++) {
            broken |= model.tokenizer().tokenBytes(expected.get(index))[0] < 0;
            if (broken && !found.get(index).equals(expected.get(index))) {
                return;
            }
        }
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void furtherCalls_areLeftOut_ifOneIsAllowed() throws IOException {
        ChatOptions one =
                ChatOptions.builder().tools(NOW).parallelToolCalls(false).build();
        String call = "<tool_call>{\\\"name\\\": \\\"now\\\", \\\"arguments\\\": {}}</tool_call>";
        GenerationOptions two = GenerationOptions.builder()
                .grammar("root ::= \"" + call + call + "\"")
                .maxTokens(200)
                .build();
        try (LemModel model = load(template("Qwen-Qwen2.5-7B-Instruct.jinja"))) {
            RenderedChat rendered = model.render(new GenerationRequest.Chat(QUESTION, one, two));
            AnswerStream stream = rendered.answerParser().stream();
            List<ToolCall> streamed = new ArrayList<>();
            Generation answer = model.generate(
                    rendered, piece -> streamed.addAll(stream.add(piece).toolCalls()), new Cancellation());
            streamed.addAll(stream.finish().toolCalls());
            assertThat(rendered.answerParser().parse(answer).toolCalls())
                    .hasSize(1)
                    .isEqualTo(streamed);
            ChatOptions several = one.toBuilder().parallelToolCalls(true).build();
            assertThat(model.chat(QUESTION, several, two).toolCalls()).hasSize(2);
        }
    }

    /** A variable of the template that counts how often it is looked at. */
    private static final class Counted extends AbstractMap<String, Object> {
        private int looks;

        @Override
        public Set<Entry<String, Object>> entrySet() {
            looks++;
            return Map.<String, Object>of("a", "b").entrySet();
        }
    }

    @Test
    void demandedCall_rendersTheTemplateNoMoreOftenThanItsPrompt() throws IOException {
        try (LemModel model = load(template("Qwen-Qwen2.5-7B-Instruct.jinja"))) {
            model.tokenizer().encodeChat(QUESTION, ChatOptions.withTools(NOW)); // looks at the template itself first
            Counted once = new Counted();
            model.tokenizer()
                    .encodeChat(
                            QUESTION,
                            ChatOptions.withTools(NOW).toBuilder()
                                    .variable("counted", once)
                                    .build());
            Counted counted = new Counted();
            ChatOptions demanded = ChatOptions.builder()
                    .tools(NOW)
                    .toolChoice(ToolChoice.REQUIRED)
                    .variable("counted", counted)
                    .build();
            model.chat(QUESTION, demanded, random(1));
            assertThat(counted.looks).isPositive().isLessThanOrEqualTo(once.looks);
        }
    }

    @Test
    void listenerOfTokens_isToldOfEachBeforeItsText() throws IOException {
        try (LemModel model = load(template("Qwen-Qwen2.5-7B-Instruct.jinja"))) {
            List<TokenLogprobs> tokens = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            AnswerListener listener = new AnswerListener() {
                @Override
                public void accept(String piece) {
                    assertThat(tokens).isNotEmpty();
                    text.append(piece);
                }

                @Override
                public void token(TokenLogprobs token) {
                    tokens.add(token);
                }
            };
            GenerationOptions options =
                    random(1).toBuilder().maxTokens(20).logprobs(1).build();
            Generation answer = model.chat(QUESTION, options, listener);
            assertThat(tokens).isEqualTo(answer.logprobs()).hasSize(20);
            assertThat(text.toString()).isEqualTo(answer.text());
        }
    }

    @Test
    void freeAnswer_isTextThatLosesNothing() throws IOException {
        try (LemModel model = load(template("Qwen-Qwen2.5-7B-Instruct.jinja"))) {
            StringBuilder heard = new StringBuilder();
            GenerationRequest.Chat request =
                    new GenerationRequest.Chat(QUESTION, ChatOptions.withTools(WEATHER), random(3));
            ChatAnswer answer = model.chat(request, heard::append, new Cancellation());
            assertThat(answer.content()).isEqualTo(answer.generation().text()).isEqualTo(heard.toString());
            assertThat(answer.toolCalls()).isEmpty();
        }
    }

    @Test
    void unknownForm_isRefusedUnlessItIsNamedOrCallsAreText() throws IOException {
        String odd =
                "{% for t in tools or [] %}{{ t | tojson }}{% endfor %}{% for m in messages %}{{ m.content }}{% endfor %}";
        try (LemModel model = load(odd)) {
            assertThatThrownBy(() -> model.chat(QUESTION, ChatOptions.withTools(WEATHER), random(1)))
                    .isInstanceOf(ChatTemplateException.class)
                    .hasMessageContaining(
                            "model.gguf teaches a form of tool calls that is not known. Known are HERMES, ");
            ChatOptions named = ChatOptions.builder()
                    .tools(WEATHER)
                    .toolChoice(ToolChoice.REQUIRED)
                    .toolCallFormat(ToolCallFormat.HERMES)
                    .build();
            assertThat(model.chat(QUESTION, named, random(1)).generation().text())
                    .startsWith("<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {");
            ChatOptions asText = ChatOptions.builder()
                    .tools(WEATHER)
                    .toolChoice(ToolChoice.NONE)
                    .build();
            assertThat(model.chat(QUESTION, asText, random(1)).toolCalls()).isEmpty();
        }
    }

    @Test
    void demandedCallAndGrammar_areRefusedTogether() throws IOException {
        ChatOptions demanded =
                ChatOptions.builder().tools(NOW).toolChoice(ToolChoice.REQUIRED).build();
        try (LemModel model = load(template("Qwen-Qwen2.5-7B-Instruct.jinja"))) {
            GenerationOptions grammar =
                    GenerationOptions.builder().grammar("root ::= \"x\"").build();
            assertThatThrownBy(() -> model.chat(QUESTION, demanded, grammar))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("choose one");
        }
    }

    /** Markers that are control tokens, as Mistral's are: in the text of a request with chat options, and nowhere else. */
    @Test
    void markersThatAreSpecialTokens_areReadAndStreamed() throws IOException {
        Path plain = folder.resolve("plain.gguf");
        RandomModel.llama(1, 32, 2, 1, 64, 400).write(plain, 1);
        GgufArray before =
                GgufFile.read(plain).metadata().array("tokenizer.ggml.tokens").orElseThrow();
        List<String> tokens = new ArrayList<>();
        for (int token = 0; token < before.size(); token++) {
            tokens.add(before.textAt(token));
        }
        tokens.set(tokens.indexOf("<start_of_turn>"), "[TOOL_CALLS]");
        tokens.set(tokens.indexOf("<end_of_turn>"), "[ARGS]");
        GgufWriter writer = RandomModel.llama(1, 32, 2, 1, 64, 400)
                .contextLength(8192)
                .chatTemplate(template("unsloth-mistral-Devstral-Small-2507.jinja"))
                .writer(1);
        Path file = folder.resolve("marked.gguf");
        writer.put("tokenizer.ggml.tokens", GgufArray.ofStrings(tokens)).write(file);
        ChatOptions demanded =
                ChatOptions.builder().tools(NOW).toolChoice(ToolChoice.REQUIRED).build();
        try (LemModel model = load(file)) {
            int marker = model.tokenize("[TOOL_CALLS]", false, true).getFirst();
            StringBuilder heard = new StringBuilder();
            GenerationRequest.Chat request = new GenerationRequest.Chat(QUESTION, demanded, random(2));
            ChatAnswer answer = model.chat(request, heard::append, new Cancellation());
            assertThat(answer.generation().text()).isEqualTo(heard.toString()).startsWith("[TOOL_CALLS]now[ARGS]{");
            assertThat(answer.toolCalls())
                    .singleElement()
                    .satisfies(call -> assertThat(call.name()).isEqualTo("now"));
            assertThat(model.answerParser(request).parseSoFar(heard.toString()).toolCalls())
                    .isEqualTo(answer.toolCalls());
            GenerationOptions forced = GenerationOptions.builder()
                    .grammar("root ::= \"[TOOL_CALLS]now\"")
                    .maxTokens(20)
                    .build();
            Generation bare = model.chat(QUESTION, forced);
            assertThat(bare.text()).isEqualTo(bare.tokens().contains(marker) ? "now" : "[TOOL_CALLS]now");
        }
    }
}
