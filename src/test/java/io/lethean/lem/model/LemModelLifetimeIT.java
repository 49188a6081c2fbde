package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.lethean.lem.Background;
import io.lethean.lem.DeviceUnavailableException;
import io.lethean.lem.Fixtures;
import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.Message;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.llama.ContextParameters.Output;
import io.lethean.lem.internal.llama.MemoryUse;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Loading, cancelling, closing, and what happens when these meet. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LemModelLifetimeIT {

    private static final String PROMPT = "Once upon a time";

    @TempDir
    private Path folder;

    private Path path;

    @BeforeEach
    void requireModel() {
        path = Fixtures.require("models/stories260K-f32.gguf");
    }

    private LemModel load() throws IOException {
        return LemModel.load(path, LemModelIT.ONE_THREAD);
    }

    private static GenerationOptions tokens(int count) {
        return GenerationOptions.builder().maxTokens(count).build();
    }

    @Test
    void afterClose_everyCallIsRefused_andClosingAgainIsNothing() throws IOException {
        LemModel model = load();
        model.close();
        model.close();
        assertThat(model.isClosed()).isTrue();
        List<Runnable> calls = List.of(
                () -> model.generate(PROMPT, GenerationOptions.defaults()),
                () -> model.chat(List.of(Message.user("x")), tokens(1)),
                () -> model.tokenize("x"),
                () -> model.detokenize(List.of(5)),
                () -> model.logits(List.of(1)),
                model::requireUsable,
                () -> model.tokenizer().applyTemplate(List.of(Message.user("x")), true));
        for (Runnable call : calls) {
            assertThatIllegalStateException().isThrownBy(call::run).withMessageContaining("is closed");
        }
        assertThat(model.info().architecture().layers()).isEqualTo(5);
        assertThat(model.metadata()).isNotEmpty();
    }

    @Test
    void cancelling_endsTheTextWithWhatThereIs() throws IOException {
        try (LemModel model = load()) {
            Cancellation cancellation = new Cancellation();
            List<String> heard = new ArrayList<>();
            Generation text = model.generate(
                    PROMPT,
                    tokens(400),
                    piece -> {
                        heard.add(piece);
                        if (heard.size() == 5) {
                            Background.run(cancellation::cancel).join();
                        }
                    },
                    cancellation);
            assertThat(text.finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(text.text()).isEqualTo(String.join("", heard)).isNotEmpty();
            assertThat(text.generatedTokens()).isBetween(5, 7);
            assertThat(model.generate(PROMPT, tokens(5), piece -> {}, cancellation)
                            .finishReason())
                    .isEqualTo(FinishReason.CANCELLED);
            assertThat(model.generate(PROMPT, tokens(5)).finishReason()).isEqualTo(FinishReason.LENGTH);
        }
    }

    @Test
    void cancelling_interruptsTheEvaluationOfALongPrompt() throws Exception {
        ModelOptions large = LemModelIT.ONE_THREAD.toBuilder()
                .contextTokens(40_000)
                .microBatchTokens(128)
                .build();
        try (LemModel model = LemModel.load(path, large)) {
            String prompt = "the ".repeat(15_000);
            Cancellation cancellation = new Cancellation();
            CompletableFuture<Generation> running =
                    Background.call(() -> model.generate(prompt, tokens(10), piece -> {}, cancellation));
            // Long enough for the evaluation to begin, far shorter than it takes.
            Thread.sleep(300);
            assertThat(running).isNotDone();
            cancellation.cancel();
            Generation text = running.get();
            assertThat(text.finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(text.generatedTokens()).isZero();
            assertThat(text.timings().prompt()).isLessThan(Duration.ofSeconds(5));
            assertThat(model.generate(PROMPT, tokens(3)).generatedTokens()).isEqualTo(3);
        }
    }

    @Test
    void closingFromTwoThreadsDuringAGeneration_endsIt_andBothReturn() throws Exception {
        LemModel model = load();
        CountDownLatch speaking = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(2);
        CompletableFuture<Generation> generation = Background.call(() -> model.generate(PROMPT, tokens(400), piece -> {
            speaking.countDown();
            await(closing);
        }));
        speaking.await();
        List<Thread> closers = IntStream.range(0, 2)
                .mapToObj(i -> Thread.ofPlatform().start(() -> {
                    closing.countDown();
                    model.close();
                }))
                .toList();
        for (Thread closer : closers) {
            closer.join();
        }
        assertThat(generation.get().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThatIllegalStateException().isThrownBy(() -> model.generate(PROMPT, GenerationOptions.defaults()));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void closingFromTheListener_endsTheGenerationFirst() throws IOException {
        LemModel model = load();
        Generation text = model.generate(PROMPT, tokens(400), piece -> model.close());
        assertThat(text.finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThatIllegalStateException().isThrownBy(() -> model.generate(PROMPT, GenerationOptions.defaults()));
        model.close();
    }

    @Test
    void callsThatWaitForTheirTurnWhenTheModelCloses_areRefused() throws Exception {
        LemModel model = load();
        CountDownLatch speaking = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Generation> first = Background.call(() -> model.generate(PROMPT, tokens(400), piece -> {
            speaking.countDown();
            await(goOn);
        }));
        speaking.await();
        AtomicReference<Throwable> refused = new AtomicReference<>();
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                model.generate(PROMPT, GenerationOptions.defaults());
            } catch (IllegalStateException e) {
                refused.set(e);
            }
        });
        Thread closer = Thread.ofPlatform().start(model::close);
        while (!model.isClosed()) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        closer.join();
        waiting.join();
        assertThat(first.get().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(refused.get()).hasMessageContaining("closed");
    }

    @Test
    void aListenerThatThrows_endsTheGenerationWithItsException() throws IOException {
        try (LemModel model = load()) {
            IllegalStateException mine = new IllegalStateException("enough");
            assertThatIllegalStateException()
                    .isThrownBy(() -> model.generate(PROMPT, tokens(10), piece -> {
                        throw mine;
                    }))
                    .isSameAs(mine);
            assertThat(model.generate(PROMPT, tokens(4)).generatedTokens()).isEqualTo(4);
        }
    }

    @Test
    void aListenerThatGeneratesWithItsOwnModel_isRefusedInsteadOfWaitingForEver() throws IOException {
        try (LemModel model = load()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> model.generate(
                            PROMPT, tokens(10), piece -> model.generate(PROMPT, GenerationOptions.defaults())))
                    .withMessageContaining("listener");
            List<Integer> heard = new ArrayList<>();
            model.generate(PROMPT, tokens(3), piece -> heard.addAll(model.tokenize(piece)));
            assertThat(heard).isNotEmpty();
        }
    }

    @Test
    void twoModelsAtOnce_tellWhatEachTellsAlone() throws Exception {
        Path other = Fixtures.require("models/stories260K-q8_0.gguf");
        try (LemModel a = load();
                LemModel b = LemModel.load(other, LemModelIT.ONE_THREAD)) {
            List<Integer> aloneA = a.generate(PROMPT, tokens(100)).tokens();
            List<Integer> aloneB = b.generate(PROMPT, tokens(100)).tokens();
            for (int round = 0; round < 3; round++) {
                CompletableFuture<Generation> together = Background.call(() -> a.generate(PROMPT, tokens(100)));
                assertThat(b.generate(PROMPT, tokens(100)).tokens()).isEqualTo(aloneB);
                assertThat(together.get().tokens()).isEqualTo(aloneA);
            }
        }
    }

    @Test
    void manyVirtualThreads_takeTurns() throws Exception {
        try (LemModel model = load()) {
            List<Integer> alone = model.generate(PROMPT, tokens(10)).tokens();
            List<Generation> all = Collections.synchronizedList(new ArrayList<>());
            List<Thread> callers = IntStream.range(0, 40)
                    .mapToObj(i -> Thread.ofVirtual().start(() -> all.add(model.generate(PROMPT, tokens(10)))))
                    .toList();
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(all)
                    .hasSize(40)
                    .allSatisfy(text -> assertThat(text.tokens()).isEqualTo(alone));
        }
    }

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void openingAndClosing_keepsNoMemoryAndNoThreads() throws Exception {
        openAndClose(20);
        long before = residentBytes();
        int threads = Thread.activeCount();
        openAndClose(100);
        // A hundred models that stayed would take more than twice this; the Java heap may grow by some of it.
        long most = before + (128L << 20);
        // Memory is given back, and threads end, a little after the call that caused it.
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while ((residentBytes() >= most || Thread.activeCount() > threads + 1) && System.nanoTime() < end) {
            System.gc();
            Thread.sleep(100);
        }
        assertThat(residentBytes()).isLessThan(most);
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 1);
    }

    private void openAndClose(int times) throws IOException {
        for (int i = 0; i < times; i++) {
            try (LemModel model = load()) {
                model.generate("a", tokens(2));
            }
        }
        System.gc();
    }

    private static long residentBytes() throws IOException {
        Path statm = Path.of("/proc/self/statm");
        if (!Files.exists(statm)) {
            return 0;
        }
        return Long.parseLong(Files.readString(statm).split(" ")[1]) * 4096;
    }

    @Test
    void severalThreads_giveTheTextOfOne() throws IOException {
        int processors = Runtime.getRuntime().availableProcessors();
        if (processors < 2) {
            Fixtures.skip("it needs two processors");
        }
        ModelOptions two =
                LemModelIT.ONE_THREAD.toBuilder().threads(2).batchThreads(1).build();
        try (LemModel one = load();
                LemModel several = LemModel.load(path, two)) {
            assertThat(several.info().compute().threads()).isEqualTo(2);
            assertThat(several.generate(PROMPT, tokens(30)).tokens())
                    .isEqualTo(one.generate(PROMPT, tokens(30)).tokens());
        }
    }

    @Test
    void progress_runsToTheEnd_andMayStopTheLoad() throws IOException {
        List<Double> fractions = new ArrayList<>();
        LemModel.load(
                        path,
                        LemModelIT.ONE_THREAD.toBuilder()
                                .progress(fractions::add)
                                .build())
                .close();
        assertThat(fractions).isSorted().endsWith(1.0);

        ModelOptions stopped = LemModelIT.ONE_THREAD.toBuilder()
                .progress(fraction -> fraction < 0.5)
                .build();
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> LemModel.load(path, stopped))
                .withMessageContaining("cancelled at");

        IllegalStateException mine = new IllegalStateException("no");
        ModelOptions throwing = LemModelIT.ONE_THREAD.toBuilder()
                .progress(fraction -> {
                    throw mine;
                })
                .build();
        assertThatIllegalStateException()
                .isThrownBy(() -> LemModel.load(path, throwing))
                .isSameAs(mine);
    }

    @Test
    void aDeviceThatIsAbsent_isRefusedWithWhatIsThere() {
        ModelOptions absent = LemModelIT.ONE_THREAD.toBuilder().device("CUDA7").build();
        assertThatExceptionOfType(DeviceUnavailableException.class)
                .isThrownBy(() -> LemModel.load(path, absent))
                .withMessageContaining("CUDA7")
                .withMessageContaining("CPU (");
    }

    @Test
    void gpuLayersOnAProcessor_areRefused() {
        for (GpuLayers layers : List.of(GpuLayers.ALL, GpuLayers.of(3))) {
            ModelOptions options =
                    LemModelIT.ONE_THREAD.toBuilder().gpuLayers(layers).build();
            assertThatExceptionOfType(DeviceUnavailableException.class)
                    .isThrownBy(() -> LemModel.load(path, options))
                    .withMessageContaining(layers.toString());
        }
    }

    @Test
    void aCacheThatTheMemoryCannotHold_isRefusedBeforeItIsAllocated() {
        for (int context : List.of(100_000_000, 2_000_000_000, Integer.MAX_VALUE)) {
            ModelOptions huge =
                    LemModelIT.ONE_THREAD.toBuilder().contextTokens(context).build();
            assertThatExceptionOfType(InsufficientMemoryException.class)
                    .isThrownBy(() -> LemModel.load(path, huge))
                    .withMessageContaining("context of " + context)
                    .satisfies(e -> assertThat(e.requiredBytes()).isGreaterThanOrEqualTo(context * 640L))
                    .satisfies(e -> assertThat(e.availableBytes()).isLessThan(e.requiredBytes()));
        }
    }

    @Test
    void theEstimateOfMemory_isWhatIsThenTaken() throws IOException {
        try (LemModel model = LemModel.load(
                path, LemModelIT.ONE_THREAD.toBuilder().contextTokens(4096).build())) {
            LoadPlan plan = new LoadPlan(path, LemModelIT.ONE_THREAD, 4096, 1, 1, List.of(), 0, Output.LOGITS);
            MemoryUse estimate = MemoryEstimator.estimate(plan).orElseThrow();
            assertThat(estimate.cacheBytes()).isEqualTo(model.info().context().kvBytes());
            assertThat(estimate.computeBytes()).isEqualTo(model.info().context().computeBytes());
        }
    }

    @Test
    void aContextLargerThanTrained_isAllowedWithAWarning() throws IOException {
        try (LemModel model = LemModel.load(
                path, LemModelIT.ONE_THREAD.toBuilder().contextTokens(2048).build())) {
            assertThat(model.info().context().tokens()).isEqualTo(2048);
            assertThat(model.info().warnings()).singleElement().asString().contains("2048", "512");
        }
        try (LemModel model = LemModel.load(
                path, LemModelIT.ONE_THREAD.toBuilder().contextTokens(0).build())) {
            assertThat(model.info().context().tokens()).isEqualTo(512);
            assertThat(model.info().warnings()).isEmpty();
        }
    }

    @Test
    void moreThreadsThanProcessors_areRefused() {
        int processors = Runtime.getRuntime().availableProcessors();
        ModelOptions many = ModelOptions.builder().threads(processors + 1).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LemModel.load(path, many))
                .withMessageContaining("threads is " + (processors + 1));
    }

    @Test
    void aQuantizedCacheThatDoesNotFitTheHeads_isATypedErrorWithTheReason() {
        ModelOptions quantized =
                LemModelIT.ONE_THREAD.toBuilder().kvType(KvType.Q8_0).build();
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> LemModel.load(path, quantized))
                .withMessageContaining("block size 32");
    }

    @Test
    void missingFilesFoldersAndGarbage_areTypedErrors() throws IOException {
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> LemModel.load(folder.resolve("absent.gguf")));
        assertThatExceptionOfType(InvalidModelException.class).isThrownBy(() -> LemModel.load(folder));
        Path garbage = Files.write(folder.resolve("x.gguf"), new byte[100]);
        assertThatExceptionOfType(InvalidModelException.class).isThrownBy(() -> LemModel.load(garbage));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> LemModel.load(Fixtures.require("robustness/incomplete-tiny.gguf")));
    }

    @Test
    void aMappedFileThatShrinks_isNoticedBeforeItIsRead() throws IOException {
        Path copy = Files.copy(path, folder.resolve("copy.gguf"));
        try (LemModel model = LemModel.load(copy, LemModelIT.ONE_THREAD);
                FileChannel file = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            model.requireUsable();
            file.truncate(file.size() - 1);
            assertThatIllegalStateException().isThrownBy(model::requireUsable).withMessageContaining("shrunk");
            assertThatIllegalStateException()
                    .isThrownBy(() -> model.generate(PROMPT, GenerationOptions.defaults()))
                    .withMessageContaining("shrunk");
        }
    }

    @Test
    void withoutMapping_theFileMayChange() throws IOException {
        Path copy = Files.copy(path, folder.resolve("copy.gguf"));
        try (LemModel model = LemModel.load(
                        copy, LemModelIT.ONE_THREAD.toBuilder().mmap(false).build());
                FileChannel file = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            file.truncate(100);
            assertThat(model.generate(PROMPT, tokens(20)).generatedTokens()).isEqualTo(20);
        }
    }

    @Test
    void aDeletedFile_staysMapped() throws IOException {
        Path copy = Files.copy(path, folder.resolve("copy.gguf"));
        try (LemModel model = LemModel.load(copy, LemModelIT.ONE_THREAD)) {
            Files.delete(copy);
            assertThat(model.generate(PROMPT, tokens(20)).generatedTokens()).isEqualTo(20);
        }
    }
}
