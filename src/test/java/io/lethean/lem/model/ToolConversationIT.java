package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Fixtures;
import io.lethean.lem.LlamaSource;
import io.lethean.lem.MalformedDataException;
import io.lethean.lem.Message;
import io.lethean.lem.ToolCall;
import io.lethean.lem.ToolCallFormat;
import io.lethean.lem.ToolDefinition;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.llama.NativeContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversations with tools against a fresh model that is given the same messages. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ToolConversationIT {

    private static final String PLAIN_TEMPLATE = "{% for t in tools or [] %}{{ t.function.name }};{% endfor %}"
            + "{% for m in messages %}[{{ m.role }}]{{ m.content }}"
            + "{% for c in m.tool_calls or [] %}<tool_call>{\"name\": \"{{ c.function.name }}\", \"arguments\":"
            + " {{ c.function.arguments | tojson }}}</tool_call>{% endfor %}{% endfor %}"
            + "{% if add_generation_prompt %}[assistant]{% endif %}";
    private static final ToolDefinition WEATHER = new ToolDefinition(
            "get_weather",
            "Says the weather.",
            "{\"type\": \"object\", \"properties\": {\"city\": {\"enum\": [\"Rome\", \"Oslo\"]}}, \"required\": [\"city\"]}");
    private static final ToolDefinition NOW = new ToolDefinition("now", "The time.");
    private static final ChatOptions DEMANDED = ChatOptions.builder()
            .tools(WEATHER, NOW)
            .toolChoice(ToolChoice.named("get_weather"))
            .enableThinking(false)
            .build();
    private static final Function<ToolCall, String> RUN = call -> "12 degrees, said by " + call.name();
    private static final List<Message> BEGINNING = List.of(Message.system("Use the tools."));

    @TempDir
    private Path folder;

    private Path model(String template) throws IOException {
        Path file = folder.resolve("model.gguf");
        RandomModel.llama(1, 32, 2, 1, 64, 400)
                .contextLength(8192)
                .chatTemplate(template)
                .write(file, 1);
        return file;
    }

    private static String template(String name) throws IOException {
        Path file = LlamaSource.folder().resolve("models/templates").resolve(name);
        if (!Files.exists(file)) {
            Fixtures.skip("it needs the template " + file + "; fetch the source by native/fetch.sh");
        }
        return Files.readString(file);
    }

    private static LemModel load(Path file, int contextTokens) throws IOException {
        return ConversationIT.load(file, contextTokens, 1, 0);
    }

    private static GenerationOptions random(int seed) {
        return GenerationOptions.builder()
                .temperature(1)
                .seed(seed)
                .maxTokens(300)
                .build();
    }

    private static ChatOptions hermes(ChatOptions options) {
        return options.toBuilder().toolCallFormat(ToolCallFormat.HERMES).build();
    }

    private static int common(List<Integer> one, List<Integer> other) {
        int length = 0;
        while (length < Math.min(one.size(), other.size()) && one.get(length).equals(other.get(length))) {
            length++;
        }
        return length;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Qwen-Qwen3-0.6B.jinja",
                "Qwen-Qwen2.5-7B-Instruct.jinja",
                "Qwen3-Coder.jinja",
                "meta-llama-Llama-3.1-8B-Instruct.jinja",
                "mistralai-Mistral-Nemo-Instruct-2407.jinja",
                "Mistral-Small-3.2-24B-Instruct-2506.jinja",
                "google-gemma-4-31B-it.jinja",
                "google-gemma-2-2b-it.jinja"
            })
    void everyTurn_isThatOfAFreshModel_andEvaluatesOnlyWhatIsNew(String name) throws IOException {
        Path file = model(template(name));
        ChatOptions free = DEMANDED.toBuilder().toolChoice(ToolChoice.AUTO).build();
        int turns = 0;
        int prepared = 0;
        try (LemModel model = load(file, 8192);
                LemModel fresh = load(file, 8192)) {
            Conversation conversation = model.conversation(BEGINNING, DEMANDED, WhenFull.REFUSE);
            List<Message> said = new ArrayList<>(BEGINNING);
            List<List<Integer>> held = List.of();
            for (int seed = 0; seed < 6; seed++) {
                boolean results = !conversation.openToolCalls().isEmpty();
                ChatAnswer answer = results
                        ? conversation.sendToolResults(RUN, random(seed))
                        : conversation.send("Cold? " + seed, random(seed));
                said = new ArrayList<>(conversation
                        .messages()
                        .subList(0, conversation.messages().size() - 1));
                fresh.logits(List.of(5)); // which discards every prompt
                ChatAnswer expected = fresh.chat(said, results ? free : DEMANDED, random(seed));
                assertThat(answer.parts()).isEqualTo(expected.parts());
                assertThat(answer.generation().tokens())
                        .isEqualTo(expected.generation().tokens());
                assertThat(expected.generation().reusedTokens()).isZero();
                assertThat(conversation.messages()).last().isEqualTo(expected.message());
                List<Integer> prompt = model.tokenizer().encodeChat(said, free);
                for (List<Integer> before : held) {
                    int blocks = common(prompt, before) / NativeContext.BLOCK;
                    assertThat(answer.generation().reusedTokens())
                            .as("turn %d", seed)
                            .isGreaterThanOrEqualTo(blocks * NativeContext.BLOCK);
                }
                held = List.of(prompt, model.tokenizer().encodeNext(conversation.messages(), free));
                turns += results ? 1 : 0;
                prepared += conversation.preparedTokens() > 0 ? 1 : 0;
            }
        }
        assertThat(turns).as("turns with results").isGreaterThan(1);
        assertThat(prepared).as("turns that were prepared").isPositive();
    }

    @Test
    void questionBeforeTheResults_andResultsWithoutACall_areRefused_andNothingChanges() throws IOException {
        try (LemModel model = load(model(template("Qwen-Qwen2.5-7B-Instruct.jinja")), 4096)) {
            Conversation conversation = model.conversation("Be kind.", DEMANDED);
            assertThatIllegalStateException()
                    .isThrownBy(() -> conversation.sendToolResults(RUN))
                    .withMessageContaining("calls no tool");
            ChatAnswer asked = conversation.send("Cold?", random(1));
            List<Message> before = conversation.messages();
            assertThat(conversation.openToolCalls())
                    .isEqualTo(asked.toolCalls())
                    .hasSize(1);
            assertThatIllegalStateException()
                    .isThrownBy(() -> conversation.send("And?"))
                    .withMessageContaining("calls the tool get_weather, and a result comes before the next question");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> conversation.sendToolResults(call -> nothing()))
                    .withMessageContaining("The result of the tool get_weather is null");
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> conversation.sendToolResults(call -> {
                        throw new UnsupportedOperationException("broken");
                    }));
            assertThatIllegalStateException()
                    .isThrownBy(() -> conversation.sendToolResults(call -> conversation.undo()))
                    .withMessageContaining("A tool has changed the conversation");
            assertThat(before).hasSize(3);
            assertThat(conversation.messages()).isEqualTo(before.subList(0, 1));
        }
    }

    @SuppressWarnings("NullAway")
    private static String nothing() {
        return null;
    }

    @Test
    void forkedUndoneAndRegeneratedTurns_keepCallsAndResultsTogether() throws IOException {
        try (LemModel model = load(model(template("Qwen-Qwen3-0.6B.jinja")), 4096)) {
            Conversation conversation = model.conversation("Be kind.", DEMANDED);
            conversation.send("Cold?", random(1));
            Conversation fork = conversation.fork();
            ChatAnswer first = conversation.sendToolResults(RUN, random(2));
            ChatAnswer again = conversation.regenerate(random(2), piece -> {}, new Cancellation());
            assertThat(again.generation().tokens()).isEqualTo(first.generation().tokens());
            assertThat(conversation.messages().get(3).content()).isEqualTo("12 degrees, said by get_weather");
            ChatAnswer other = conversation.regenerate(random(7), piece -> {}, new Cancellation());
            assertThat(conversation.messages()).hasSize(5).last().isEqualTo(other.message());

            assertThat(fork.openToolCalls()).hasSize(1);
            ChatAnswer recalled = fork.regenerate(random(1), piece -> {}, new Cancellation());
            assertThat(recalled.toolCalls()).isEqualTo(fork.openToolCalls()).hasSize(1);
            assertThat(fork.sendToolResults(RUN, random(2)).generation().tokens())
                    .isEqualTo(first.generation().tokens());

            assertThat(conversation.undo()).isEqualTo("Cold?");
            assertThat(conversation.messages()).containsExactly(Message.system("Be kind."));
        }
    }

    @Test
    void fullContext_dropsWholeTurns_soThatEveryResultHasItsCall() throws IOException {
        try (LemModel model = load(model(PLAIN_TEMPLATE), 1024)) {
            Conversation conversation = model.conversation(BEGINNING, hermes(DEMANDED), WhenFull.DROP_OLDEST);
            for (int turn = 0; turn < 16; turn++) {
                boolean results = !conversation.openToolCalls().isEmpty();
                GenerationOptions options =
                        random(turn).toBuilder().maxTokens(200).build();
                if (results) {
                    conversation.sendToolResults(RUN, options);
                } else {
                    conversation.send("Question " + turn, options);
                }
                assertPaired(conversation.messages());
            }
            assertThat(conversation.droppedMessages()).isPositive();
            assertThat(conversation.messages().getFirst()).isEqualTo(BEGINNING.getFirst());
            while (conversation.openToolCalls().isEmpty()) {
                conversation.send("Once more", random(3));
            }
            List<Message> before = conversation.messages();
            assertThatExceptionOfType(ContextOverflowException.class)
                    .isThrownBy(() -> conversation.sendToolResults(call -> "a b c ".repeat(900)));
            assertThat(conversation.messages()).isEqualTo(before);
        }
    }

    private static void assertPaired(List<Message> messages) {
        assertThat(messages.get(1).role()).isEqualTo("user");
        List<String> open = new ArrayList<>();
        for (Message message : messages) {
            message.toolCallId()
                    .ifPresent(id ->
                            assertThat(open.remove(id)).as(messages.toString()).isTrue());
            message.toolCalls().forEach(call -> open.add(call.id()));
        }
        assertThat(open).hasSize(messages.getLast().toolCalls().size());
    }

    @Test
    void savedConversation_hasItsToolsAndItsOpenCall_andContinuesAtOnce() throws IOException {
        Path file = model(template("Qwen-Qwen3-0.6B.jinja"));
        Path saved = folder.resolve("talk");
        ChatOptions options = DEMANDED.toBuilder()
                .variable("count", 3L)
                .variable("share", 0.5)
                .variable("names", List.of("a", "b"))
                .variable("absent", null)
                .toolCallFormat(ToolCallFormat.HERMES)
                .parallelToolCalls(true)
                .build();
        List<Message> messages;
        try (LemModel model = load(file, 4096)) {
            Conversation conversation = model.conversation("Be kind. ".repeat(20), options);
            conversation.send("Cold?", random(1));
            conversation.save(saved);
            messages = conversation.messages();
        }
        assertThat(Files.readAllBytes(saved)).startsWith("LEMTALK2".getBytes(StandardCharsets.US_ASCII));
        try (LemModel model = load(file, 4096)) {
            Conversation conversation = model.loadConversation(saved);
            assertThat(conversation.messages()).isEqualTo(messages);
            assertThat(conversation.chatOptions()).contains(options);
            assertThat(conversation.openToolCalls()).isNotEmpty();
            ChatAnswer next = conversation.sendToolResults(RUN, random(2));
            assertThat(next.generation().evaluatedTokens()).isLessThan(4 * NativeContext.BLOCK);
            assertThat(next.generation().reusedTokens()).isGreaterThan(4 * NativeContext.BLOCK);
            List<Message> asked =
                    conversation.messages().subList(0, conversation.messages().size() - 1);
            model.logits(List.of(5)); // which discards every prompt
            ChatOptions free = options.toBuilder().toolChoice(ToolChoice.AUTO).build();
            assertThat(next.generation().tokens())
                    .isEqualTo(model.chat(asked, free, random(2)).generation().tokens());
        }
    }

    @Test
    void conversationWithoutOptions_isSavedAsBefore_andALaterFormatIsRefusedByName() throws IOException {
        Path file = model(PLAIN_TEMPLATE);
        Path saved = folder.resolve("talk");
        try (LemModel model = load(file, 1024)) {
            Conversation conversation = model.conversation("Be kind.");
            conversation.send("Cold?", random(1));
            conversation.save(saved);
            byte[] content = Files.readAllBytes(saved);
            assertThat(content).startsWith("LEMTALK1".getBytes(StandardCharsets.US_ASCII));
            assertThat(model.loadConversation(saved).chatOptions()).isEqualTo(Optional.empty());
            content[7] = '3';
            Files.write(saved, content);
            assertThatExceptionOfType(MalformedDataException.class)
                    .isThrownBy(() -> model.loadConversation(saved))
                    .withMessageContaining("saved in format '3', and this version reads the formats 1 and 2");
        }
    }

    @Test
    void chatOptionsThatAreForged_areRefused() throws Exception {
        Path file = model(PLAIN_TEMPLATE);
        Path saved = folder.resolve("talk");
        Path forged = folder.resolve("forged");
        try (LemModel model = load(file, 2048)) {
            Conversation conversation = model.conversation("Be kind.", hermes(DEMANDED));
            conversation.send("Cold?", random(1));
            conversation.save(saved);
            for (String[] change : new String[][] {
                {"\"tool_choice\":\"NAMED\"", "\"tool_choice\":\"MAYBE\""},
                {"\"tool\":\"get_weather\"", "\"tool\":\"absent\""},
                {"\"variables\":\"{", "\"variables\":\"["},
                {"\"chat_options\":{", "\"other_options\":{"},
                {"\"tool_call_format\":\"HERMES\"", "\"tool_call_format\":3"}
            }) {
                Files.write(forged, SavedConversationIT.forged(saved, change[0], change[1], 0));
                assertThatExceptionOfType(MalformedDataException.class)
                        .as(change[1])
                        .isThrownBy(() -> model.loadConversation(forged))
                        .withMessageContaining("The header cannot be read");
            }
        }
    }

    @Test
    void conversationThatAnotherModelRendered_isRefused() throws IOException {
        Path file = model(PLAIN_TEMPLATE);
        try (LemModel one = load(file, 1024);
                LemModel other = load(file, 1024)) {
            RenderedChat rendered = one.render(new GenerationRequest.Chat(BEGINNING, random(1)));
            assertThat(rendered.prompt()).isEqualTo(one.tokenizer().encodeChat(BEGINNING));
            assertThat(one.generate(rendered.withOptions(random(4)), piece -> {}, new Cancellation())
                            .tokens())
                    .isEqualTo(one.chat(BEGINNING, random(4)).tokens());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> other.generate(rendered, piece -> {}, new Cancellation()))
                    .withMessageContaining("rendered by another model");
        }
    }
}
