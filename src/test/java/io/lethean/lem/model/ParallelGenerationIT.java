package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.Background;
import io.lethean.lem.ContextOverflowException;
import io.lethean.lem.Fixtures;
import io.lethean.lem.GrammarException;
import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.Message;
import io.lethean.lem.ModelBusyException;
import io.lethean.lem.internal.llama.NativeContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Many prompts at once, against the same prompts one at a time. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ParallelGenerationIT {

    private static final int PARALLEL = 3;
    private static final String KERNEL =
            "Lily was a kind girl who lived in a small house near the big park. ".repeat(5);

    private Path file;
    private LemModel model;

    @BeforeAll
    void load() throws IOException {
        file = Fixtures.require("models/stories260K-f32.gguf");
        model = load(PARALLEL);
    }

    @AfterAll
    void close() {
        if (model != null) {
            model.close();
        }
    }

    private LemModel load(int parallel) throws IOException {
        return LemModel.load(
                file, LemModelIT.ONE_THREAD.toBuilder().parallel(parallel).build());
    }

    private static GenerationOptions tokens(int count) {
        return GenerationOptions.builder().maxTokens(count).build();
    }

    /** Half of them begin with the kernel, which is longer than two blocks. */
    private static List<String> prompts() {
        List<String> prompts = new ArrayList<>();
        for (String end : List.of("One day", "Tim had a red ball and", "The dog", "", "She saw a big", "Mom said \"")) {
            prompts.add(end);
            prompts.add(KERNEL + end);
        }
        return prompts;
    }

    private static List<List<Integer>> tokensOf(List<GenerationOutcome> outcomes) {
        return outcomes.stream().map(outcome -> outcome.orThrow().tokens()).toList();
    }

    @Test
    void greedyTexts_equalThoseOneAtATime_tokenForToken() throws IOException {
        List<Generation> parallel = model.generateAll(prompts(), tokens(60)).stream()
                .map(GenerationOutcome::orThrow)
                .toList();
        try (LemModel single = load(1)) {
            for (int i = 0; i < parallel.size(); i++) {
                Generation alone = single.generate(prompts().get(i), tokens(60));
                assertThat(parallel.get(i).tokens()).isEqualTo(alone.tokens());
                assertThat(parallel.get(i).text()).isEqualTo(alone.text());
                assertThat(parallel.get(i).finishReason()).isEqualTo(alone.finishReason());
                assertThat(parallel.get(i).promptTokens()).isEqualTo(alone.promptTokens());
            }
            assertThat(tokensOf(single.generateAll(prompts(), tokens(60))))
                    .isEqualTo(parallel.stream().map(Generation::tokens).toList());
        }
        assertThat(parallel.get(1).promptTokens()).isGreaterThan(2 * NativeContext.BLOCK);
    }

    @Test
    void sampledTexts_dependOnTheirSeed_andNotOnOrderOrCompany() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (String prompt : prompts()) {
            for (long seed = 0; seed < 2; seed++) {
                requests.add(new GenerationRequest.Text(
                        prompt,
                        GenerationOptions.builder()
                                .maxTokens(25)
                                .temperature(1.2)
                                .topK(40)
                                .seed(seed)
                                .build()));
            }
        }
        List<List<Integer>> all = tokensOf(run(requests));
        assertThat(all).doesNotHaveDuplicates();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(7));
        for (List<Integer> part : List.of(order, order.subList(0, 7), order.subList(7, 8))) {
            List<List<Integer>> again =
                    tokensOf(run(part.stream().map(requests::get).toList()));
            assertThat(again).isEqualTo(part.stream().map(all::get).toList());
        }
    }

    private List<GenerationOutcome> run(List<GenerationRequest> requests) {
        GenerationOutcome[] outcomes = new GenerationOutcome[requests.size()];
        model.generateAll(requests, (index, outcome) -> outcomes[index] = outcome, new Cancellation());
        return List.of(outcomes);
    }

    @Test
    void nothingToAnswer_isAnswered_unlessTheModelIsClosed() throws IOException {
        assertThat(model.generateAll(List.of(), tokens(5))).isEmpty();
        LemModel closed = load(1);
        closed.close();
        assertThatIllegalStateException().isThrownBy(() -> closed.generateAll(List.of(), tokens(5)));
    }

    @Test
    void conversations_areAnsweredAsByChat() {
        List<Message> first = List.of(Message.system("Be kind."), Message.user("Who is Lily?"));
        List<Message> second = List.of(Message.user("Once upon a time"));
        assertThat(tokensOf(model.chatAll(List.of(first, second), tokens(20))))
                .containsExactly(
                        model.chat(first, tokens(20)).tokens(),
                        model.chat(second, tokens(20)).tokens());
    }

    @Test
    void promptsThatFail_areToldApart_andTheOthersAreAnswered() {
        GenerationOptions broken =
                GenerationOptions.builder().grammar("root ::= nothing").build();
        GenerationOptions none =
                GenerationOptions.builder().jsonSchema("{\"type\": 7}").build();
        List<GenerationOutcome> outcomes = run(List.of(
                new GenerationRequest.Text("the ".repeat(600), tokens(10)),
                new GenerationRequest.Text("Once", broken),
                new GenerationRequest.Text("Once", tokens(10)),
                new GenerationRequest.Text("Once", none),
                new GenerationRequest.Chat(List.of(), tokens(10)),
                new GenerationRequest.Text("Tim", tokens(10))));
        assertThat(cause(outcomes.get(0))).isInstanceOf(ContextOverflowException.class);
        assertThat(cause(outcomes.get(1))).isInstanceOf(GrammarException.class);
        assertThat(cause(outcomes.get(3))).isInstanceOf(GrammarException.class);
        assertThat(outcomes.get(2).orThrow().tokens())
                .isEqualTo(model.generate("Once", tokens(10)).tokens());
        assertThat(outcomes.get(5).orThrow().tokens())
                .isEqualTo(model.generate("Tim", tokens(10)).tokens());
    }

    @Test
    void anAnswerThatFailsOnItsWay_leavesTheOthersAlone() throws IOException {
        Path tiny = Fixtures.require("robustness/tiny-llama-f32.gguf");
        try (LemModel withoutBytes = LemModel.load(
                tiny,
                LemModelIT.ONE_THREAD.toBuilder().contextTokens(256).parallel(2).build())) {
            GenerationOptions unspeakable =
                    GenerationOptions.builder().grammar("root ::= [a-z] \"日\"").build();
            String prompt = withoutBytes.detokenize(List.of(5));
            GenerationOutcome[] outcomes = new GenerationOutcome[3];
            withoutBytes.generateAll(
                    List.of(
                            new GenerationRequest.Text(prompt, tokens(8)),
                            new GenerationRequest.Text(prompt, unspeakable),
                            new GenerationRequest.Text(prompt, tokens(8))),
                    (index, outcome) -> outcomes[index] = outcome,
                    new Cancellation());
            assertThat(cause(outcomes[1])).isInstanceOf(GrammarException.class).hasMessageContaining("no token");
            assertThat(outcomes[0].orThrow().tokens())
                    .isEqualTo(outcomes[2].orThrow().tokens());
        }
    }

    private static RuntimeException cause(GenerationOutcome outcome) {
        return ((GenerationOutcome.Failed) outcome).cause();
    }

    @Test
    void endsOfEveryKind_freeTheirPlaceForTheNext() {
        String almostFull = "the ".repeat(250);
        List<GenerationRequest> requests = List.of(
                new GenerationRequest.Text(almostFull, tokens(10_000)),
                new GenerationRequest.Text("Once upon a time", tokens(1)),
                new GenerationRequest.Text(
                        "Once upon a time",
                        GenerationOptions.builder()
                                .maxTokens(60)
                                .stop("play outside in")
                                .build()),
                new GenerationRequest.Text(
                        "Once",
                        GenerationOptions.builder()
                                .grammar("root ::= \"né 日本🙂.\"")
                                .build()),
                new GenerationRequest.Text("Tim", tokens(30)));
        List<Generation> answers =
                run(requests).stream().map(GenerationOutcome::orThrow).toList();
        assertThat(answers.get(0).promptTokens() + answers.get(0).generatedTokens())
                .isEqualTo(513);
        assertThat(answers.get(1).generatedTokens()).isEqualTo(1);
        assertThat(answers.get(2).finishReason()).isEqualTo(FinishReason.STOP_SEQUENCE);
        assertThat(answers.get(3).text()).isEqualTo("né 日本🙂.");
        assertThat(answers.get(3).finishReason()).isEqualTo(FinishReason.END_OF_TURN);
        assertThat(answers.get(4).tokens())
                .isEqualTo(model.generate("Tim", tokens(30)).tokens());
    }

    @Test
    void nothingToDo_isDoneAtOnce_andTheSamePromptManyTimesIsAnsweredAlike() {
        assertThat(model.generateAll(List.of(), tokens(5))).isEmpty();
        List<List<Integer>> same = tokensOf(model.generateAll(Collections.nCopies(7, KERNEL), tokens(20)));
        assertThat(same).hasSize(7).containsOnly(same.getFirst());
    }

    /** Starts and ends in the order in which they were told. */
    private static class Diary implements GenerationListener {
        final List<Integer> started = new ArrayList<>();
        final List<Integer> finished = new ArrayList<>();
        final List<FinishReason> reasons = new ArrayList<>();

        @Override
        public void started(int index) {
            started.add(index);
        }

        @Override
        public void finished(int index, GenerationOutcome outcome) {
            finished.add(index);
            reasons.add(outcome.orThrow().finishReason());
        }
    }

    private static List<GenerationRequest> requests(int count, int tokens) {
        return Collections.nCopies(count, new GenerationRequest.Text("Once upon a time", tokens(tokens)));
    }

    @Test
    void eachAnswer_isToldOnceAsSoonAsItIsThere() {
        Diary diary = new Diary() {
            @Override
            public void finished(int index, GenerationOutcome outcome) {
                assertThat(started)
                        .as("no more begun than run side by side")
                        .hasSizeLessThanOrEqualTo(finished.size() + PARALLEL);
                super.finished(index, outcome);
            }
        };
        model.generateAll(requests(8, 5), diary, new Cancellation());
        assertThat(diary.started).hasSize(8).doesNotHaveDuplicates();
        assertThat(diary.finished).hasSize(8).doesNotHaveDuplicates();
    }

    @Test
    void aCancellation_returnsWhatThereIs_andTellsOfEveryPromptOnce() throws IOException {
        for (int parallel : List.of(1, PARALLEL)) {
            try (LemModel each = load(parallel)) {
                Cancellation cancellation = new Cancellation();
                Diary diary = new Diary() {
                    @Override
                    public void finished(int index, GenerationOutcome outcome) {
                        super.finished(index, outcome);
                        cancellation.cancel();
                    }
                };
                each.generateAll(requests(9, 8), diary, cancellation);
                assertThat(diary.finished).hasSize(9).doesNotHaveDuplicates();
                assertThat(diary.reasons.getFirst()).isEqualTo(FinishReason.LENGTH);
                assertThat(diary.reasons.getLast()).isEqualTo(FinishReason.CANCELLED);
                assertThat(diary.started).hasSizeLessThanOrEqualTo(parallel + 1);
                assertThat(tokensOf(each.generateAll(List.of("Tim"), tokens(5))))
                        .hasSize(1);
            }
        }
    }

    @Test
    void oneCallTooMany_isRefusedAtOnce_andTheOthersAreAnswered() throws Exception {
        ModelOptions options =
                LemModelIT.ONE_THREAD.toBuilder().parallel(2).maxCalls(2).build();
        try (LemModel busy = LemModel.load(file, options)) {
            CountDownLatch refused = new CountDownLatch(1);
            CountDownLatch begun = new CountDownLatch(2);
            List<CompletableFuture<Generation>> answers = new ArrayList<>();
            for (int caller = 0; caller < 2; caller++) {
                AtomicBoolean first = new AtomicBoolean(true);
                answers.add(Background.call(() -> busy.generate("One day", tokens(30), piece -> {
                    if (first.getAndSet(false)) {
                        begun.countDown();
                    }
                    if (await(begun, Duration.ofMillis(200))) {
                        await(refused);
                    }
                })));
            }
            begun.await();
            assertThatExceptionOfType(ModelBusyException.class)
                    .isThrownBy(() -> busy.generate("Too many", tokens(5)))
                    .withMessageContaining("has 2 calls to answer");
            refused.countDown();
            for (CompletableFuture<Generation> answer : answers) {
                assertThat(answer.get().generatedTokens()).isEqualTo(30);
            }
            assertThat(busy.generate("One day", tokens(5)).generatedTokens()).isEqualTo(5);
        }
    }

    /** Long enough, with 30 tokens, for the other to begin, too. */
    private static boolean await(CountDownLatch latch, Duration atMost) {
        try {
            return latch.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException wanted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void closingMeanwhile_cancelsThem_fromAnotherThreadAndFromTheListener() throws Exception {
        LemModel closed = load(PARALLEL);
        CountDownLatch first = new CountDownLatch(1);
        Diary diary = new Diary() {
            @Override
            public void finished(int index, GenerationOutcome outcome) {
                super.finished(index, outcome);
                first.countDown();
            }
        };
        CompletableFuture<Void> running =
                Background.run(() -> closed.generateAll(requests(2000, 20), diary, new Cancellation()));
        first.await();
        closed.close();
        running.get();
        assertThat(diary.finished).hasSize(2000);
        assertThat(diary.reasons.getLast()).isEqualTo(FinishReason.CANCELLED);
        assertThatIllegalStateException().isThrownBy(() -> closed.generateAll(List.of("Tim"), tokens(5)));

        LemModel closesItself = load(PARALLEL);
        closesItself.generateAll(requests(50, 5), (index, outcome) -> closesItself.close(), new Cancellation());
        assertThat(closesItself.isClosed()).isTrue();
    }

    @Test
    void anInterrupt_cancelsThem() {
        Diary diary = new Diary();
        Thread.currentThread().interrupt();
        model.generateAll(requests(500, 200), diary, new Cancellation());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(diary.finished).hasSize(500);
        assertThat(diary.reasons.getLast()).isEqualTo(FinishReason.CANCELLED);
    }

    @Test
    void aListenerThatThrows_endsThem_andTheModelGoesOn() {
        List<Integer> told = new ArrayList<>();
        assertThatIllegalStateException()
                .isThrownBy(() -> model.generateAll(
                        requests(9, 4),
                        (index, outcome) -> {
                            told.add(index);
                            throw new IllegalStateException("disk full");
                        },
                        new Cancellation()))
                .withMessage("disk full");
        assertThat(told).hasSize(1);
        assertThatIllegalStateException()
                .isThrownBy(() -> model.generateAll(
                        requests(2, 4),
                        (index, outcome) -> model.generate("no", GenerationOptions.defaults()),
                        new Cancellation()))
                .withMessageContaining("listener");
        assertThat(model.generate("Tim", tokens(3)).generatedTokens()).isEqualTo(3);
    }

    @Test
    void eachAnswerHasTheWholeContext_andTheCacheIsAsLargeAsIsSaid() {
        assertThat(model.info().context().tokens()).isEqualTo(512);
        // 512 tokens, 5 layers, keys and values of 4 heads of 8 values of 2 bytes; one more for what is shared
        assertThat(model.info().context().kvBytes()).isEqualTo((PARALLEL + 1) * 512 * 5 * 2 * 4 * 8 * 2);
    }

    @Test
    void theMostSequences_work_andMoreThanTheMemoryHoldsAreRefused() throws IOException {
        try (LemModel many = load(255)) {
            assertThat(many.info().context().kvBytes()).isEqualTo(256L * 512 * 5 * 2 * 4 * 8 * 2);
            List<List<Integer>> answers = tokensOf(many.generateAll(prompts(), tokens(3)));
            assertThat(answers).isEqualTo(tokensOf(model.generateAll(prompts(), tokens(3))));
        }
        ModelOptions huge = LemModelIT.ONE_THREAD.toBuilder()
                .parallel(255)
                .contextTokens(4_000_000)
                .build();
        InsufficientMemoryException refused =
                catchThrowableOfType(InsufficientMemoryException.class, () -> LemModel.load(file, huge));
        assertThat(refused.requiredBytes()).isGreaterThan(256L * 4_000_000 * 5 * 2 * 4 * 8 * 2);
        assertThat(refused).hasMessageContaining("fewer answers in parallel than 255");
        ModelOptions beyond = huge.toBuilder().contextTokens(2_000_000_000).build();
        assertThatExceptionOfType(InsufficientMemoryException.class).isThrownBy(() -> LemModel.load(file, beyond));
    }

    @Test
    void batchesAsSmallAsTheNumberOfAnswers_giveTheSameTexts() throws IOException {
        ModelOptions small = LemModelIT.ONE_THREAD.toBuilder()
                .parallel(4)
                .batchTokens(4)
                .microBatchTokens(4)
                .build();
        try (LemModel other = LemModel.load(file, small)) {
            assertThat(tokensOf(other.generateAll(prompts(), tokens(20))))
                    .isEqualTo(tokensOf(model.generateAll(prompts(), tokens(20))));
        }
        for (ModelOptions.Builder tooSmall : List.of(
                ModelOptions.builder().parallel(4).batchTokens(3),
                ModelOptions.builder().parallel(4).microBatchTokens(3))) {
            assertThatIllegalArgumentException().isThrownBy(tooSmall::build).withMessageContaining("parallel");
        }
    }

    @Test
    void timings_areOfEachAnswer() {
        for (GenerationOutcome outcome : model.generateAll(prompts(), tokens(5))) {
            assertThat(outcome.orThrow().timings().prompt()).isPositive();
            assertThat(outcome.orThrow().timings().generation()).isPositive();
        }
    }

    @Test
    void likelihoodsAndSingleTexts_areTheSameInAModelOfSeveralSequences() throws IOException {
        try (LemModel single = load(1)) {
            List<String> texts = List.of(" little girl named Lily", " dragon");
            List<LogLikelihood> alone = single.logLikelihood("Once upon a time, there was a", texts);
            List<LogLikelihood> among = model.logLikelihood("Once upon a time, there was a", texts);
            for (int i = 0; i < alone.size(); i++) {
                assertThat(among.get(i).sum()).isCloseTo(alone.get(i).sum(), within(1e-3));
            }
            assertThat(model.generate(KERNEL, tokens(20)).tokens())
                    .isEqualTo(single.generate(KERNEL, tokens(20)).tokens());
        }
    }
}
