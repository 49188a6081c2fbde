package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.lethean.lem.Fixtures;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.TokenBatch;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Scores of every token of answers that were generated in parallel: compared to the last bit between runs in other
 * company and order, and with those of one answer at a time. Goes below the public types to see the scores.
 */
class BatchIndependenceIT {

    private static final int TOKENS = 10;

    @TempDir
    private static Path folder;

    private static final ModelOptions OPTIONS =
            ModelOptions.builder().threads(1).contextTokens(512).device("cpu").build();

    @BeforeAll
    static void libraries() {
        NativeLibraries.load();
    }

    private static Path file(String name) throws IOException {
        if (name.startsWith("llama-")) {
            return RandomLlama.ofType(folder, name.substring("llama-".length()));
        }
        Path path = folder.resolve(name + ".gguf");
        switch (name) {
            case "gemma3" -> RandomModel.gemma3(6, 128, 4, 1, 256, 1000).write(path, 5);
            case "gemma2" -> RandomModel.gemma2(4, 128, 4, 1, 256, 1000).write(path, 5);
            default -> {
                return Fixtures.require("models/" + name + ".gguf");
            }
        }
        return path;
    }

    private static ModelLoader.Loaded load(String name, ModelOptions options) throws IOException {
        return new ModelLoader(GgufFile.read(file(name)), options).load();
    }

    /** Two groups that share what is longer than two blocks, and prompts that share nothing. */
    private static List<int[]> prompts(int vocabulary) {
        Random random = new Random(11);
        List<int[]> prompts = new ArrayList<>();
        int[][] shared = {random(random, 150, vocabulary), random(random, 170, vocabulary), {}};
        for (int i = 0; i < 12; i++) {
            int[] own = random(random, 2 + random.nextInt(80), vocabulary);
            prompts.add(IntStream.concat(Arrays.stream(shared[i % 3]), Arrays.stream(own))
                    .toArray());
        }
        return prompts;
    }

    private static int[] random(Random random, int count, int vocabulary) {
        return random.ints(count, 260, vocabulary).toArray();
    }

    /** What was chosen for each prompt, and by which scores. */
    private record Heard(Map<Integer, List<Integer>> tokens, Map<Integer, ScoreRecorder> scores) {}

    /** The answers to some of the prompts, asked for by one call. */
    private static Heard sideBySide(ModelLoader.Loaded loaded, List<int[]> prompts, List<Integer> which) {
        Recording recording = new Recording(loaded, prompts);
        recording.scheduler.calls().add(recording.call(which));
        recording.run();
        return recording.heard;
    }

    /** A scheduler and what was received of the answers that it generates. */
    private static final class Recording {
        final Heard heard = new Heard(new HashMap<>(), new HashMap<>());
        final Scheduler scheduler;
        private final List<int[]> prompts;
        private Runnable eachStep = () -> {};
        private int begun;

        Recording(ModelLoader.Loaded loaded, List<int[]> prompts) {
            this.prompts = prompts;
            loaded.context().clear();
            scheduler = new Scheduler(
                    loaded.context(),
                    loaded.vocabulary(),
                    noAdapters(loaded),
                    (index, request) -> request(index, Integer.parseInt(((GenerationRequest.Text) request).prompt())),
                    options -> recorder(loaded.vocabulary().size()));
        }

        private EncodedRequest request(int index, int prompt) {
            return BatchIndependenceIT.request(index, prompts.get(prompt));
        }

        private ScoreRecorder recorder(int vocabulary) {
            ScoreRecorder recorder = new ScoreRecorder(vocabulary, List.of(), () -> eachStep.run());
            heard.scores.put(begun, recorder);
            return recorder;
        }

        GenerationCall call(List<Integer> which) {
            GenerationListener listener = new GenerationListener() {
                @Override
                public void started(int index) {
                    begun = which.get(index);
                }

                @Override
                public void finished(int index, GenerationOutcome outcome) {
                    heard.tokens.put(which.get(index), outcome.orThrow().tokens());
                }
            };
            return new GenerationCall(
                    which.stream()
                            .map(prompt ->
                                    new GenerationRequest.Text(Integer.toString(prompt), GenerationOptions.defaults()))
                            .toList(),
                    listener,
                    text -> {});
        }

        void run() {
            scheduler.run(new CancelFlag(), () -> false);
        }
    }

    private static AppliedAdapters noAdapters(ModelLoader.Loaded loaded) {
        try {
            GgufFile unused = GgufFile.read(Fixtures.require("models/stories260K-f32.gguf"));
            return new AppliedAdapters(loaded.model(), loaded.context(), new AdapterCache(unused));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static EncodedRequest request(int index, int[] prompt) {
        return new EncodedRequest(
                index, prompt, GenerationOptions.builder().maxTokens(TOKENS).build(), false);
    }

    @ParameterizedTest
    @CsvSource({
        "stories260K-f32, 5",
        "stories260K-q8_0, 4",
        "stories260K-q4_0, 3",
        "llama-q8_0, 8",
        "llama-f16, 7",
        "gemma3, 4",
        "gemma2, 2"
    })
    void orderAndCompany_changeNoBitOfAnyScore(String name, int parallel) throws IOException {
        ModelOptions options = OPTIONS.toBuilder().parallel(parallel).build();
        try (ModelLoader.Loaded loaded = load(name, options)) {
            List<int[]> prompts = prompts(loaded.vocabulary().size());
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, prompts.size()).boxed().toList());
            Heard all = sideBySide(loaded, prompts, order);
            Random random = new Random(3);
            for (int count : List.of(12, 5, 1)) {
                Collections.shuffle(order, random);
                List<Integer> which = order.subList(0, count);
                Heard again = sideBySide(loaded, prompts, which);
                for (int index : which) {
                    assertThat(again.tokens.get(index)).isEqualTo(all.tokens.get(index));
                    assertSameBits(again.scores.get(index).rows, all.scores.get(index).rows);
                }
            }
        }
    }

    /** On a processor a step computes every token as if it were alone, so not even the number of sequences counts. */
    @ParameterizedTest
    @CsvSource({
        "stories260K-q4_0, 5, 1",
        "llama-q8_0, 12, 2",
        "llama-q4_1, 9, 1",
        "llama-q5_0, 3, 1",
        "llama-q5_1, 4, 1",
        "llama-q4_k_m, 10, 2",
        "llama-q5_k_m, 7, 1",
        "llama-q6_k, 8, 1",
        "llama-q3_k_m, 3, 1",
        "llama-bf16, 5, 1",
        "llama-f16, 12, 2",
        "stories260K-f32, 12, 1",
        "gemma3, 6, 2"
    })
    void numberOfSequences_changesNoBitOfAnyScore(String name, int parallel, int threads) throws IOException {
        ModelOptions.Builder options = OPTIONS.toBuilder().threads(threads);
        List<Integer> all = IntStream.range(0, 12).boxed().toList();
        Heard alone = new Heard(new HashMap<>(), new HashMap<>());
        try (ModelLoader.Loaded loaded = load(name, options.build())) {
            for (int prompt : all) {
                Heard one = sideBySide(loaded, prompts(loaded.vocabulary().size()), List.of(prompt));
                alone.tokens.putAll(one.tokens);
                alone.scores.putAll(one.scores);
            }
        }
        try (ModelLoader.Loaded loaded = load(name, options.parallel(parallel).build())) {
            Heard together = sideBySide(loaded, prompts(loaded.vocabulary().size()), all);
            for (int prompt : all) {
                assertThat(together.tokens.get(prompt)).isEqualTo(alone.tokens.get(prompt));
                assertSameBits(together.scores.get(prompt).rows, alone.scores.get(prompt).rows);
            }
        }
    }

    private static void assertSameBits(List<float[]> actual, List<float[]> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int row = 0; row < actual.size(); row++) {
            assertThat(Arrays.equals(actual.get(row), expected.get(row)))
                    .as("row %d", row)
                    .isTrue();
        }
    }

    /**
     * The bounds are four times what was measured, on an AVX-512 processor. Without flash attention and with a cache in
     * full precision only the order of sums differs; otherwise products are rounded to 16 or 8 bits in between.
     */
    @ParameterizedTest
    @CsvSource({
        "stories260K-f32, F32, OFF, 1e-3", "stories260K-f32, F16, AUTO, 0.02", "stories260K-q8_0, F16, AUTO, 0.5",
        "llama-q8_0, F16, AUTO, 0.1", "gemma3, F32, OFF, 1e-3", "gemma3, F16, AUTO, 0.02"
    })
    void theSameTokens_areAsLikelyAsOneAtATime(String name, KvType cache, FlashAttention attention, double bound)
            throws IOException {
        ModelOptions options = OPTIONS.toBuilder()
                .parallel(4)
                .kvType(cache)
                .flashAttention(attention)
                .build();
        try (ModelLoader.Loaded loaded = load(name, options)) {
            List<int[]> prompts = prompts(loaded.vocabulary().size());
            Heard heard = sideBySide(
                    loaded, prompts, IntStream.range(0, prompts.size()).boxed().toList());
            double largest = 0;
            int compared = 0;
            for (int index = 0; index < prompts.size(); index++) {
                List<Integer> said = heard.tokens.get(index);
                List<Double> alone =
                        alone(loaded, request(index, prompts.get(index)), said).logProbabilities(said);
                List<Double> together = heard.scores.get(index).logProbabilities(said);
                for (int i = 0; i < said.size(); i++) {
                    largest = Math.max(largest, Math.abs(alone.get(i) - together.get(i)));
                    compared++;
                }
            }
            System.out.printf(
                    "%s, %s cache, flash attention %s: log-probabilities of %d tokens differ by at most %.2g%n",
                    name, cache, attention, compared, largest);
            assertThat(compared).isGreaterThan(100);
            assertThat(largest).isLessThan(bound);
        }
    }

    private static ScoreRecorder alone(ModelLoader.Loaded loaded, EncodedRequest request, List<Integer> forced) {
        ScoreRecorder recorder = new ScoreRecorder(loaded.vocabulary().size(), forced);
        GenerationCall call = new GenerationCall(List.of(), (index, outcome) -> {}, text -> {});
        int capacity = loaded.context().capacity();
        try (AnswerInProgress answer = new AnswerInProgress(loaded.vocabulary(), request, call, capacity, recorder)) {
            loaded.context().clear();
            assertThat(loaded.context().decode(request.prompt())).isTrue();
            while (answer.choose(loaded.context().logits()) == null) {
                assertThat(loaded.context().decode(new int[] {answer.token()})).isTrue();
            }
        }
        return recorder;
    }

    /** Callers come at any step of others' answers, and some leave before theirs is complete. */
    @ParameterizedTest
    @CsvSource({"stories260K-f32, 3", "stories260K-q8_0, 4", "llama-f16, 2", "gemma3, 4", "llama-q8_0, 1"})
    void joiningAndLeavingAtAnyStep_changesNoBitOfAnyScore(String name, int parallel) throws IOException {
        ModelOptions options = OPTIONS.toBuilder().parallel(parallel).build();
        try (ModelLoader.Loaded loaded = load(name, options)) {
            List<int[]> prompts = prompts(loaded.vocabulary().size());
            Heard apart = new Heard(new HashMap<>(), new HashMap<>());
            for (int prompt = 0; prompt < prompts.size(); prompt++) {
                Heard one = sideBySide(loaded, prompts, List.of(prompt));
                apart.tokens.putAll(one.tokens);
                apart.scores.putAll(one.scores);
            }
            for (int seed = 0; seed < 4; seed++) {
                assertSameWithGuests(new Recording(loaded, prompts), apart, new Random(seed));
            }
        }
    }

    private static void assertSameWithGuests(Recording recording, Heard apart, Random random) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, apart.tokens.size()).boxed().toList());
        Collections.shuffle(order, random);
        Deque<Integer> coming = new ArrayDeque<>(order.subList(1, order.size()));
        Set<Integer> left = new HashSet<>();
        List<GenerationCall> guests = new ArrayList<>();
        recording.eachStep = () -> {
            if (!coming.isEmpty() && random.nextInt(3) == 0) {
                GenerationCall guest = recording.call(List.of(coming.remove()));
                guests.add(guest);
                recording.scheduler.calls().add(guest);
            } else if (!guests.isEmpty() && random.nextInt(12) == 0) {
                int index = random.nextInt(guests.size());
                guests.get(index).cancel().raise();
                left.add(order.get(index + 1));
            }
        };
        recording.scheduler.calls().add(recording.call(order.subList(0, 1)));
        recording.run();
        assertThat(recording.heard.tokens.size()).isGreaterThan(1);
        recording.heard.tokens.forEach((prompt, tokens) -> {
            List<float[]> rows =
                    recording.heard.scores.containsKey(prompt) ? recording.heard.scores.get(prompt).rows : List.of();
            assertSameBits(rows, apart.scores.get(prompt).rows.subList(0, rows.size()));
            if (!left.contains(prompt)) {
                assertThat(tokens).isEqualTo(apart.tokens.get(prompt));
            }
        });
    }

    @Test
    void whatPromptsShare_isEvaluatedOnceInWholeBlocks() throws IOException {
        try (ModelLoader.Loaded loaded =
                load("gemma3", OPTIONS.toBuilder().parallel(2).build())) {
            List<int[]> prompts = prompts(loaded.vocabulary().size());
            loaded.context().clear();
            PromptMemory memory = new PromptMemory(loaded.context(), noAdapters(loaded));
            evaluate(loaded.context(), memory, prompts.get(0));

            Place second = memory.take(request(3, prompts.get(3)));

            assertThat(second.length()).isEqualTo(2 * NativeContext.BLOCK);
            assertThat(second.sequence()).isEqualTo(1);
            assertThat(memory.reusable(request(1, prompts.get(1)))).isZero();
            assertThat(memory.reusable(request(0, Arrays.copyOf(prompts.get(0), NativeContext.BLOCK))))
                    .as("one token is left to evaluate")
                    .isZero();
            second.end(new int[0]);
            assertThat(lastPosition(loaded.context(), 1)).isEqualTo(2 * NativeContext.BLOCK - 1);
        }
    }

    /** The least recently used prompt goes, and the spare sequence remembers one more than there are answers. */
    @Test
    void aPromptIsRememberedUntilOthersNeedTheRoom() throws IOException {
        try (ModelLoader.Loaded loaded =
                load("llama-f16", OPTIONS.toBuilder().parallel(2).build())) {
            Random random = new Random(1);
            List<int[]> prompts = IntStream.range(0, 5)
                    .mapToObj(i -> random(random, 200, loaded.vocabulary().size()))
                    .toList();
            loaded.context().clear();
            PromptMemory memory = new PromptMemory(loaded.context(), noAdapters(loaded));
            for (int[] prompt : prompts) {
                evaluate(loaded.context(), memory, prompt).end(new int[0]);
            }

            assertThat(prompts.stream().map(prompt -> memory.reusable(request(0, prompt))))
                    .containsExactly(0, 0, 192, 192, 192);

            Place again = memory.take(request(2, prompts.get(2)));
            assertThat(again.length()).isEqualTo(192);
            assertThat(lastPosition(loaded.context(), again.sequence())).isEqualTo(191);
        }
    }

    private static Place evaluate(NativeContext context, PromptMemory memory, int[] prompt) {
        Place place = memory.take(request(0, prompt));
        while (place.length() < prompt.length) {
            int to = context.endOfCall(place.length(), prompt.length, Integer.MAX_VALUE);
            assertThat(context.evaluate(place.sequence(), prompt, place.length(), to, true))
                    .isTrue();
            place.evaluatedPrompt(to);
        }
        return place;
    }

    private static int lastPosition(NativeContext context, int sequence) {
        return LlamaCpp.llama_memory_seq_pos_max(LlamaCpp.llama_get_memory(context.handle()), sequence);
    }

    @Test
    void sequencesAndRowsBeyondTheContexts_areRefusedBeforeLlamaCppAborts() throws IOException {
        try (ModelLoader.Loaded loaded =
                load("gemma3", OPTIONS.toBuilder().parallel(2).batchTokens(40).build())) {
            NativeContext context = loaded.context();
            for (int sequence : List.of(-1, 3, 255, 256, Integer.MAX_VALUE)) {
                assertThatExceptionOfType(IndexOutOfBoundsException.class)
                        .isThrownBy(() -> context.batch().clear().add(5, 0, sequence, true));
                assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> context.forget(sequence));
                assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> context.copy(0, sequence));
                assertThatExceptionOfType(IndexOutOfBoundsException.class)
                        .isThrownBy(() -> context.cutBack(sequence, 0));
            }
            TokenBatch batch = context.batch().clear();
            for (int i = 0; i < batch.maxLogitRows(); i++) {
                batch.add(5, i, 0, true);
            }
            assertThatIllegalStateException().isThrownBy(() -> batch.add(5, batch.maxLogitRows(), 0, true));
            for (int i = batch.size(); i < 40; i++) {
                batch.add(5, i, 0, false);
            }
            assertThatIllegalStateException().isThrownBy(() -> batch.add(5, 40, 0, false));
            assertThat(context.decode(batch)).isTrue();
            assertThatIllegalStateException().isThrownBy(() -> context.copyOfLogits(39));
            assertThatExceptionOfType(NativeCallException.class)
                    .as("a gap in the positions")
                    .isThrownBy(() -> {
                        context.batch().clear().add(5, 50, 0, true);
                        context.decode(context.batch());
                    });
        }
    }
}
