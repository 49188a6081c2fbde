package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that name adapters get the answers that a model with these adapters gives, bit by bit, in any company. */
class RequestAdaptersIT {

    private static final String PROMPT = "The quick brown fox jumps over the lazy dog, and then it sleeps. ".repeat(3);

    @TempDir
    Path folder;

    private Path path;

    @BeforeEach
    void writeModel() throws IOException {
        path = folder.resolve("llama.gguf");
        RandomModel.llama(2, 64, 4, 2, 96, 400).type(GgmlType.F32).write(path, 1);
    }

    private LemModel load(int parallel) throws IOException {
        return LemModel.load(
                path,
                ModelOptions.builder()
                        .threads(1)
                        .contextTokens(1024)
                        .parallel(parallel)
                        .device("cpu")
                        .build());
    }

    private AdapterUse adapter(int seed) throws IOException {
        return AdapterUse.of(RandomAdapter.write(folder.resolve(seed + ".gguf"), path, 0.05, seed));
    }

    private static GenerationOptions.Builder options() {
        return GenerationOptions.builder().maxTokens(12).logprobs(0);
    }

    private static GenerationRequest request(List<AdapterUse> uses, int which) {
        return new GenerationRequest.Text(
                PROMPT + which, options().adapters(uses).build());
    }

    /** The answers of a model that has the adapters itself. */
    private Generation expected(LemModel model, List<AdapterUse> uses, int which) throws IOException {
        model.setAdapters(uses);
        return model.generate(PROMPT + which, options().build());
    }

    private static void assertSame(Generation actual, Generation expected) {
        assertThat(actual.tokens()).isEqualTo(expected.tokens());
        assertThat(actual.logprobs()).isEqualTo(expected.logprobs());
    }

    private List<List<AdapterUse>> sets() throws IOException {
        AdapterUse one = adapter(1);
        AdapterUse two = adapter(2);
        return List.of(List.of(), List.of(one), List.of(two), List.of(new AdapterUse(one.path(), 0.5f)));
    }

    @Test
    void requestsOfOneCall_areAnsweredWithTheAdaptersThatEachNames() throws IOException {
        List<List<AdapterUse>> sets = sets();
        try (LemModel model = load(3);
                LemModel other = load(3)) {
            List<GenerationRequest> requests = new ArrayList<>();
            for (int which = 0; which < 12; which++) {
                requests.add(request(sets.get(which % 4), which));
            }
            Generation[] answers = new Generation[12];
            model.generateAll(requests, (index, outcome) -> answers[index] = outcome.orThrow(), new Cancellation());

            for (int which = 0; which < 12; which++) {
                assertSame(answers[which], expected(other, sets.get(which % 4), which));
            }
            assertThat(answers[1].tokens())
                    .isNotEqualTo(expected(other, List.of(), 1).tokens());
            assertThat(model.adapters()).isEmpty();
        }
    }

    @Test
    void manyCallersWithManyAdapters_changeNoBitOfAnyAnswer() throws Exception {
        List<List<AdapterUse>> sets = new ArrayList<>(sets());
        for (int seed = 3; seed < 6 + AdapterCache.MOST_UNUSED; seed++) {
            sets.add(List.of(adapter(seed)));
        }
        Map<Integer, Generation> expected = new HashMap<>();
        try (LemModel model = load(2);
                LemModel other = load(2);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int which = 0; which < sets.size(); which++) {
                expected.put(which, expected(other, sets.get(which), which));
            }
            SplittableRandom random = new SplittableRandom(7);
            Map<Future<Generation>, Integer> asked = new HashMap<>();
            for (int call = 0; call < 80; call++) {
                int which = random.nextInt(sets.size());
                asked.put(
                        callers.submit(
                                () -> model.generate(request(sets.get(which), which), text -> {}, new Cancellation())),
                        which);
            }
            for (Map.Entry<Future<Generation>, Integer> each : asked.entrySet()) {
                assertSame(each.getKey().get(), expected.get(each.getValue()));
            }
        }
    }

    @Test
    void promptIsUsedAgain_onlyWithTheAdaptersThatItWasEvaluatedWith() throws IOException {
        List<List<AdapterUse>> sets = sets();
        try (LemModel model = load(2)) {
            GenerationOptions bare = options().build();
            GenerationOptions adapted = options().adapters(sets.get(1)).build();
            model.generate(PROMPT, bare);

            assertThat(model.generate(PROMPT, adapted).reusedTokens()).isZero();
            assertThat(model.generate(PROMPT, adapted).reusedTokens()).isPositive();
            assertThat(model.generate(PROMPT, bare).reusedTokens()).isPositive();
        }
    }

    @Test
    void conversationWithAdapters_keepsItsPlace() throws IOException {
        GenerationOptions adapted = options().adapters(List.of(adapter(1))).build();
        String question = "Say more. ".repeat(10);
        try (LemModel model = load(1);
                LemModel other = load(1)) {
            Conversation conversation = model.conversation(PROMPT);
            other.setAdapters(List.of(adapter(1)));
            Conversation expected = other.conversation(PROMPT);
            for (int turn = 0; turn < 3; turn++) {
                Generation answer = conversation
                        .send(question, adapted, text -> {}, new Cancellation())
                        .generation();
                assertSame(answer, expected.send(question, options().build()).generation());
                assertThat(answer.reusedTokens() > 0).isEqualTo(turn > 0);
            }
        }
    }

    @Test
    void adapterThatCannotBeUsed_failsItsRequestsOnly() throws IOException {
        Path wrong = Files.writeString(folder.resolve("wrong.gguf"), "GGUF but not really");
        try (LemModel model = load(2)) {
            GenerationOutcome[] outcomes = new GenerationOutcome[3];
            model.generateAll(
                    List.of(
                            request(List.of(AdapterUse.of(wrong)), 0),
                            request(List.of(adapter(1)), 1),
                            request(List.of(AdapterUse.of(folder.resolve("missing"))), 2)),
                    (index, outcome) -> outcomes[index] = outcome,
                    new Cancellation());

            assertThatThrownBy(outcomes[0]::orThrow)
                    .isInstanceOf(InvalidModelException.class)
                    .hasMessageContaining("wrong.gguf");
            assertThat(outcomes[1].orThrow().generatedTokens()).isPositive();
            assertThatThrownBy(outcomes[2]::orThrow)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("missing");
        }
    }

    @Test
    void fileThatHasChanged_isAnotherAdapter() throws IOException {
        AdapterUse use = AdapterUse.of(RandomAdapter.write(folder.resolve("a.gguf"), path, 0.05, 1));
        try (LemModel model = load(1);
                LemModel other = load(1)) {
            assertSame(
                    model.generate(request(List.of(use), 0), text -> {}, new Cancellation()),
                    expected(other, List.of(use), 0));
            Path next = RandomAdapter.write(folder.resolve("b.gguf"), path, 0.1, 2);
            Files.delete(use.path());
            Files.move(next, use.path());

            assertSame(
                    model.generate(request(List.of(use), 0), text -> {}, new Cancellation()),
                    expected(other, List.of(use), 0));
        }
    }

    @Test
    void adapterOfNaN_leavesNoTraceInTheAnswersAfterIt() throws IOException {
        Path file = RandomAdapter.writeNaN(folder.resolve("nan.gguf"));
        try (LemModel model = load(1)) {
            Generation before = model.generate("abc", options().build());

            assertThatThrownBy(() ->
                            model.generate(request(List.of(AdapterUse.of(file)), 0), text -> {}, new Cancellation()))
                    .isInstanceOf(NativeCallException.class);

            assertSame(model.generate("abc", options().build()), before);
            assertThat(before.tokens()).isNotEmpty();
        }
    }
}
