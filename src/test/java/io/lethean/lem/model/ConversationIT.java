package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Message;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.llama.NativeContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conversations against a fresh model that is given the same messages. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConversationIT {

    static final String TEMPLATE = "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}"
            + "{{ eos_token }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";
    static final String SYSTEM = "You are kind, you are brief, and you tell the truth. ".repeat(4);
    private static final List<String> QUESTIONS =
            List.of("Who are you?", "What is kindness, in a few words?", "And patience?", "Why?", "Thank you.");

    @TempDir
    private static Path folder;

    private static Path llama;
    private static Path gemma;

    @BeforeAll
    static void models() throws IOException {
        llama = folder.resolve("llama.gguf");
        RandomModel.llama(2, 64, 4, 2, 128, 500).chatTemplate(TEMPLATE).write(llama, 3);
        gemma = folder.resolve("gemma.gguf");
        RandomModel.gemma3(6, 64, 4, 1, 128, 500).chatTemplate(TEMPLATE).write(gemma, 3);
    }

    static LemModel load(Path file, int contextTokens, int parallel, int held) throws IOException {
        return LemModel.load(
                file,
                ModelOptions.builder()
                        .device("cpu")
                        .threads(1)
                        .contextTokens(contextTokens)
                        .parallel(parallel)
                        .heldPrompts(held)
                        .build());
    }

    private static GenerationOptions tokens(int count) {
        return GenerationOptions.builder()
                .maxTokens(count)
                .temperature(0.8)
                .seed(4)
                .build();
    }

    private static List<Message> upTo(List<Message> messages, int question) {
        int asked = 0;
        for (int index = 0; index < messages.size(); index++) {
            if (messages.get(index).role().equals("user") && asked++ == question) {
                return messages.subList(0, index + 1);
            }
        }
        throw new AssertionError("question " + question + " of " + messages);
    }

    @ParameterizedTest
    @CsvSource({"llama, 1, 0", "llama, 1, 2", "llama, 3, 1", "gemma, 1, 0", "gemma, 2, 1"})
    void everyTurn_isThatOfAFreshModel_andEvaluatesOnlyWhatIsNew(String family, int parallel, int held)
            throws IOException {
        Path file = family.equals("gemma") ? gemma : llama;
        List<Generation> answers = new ArrayList<>();
        List<Integer> prepared = new ArrayList<>();
        List<Message> messages;
        try (LemModel model = load(file, 2048, parallel, held)) {
            Conversation conversation = model.conversation(SYSTEM);
            for (String question : QUESTIONS) {
                answers.add(conversation.send(question, tokens(90)).generation());
                prepared.add(conversation.preparedTokens());
            }
            messages = conversation.messages();
        }
        assertThat(messages).hasSize(1 + 2 * QUESTIONS.size());
        for (int question = 0; question < QUESTIONS.size(); question++) {
            try (LemModel fresh = load(file, 2048, parallel, held)) {
                Generation expected = fresh.chat(upTo(messages, question), tokens(90));
                assertThat(expected.reusedTokens()).isZero();
                assertThat(answers.get(question).tokens()).isEqualTo(expected.tokens());
                assertThat(answers.get(question).promptTokens()).isEqualTo(expected.promptTokens());
            }
            if (question > 0) {
                Generation before = answers.get(question - 1);
                int fresh = answers.get(question).promptTokens() - before.promptTokens() - before.generatedTokens();
                assertThat(answers.get(question).evaluatedTokens())
                        .as("turn %d, of which %d tokens are new", question, fresh)
                        .isLessThanOrEqualTo(fresh + NativeContext.BLOCK);
                if (before.generatedTokens() > NativeContext.BLOCK) {
                    assertThat(prepared.get(question))
                            .as("before turn %d", question)
                            .isPositive();
                }
            }
        }
        assertThat(prepared.getFirst()).isZero();
    }

    @Test
    void forkedConversations_continueEachByItself_withThePlaceThatTheyShare() throws IOException {
        try (LemModel model = load(llama, 1024, 1, 2)) {
            Conversation one = model.conversation(SYSTEM);
            one.send(QUESTIONS.get(0), tokens(40));
            Conversation other = one.fork();
            Generation left = one.send(QUESTIONS.get(1), tokens(20)).generation();
            Generation right = other.send(QUESTIONS.get(2), tokens(20)).generation();
            assertThat(other.messages())
                    .hasSize(5)
                    .startsWith(one.messages().subList(0, 3).toArray(Message[]::new));
            assertThat(one.messages()).hasSize(5).isNotEqualTo(other.messages());
            assertThat(left.reusedTokens()).isGreaterThan(NativeContext.BLOCK);
            assertThat(right.reusedTokens()).isGreaterThan(NativeContext.BLOCK);
            List<Message> asked = other.messages().subList(0, 4);
            assertThat(right.tokens()).isEqualTo(model.chat(asked, tokens(20)).tokens());
        }
    }

    @Test
    void undoneTurn_isForgotten_andRegeneratedOne_isReplaced() throws IOException {
        try (LemModel model = load(llama, 1024, 1, 0)) {
            Conversation conversation = model.conversation();
            Generation first = conversation.send("Who are you?", tokens(20)).generation();
            conversation.send("Why?", tokens(20));
            assertThat(conversation.undo()).isEqualTo("Why?");
            assertThat(conversation.messages())
                    .containsExactly(Message.user("Who are you?"), Message.assistant(first.text()));
            Generation again = conversation
                    .regenerate(tokens(20), text -> {}, new Cancellation())
                    .generation();
            assertThat(again.tokens()).isEqualTo(first.tokens());
            Generation shorter = conversation
                    .regenerate(tokens(5), text -> {}, new Cancellation())
                    .generation();
            assertThat(conversation.messages()).last().isEqualTo(Message.assistant(shorter.text()));
            conversation.undo();
            assertThat(conversation.messages()).isEmpty();
            assertThatIllegalStateException().isThrownBy(conversation::undo).withMessageContaining("Nothing was asked");
        }
    }

    @Test
    void fullContext_isRefused_andTheConversationStays() throws IOException {
        try (LemModel model = load(llama, 256, 1, 0)) {
            Conversation conversation = model.conversation();
            conversation.send("Who are you?", tokens(10));
            List<Message> before = conversation.messages();
            assertThatExceptionOfType(ContextOverflowException.class)
                    .isThrownBy(() -> conversation.send("a b c ".repeat(200), tokens(10)));
            assertThat(conversation.messages()).isEqualTo(before);
            assertThat(conversation.send("Why?", tokens(10)).generation().generatedTokens())
                    .isPositive();
        }
    }

    @Test
    void fullContext_dropsTheOldestTurns_butNotTheBeginning() throws IOException {
        try (LemModel model = load(llama, 512, 1, 0)) {
            List<Message> beginning = List.of(Message.system("Be kind."));
            Conversation conversation = model.conversation(beginning, WhenFull.DROP_OLDEST);
            for (int turn = 0; turn < 12; turn++) {
                Generation answer = conversation
                        .send("Question " + turn + ", and why so?", tokens(60))
                        .generation();
                assertThat(answer.promptTokens() + 60).isLessThanOrEqualTo(512);
            }
            List<Message> messages = conversation.messages();
            assertThat(conversation.droppedMessages()).isPositive().isEven();
            assertThat(messages).hasSize(1 + 2 * 12 - conversation.droppedMessages());
            assertThat(messages.getFirst()).isEqualTo(beginning.getFirst());
            assertThat(messages.get(1).role()).isEqualTo("user");
            assertThat(messages.get(messages.size() - 2).content()).isEqualTo("Question 11, and why so?");
            assertThatExceptionOfType(ContextOverflowException.class)
                    .isThrownBy(() -> conversation.send("a b c ".repeat(400), tokens(10)));
        }
    }

    @Test
    void cancelledAnswer_isPartOfTheConversation_asFarAsItCame() throws IOException {
        try (LemModel model = load(llama, 1024, 1, 0)) {
            Conversation conversation = model.conversation();
            Cancellation cancellation = new Cancellation();
            Generation cut = conversation
                    .send("Who are you?", tokens(200), text -> cancellation.cancel(), cancellation)
                    .generation();
            assertThat(cut.finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(conversation.messages()).last().isEqualTo(Message.assistant(cut.text()));
            assertThat(conversation.send("Why?", tokens(10)).generation().finishReason())
                    .isNotEqualTo(FinishReason.CANCELLED);
        }
    }

    @Test
    void closedModel_endsTheConversationByAnException() throws IOException {
        LemModel model = load(llama, 1024, 1, 0);
        Conversation conversation = model.conversation();
        conversation.send("Who are you?", tokens(90));
        model.close();
        assertThatIllegalStateException().isThrownBy(() -> conversation.send("Why?"));
    }

    @Test
    void conversationsOfManyThreads_haveTheAnswersOfOneAlone() throws Exception {
        List<List<Message>> alone = new ArrayList<>();
        for (int person = 0; person < 6; person++) {
            try (LemModel model = load(llama, 1024, 2, 3)) {
                alone.add(talk(model, person));
            }
        }
        try (LemModel model = load(llama, 1024, 2, 3);
                ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Message>>> together = new ArrayList<>();
            for (int person = 0; person < 6; person++) {
                int who = person;
                together.add(people.submit(() -> talk(model, who)));
            }
            for (int person = 0; person < 6; person++) {
                assertThat(get(together.get(person))).isEqualTo(alone.get(person));
            }
        }
    }

    private static List<Message> get(Future<List<Message>> future) throws ExecutionException, InterruptedException {
        return future.get();
    }

    private static List<Message> talk(LemModel model, int person) throws InterruptedException {
        Random random = new Random(person);
        Conversation conversation = model.conversation(SYSTEM);
        for (int turn = 0; turn < 4; turn++) {
            Thread.sleep(random.nextInt(20));
            String question = QUESTIONS.get(random.nextInt(QUESTIONS.size())) + " " + person;
            conversation.send(question, tokens(20 + random.nextInt(60)));
        }
        return conversation.messages();
    }
}
