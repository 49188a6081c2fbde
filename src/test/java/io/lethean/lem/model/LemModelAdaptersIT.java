package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.Background;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterFormat;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.quantize.ConvertProgress;
import io.lethean.lem.quantize.Fuse;
import io.lethean.lem.quantize.FuseOptions;
import io.lethean.lem.quantize.OutputTypes;
import io.lethean.lem.quantize.Quantize;
import io.lethean.lem.quantize.QuantizeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters over a served model: what they add, and that nothing wrong with one harms the process or the model. */
class LemModelAdaptersIT {

    private static final int MUTATIONS = 500;
    private static final List<Integer> TOKENS = List.of(1, 300, 17, 42, 200, 9, 350, 128);

    @TempDir
    Path folder;

    private Path llama() throws IOException {
        Path path = folder.resolve("llama.gguf");
        RandomModel.llama(2, 64, 4, 2, 96, 400).type(GgmlType.F32).write(path, 1);
        return path;
    }

    private static LemModel load(Path path) throws IOException {
        return LemModel.load(
                path,
                ModelOptions.builder()
                        .threads(1)
                        .contextTokens(256)
                        .device("cpu")
                        .kvType(KvType.F32)
                        .flashAttention(FlashAttention.OFF)
                        .build());
    }

    private Path adapter(Path model, String name, long seed) throws IOException {
        return RandomAdapter.write(folder.resolve(name), model, 0.02, seed);
    }

    private static float[] logits(Path path, List<AdapterUse> uses) throws IOException {
        try (LemModel model = load(path)) {
            model.setAdapters(uses);
            return model.logits(TOKENS);
        }
    }

    private static double difference(float[] one, float[] other) {
        return IntStream.range(0, one.length)
                .mapToDouble(i -> Math.abs(one[i] - other[i]))
                .max()
                .orElseThrow();
    }

    @Test
    void adaptersAreExchangedWithoutLoadingTheModelAgain() throws IOException {
        Path path = llama();
        AdapterUse one = AdapterUse.of(adapter(path, "one.gguf", 1));
        AdapterUse two = AdapterUse.of(adapter(path, "two.gguf", 2));
        try (LemModel model = load(path)) {
            float[] bare = model.logits(TOKENS);
            model.setAdapters(List.of(one));
            float[] withOne = model.logits(TOKENS);
            model.setAdapters(List.of(two));
            float[] withTwo = model.logits(TOKENS);
            assertThat(model.adapters()).containsExactly(two);
            model.setAdapters(List.of(one));
            assertThat(model.logits(TOKENS)).isEqualTo(withOne);
            model.setAdapters(List.of());
            assertThat(model.logits(TOKENS)).isEqualTo(bare);
            assertThat(model.adapters()).isEmpty();
            assertThat(difference(bare, withOne)).isGreaterThan(0.1);
            assertThat(difference(withOne, withTwo)).isGreaterThan(0.1);
        }
    }

    @Test
    void likelihoodsAreThoseWithThePresentAdapters() throws IOException {
        Path path = llama();
        AdapterUse one = AdapterUse.of(adapter(path, "one.gguf", 1));
        List<List<Integer>> continuations = List.of(List.of(5), List.of(6, 7));
        try (LemModel model = load(path)) {
            List<LogLikelihood> bare = model.logLikelihood(TOKENS, continuations);
            model.setAdapters(List.of(one));
            List<LogLikelihood> adapted = model.logLikelihood(TOKENS, continuations);
            assertThat(adapted.getFirst().sum()).isCloseTo(new LogSoftmax(model.logits(TOKENS)).of(5), within(1e-3));
            assertThat(Math.abs(adapted.getFirst().sum() - bare.getFirst().sum()))
                    .isGreaterThan(0.01);
            model.setAdapters(List.of());
            assertThat(model.logLikelihood(TOKENS, continuations)).isEqualTo(bare);
        }
    }

    @Test
    void strengthZeroIsTheBareModelBitForBit() throws IOException {
        Path path = llama();
        AdapterUse nothing = new AdapterUse(adapter(path, "a.gguf", 1), 0);
        assertThat(logits(path, List.of(nothing))).isEqualTo(logits(path, List.of()));
    }

    @Test
    void severalAdaptersAnswerAsTheModelThatTheyAreMergedInto() throws IOException {
        Path path = llama();
        List<AdapterUse> uses = List.of(
                new AdapterUse(adapter(path, "one.gguf", 1), 0.5f),
                new AdapterUse(adapter(path, "two.gguf", 2), -0.75f));
        Path merged = folder.resolve("merged.gguf");
        Fuse.run(new FuseOptions(path, uses, merged, OutputTypes.KEEP, 1, ConvertProgress.NONE));
        assertThat(difference(logits(path, uses), logits(merged, List.of()))).isLessThan(1e-4);
    }

    @Test
    void oneAdapterTwiceCountsTwice() throws IOException {
        Path path = llama();
        Path file = adapter(path, "a.gguf", 1);
        float[] twice = logits(path, List.of(AdapterUse.of(file), AdapterUse.of(file)));
        assertThat(difference(twice, logits(path, List.of(new AdapterUse(file, 2)))))
                .isLessThan(1e-4);
    }

    @Test
    void adapterWorksOverAQuantizedAndTiedModel() throws IOException {
        Path path = folder.resolve("gemma.gguf");
        RandomModel.gemma3(2, 64, 4, 1, 96, 400).type(GgmlType.F32).tied(true).write(path, 5);
        Path quantized = folder.resolve("gemma-q8_0.gguf");
        Quantize.run(QuantizeOptions.of(path, quantized, "q8_0"));
        List<AdapterUse> uses = List.of(AdapterUse.of(adapter(path, "a.gguf", 1)));
        float[] exact = logits(path, uses);
        double effect = difference(exact, logits(path, List.of()));
        assertThat(difference(exact, logits(quantized, uses))).isLessThan(effect / 5);
    }

    @Test
    void foldersOfPeftAndMlxAnswerAsTheGgufFileAndLeaveNothingBehind() throws IOException {
        Path path = llama();
        Path file = adapter(path, "a.gguf", 1);
        ModelOutline outline = ModelOutline.read(path);
        float[] wanted = logits(path, List.of(AdapterUse.of(file)));
        Set<Path> before = temporaries();
        for (AdapterFormat format : List.of(AdapterFormat.PEFT, AdapterFormat.MLX)) {
            Path other = folder.resolve(format.name());
            AdapterFiles.write(AdapterFiles.read(file, outline), outline, format, other, "base");
            assertThat(logits(path, List.of(AdapterUse.of(other)))).isEqualTo(wanted);
        }
        assertThat(temporaries()).isEqualTo(before);
    }

    @Test
    void folderOf16BitFactorsAnswersAsTheMergedModel() throws IOException {
        Path path = llama();
        ModelOutline outline = ModelOutline.read(path);
        Path peft = folder.resolve("half");
        AdapterFiles.write(
                RandomAdapter.half(RandomAdapter.of(path, 0.02, 1)), outline, AdapterFormat.PEFT, peft, "base");
        List<AdapterUse> uses = List.of(AdapterUse.of(peft));
        Path merged = folder.resolve("merged.gguf");
        Fuse.run(new FuseOptions(path, uses, merged, OutputTypes.KEEP, 1, ConvertProgress.NONE));
        assertThat(difference(logits(path, uses), logits(merged, List.of()))).isLessThan(1e-4);
    }

    private static Set<Path> temporaries() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith(AdapterSource.TEMPORARY))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void whatCannotBeUsedIsNamed_andWhatWasThereStays() throws IOException {
        Path path = llama();
        Path good = adapter(path, "good.gguf", 1);
        try (LemModel model = load(path)) {
            model.setAdapters(List.of(AdapterUse.of(good)));
            float[] before = model.logits(TOKENS);
            Path gemma = folder.resolve("gemma.gguf");
            RandomModel.gemma3(1, 64, 4, 2, 96, 400).write(gemma, 1);
            assertRefused(
                    model, adapter(gemma, "gemma-a.gguf", 1), "for the architecture 'gemma3', the model is a 'llama'");
            Path wider = folder.resolve("wider.gguf");
            RandomModel.llama(2, 96, 4, 2, 96, 400).write(wider, 1);
            assertRefused(model, adapter(wider, "wider-a.gguf", 1), "do not fit the model's");
            Path deeper = folder.resolve("deeper.gguf");
            RandomModel.llama(3, 64, 4, 2, 96, 400).write(deeper, 1);
            assertRefused(model, adapter(deeper, "deeper-a.gguf", 1), "the model has no tensor blk.2.");
            assertRefused(model, draft("f64.gguf", GgmlType.F64, 8f, 0), "is of type f64");
            assertRefused(model, draft("nan.gguf", GgmlType.F32, Float.NaN, 0), "alpha is NaN");
            assertRefused(model, draft("alora.gguf", GgmlType.F32, 8f, 3), "activated LoRA");
            assertRefused(model, path, "general.type");
            assertThatThrownBy(() -> model.setAdapters(List.of(AdapterUse.of(folder.resolve("none")))))
                    .isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> model.setAdapters(List.of(AdapterUse.of(good), AdapterUse.of(folder))))
                    .isInstanceOf(InvalidModelException.class)
                    .hasMessageContaining("it is not an adapter");
            assertThat(model.logits(TOKENS)).isEqualTo(before);
            assertThat(model.adapters()).containsExactly(AdapterUse.of(good));
        }
    }

    private static void assertRefused(LemModel model, Path adapter, String reason) {
        assertThatThrownBy(() -> model.setAdapters(List.of(AdapterUse.of(adapter))))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(adapter.toString())
                .hasMessageContaining(reason);
    }

    private Path draft(String name, GgmlType type, float alpha, int invocationTokens) throws IOException {
        Path path = folder.resolve(name);
        int bytes = 64 * 4 * (type == GgmlType.F64 ? 8 : 4);
        GgufWriter writer = new GgufWriter()
                .put("general.type", "adapter")
                .put("general.architecture", "llama")
                .put("adapter.type", "lora")
                .put("adapter.lora.alpha", GgufValue.of(alpha));
        if (invocationTokens > 0) {
            long[] tokens = LongStream.range(0, invocationTokens).toArray();
            writer.put("adapter.alora.invocation_tokens", GgufArray.ofIntegers(GgufType.UINT32, tokens));
        }
        writer.tensor("blk.0.attn_q.weight.lora_a", List.of(64L, 4L), type, GgufWriter.TensorSource.of(new byte[bytes]))
                .tensor(
                        "blk.0.attn_q.weight.lora_b",
                        List.of(4L, 64L),
                        type,
                        GgufWriter.TensorSource.of(new byte[bytes]))
                .write(path);
        return path;
    }

    /** An update of a tied embedding would be multiplied by the head the wrong way round, on which ggml aborts. */
    @Test
    void updateOfATiedEmbeddingDoesNotReachLlamaCpp() throws IOException {
        Path path = folder.resolve("gemma.gguf");
        RandomModel.gemma3(1, 64, 4, 2, 96, 400).type(GgmlType.F32).tied(true).write(path, 1);
        Path file = folder.resolve("embedding.gguf");
        AdapterFiles.writeGguf(RandomAdapter.of(path, 0.02, 1, tensor -> tensor.startsWith("token_embd")), file);
        try (LemModel model = load(path)) {
            assertRefused(model, file, "is the output head as well");
            assertThat(model.logits(TOKENS)).hasSize(400);
        }
    }

    @Test
    void adapterOfNaNLeavesNoTraceOnceItIsGone() throws IOException {
        Path path = llama();
        Path file = RandomAdapter.writeNaN(folder.resolve("nan.gguf"));
        try (LemModel model = load(path)) {
            List<Integer> shorter = TOKENS.subList(0, 3);
            float[] before = model.logits(shorter);
            model.setAdapters(List.of(AdapterUse.of(file)));
            assertThat(model.logits(TOKENS)[0]).isNaN();
            model.setAdapters(List.of());
            assertThat(model.logits(shorter)).isEqualTo(before);
        }
    }

    @Test
    void runningGenerationEndsWithTheAdaptersThatItBeganWith() throws Exception {
        Path path = llama();
        AdapterUse use = AdapterUse.of(adapter(path, "a.gguf", 1));
        GenerationOptions options = GenerationOptions.builder().maxTokens(40).build();
        try (LemModel model = load(path)) {
            Generation bare = model.generate("abc", options);
            CountDownLatch speaking = new CountDownLatch(1);
            CompletableFuture<Generation> running =
                    Background.call(() -> model.generate("abc", options, piece -> speaking.countDown()));
            speaking.await();
            model.setAdapters(List.of(use));
            assertThat(running.get().tokens()).isEqualTo(bare.tokens());
            assertThat(model.generate("abc", options).tokens()).isNotEqualTo(bare.tokens());
        }
    }

    @Test
    void answersSideBySideAreThoseWithTheAdapterToo() throws IOException {
        Path path = llama();
        AdapterUse use = AdapterUse.of(adapter(path, "a.gguf", 1));
        GenerationOptions options = GenerationOptions.builder().maxTokens(12).build();
        ModelOptions parallel = ModelOptions.builder()
                .threads(1)
                .contextTokens(256)
                .device("cpu")
                .parallel(2)
                .build();
        try (LemModel model = LemModel.load(path, parallel)) {
            List<GenerationOutcome> bare = model.generateAll(List.of("abc", "xyz", "kl"), options);
            model.setAdapters(List.of(use));
            List<GenerationOutcome> adapted = model.generateAll(List.of("abc", "xyz", "kl"), options);
            assertThat(tokens(adapted)).doesNotContainAnyElementsOf(tokens(bare));
            assertThat(tokens(adapted).getLast())
                    .isEqualTo(model.generate("kl", options).tokens());
        }
    }

    private static List<List<Integer>> tokens(List<GenerationOutcome> outcomes) {
        return outcomes.stream().map(outcome -> outcome.orThrow().tokens()).toList();
    }

    @Test
    void closedModelTakesNoAdapter() throws IOException {
        Path path = llama();
        AdapterUse use = AdapterUse.of(adapter(path, "a.gguf", 1));
        LemModel model = load(path);
        model.setAdapters(List.of(use));
        model.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> model.setAdapters(List.of()))
                .withMessageContaining("closed");
    }

    @Test
    void damagedAdaptersAreRefusedOrApplied_andTheModelLivesOn() throws IOException {
        Path path = folder.resolve("small.gguf");
        RandomModel.llama(1, 32, 2, 1, 64, 400).type(GgmlType.F32).write(path, 1);
        Path file = adapter(path, "a.gguf", 1);
        byte[] original = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(11);
        int applied = 0;
        try (LemModel model = load(path)) {
            float[] bare = model.logits(TOKENS);
            for (int i = 0; i < MUTATIONS; i++) {
                Files.write(file, damaged(original, random));
                applied += isApplied(model, file) ? 1 : 0;
            }
            model.setAdapters(List.of());
            assertThat(model.logits(TOKENS)).isEqualTo(bare);
        }
        assertThat(applied).as("damaged adapters that are applied").isBetween(MUTATIONS / 10, MUTATIONS * 9 / 10);
    }

    @Test
    void damagedFoldersAreRefusedOrApplied_andTheModelLivesOn() throws IOException {
        Path path = folder.resolve("small.gguf");
        RandomModel.llama(1, 32, 2, 1, 64, 400).type(GgmlType.F32).write(path, 1);
        ModelOutline outline = ModelOutline.read(path);
        SplittableRandom random = new SplittableRandom(12);
        try (LemModel model = load(path)) {
            float[] bare = model.logits(TOKENS);
            for (AdapterFormat format : List.of(AdapterFormat.PEFT, AdapterFormat.MLX)) {
                Path damaged = folder.resolve(format.name());
                AdapterFiles.write(RandomAdapter.of(path, 0.02, 1), outline, format, damaged, "base");
                for (Path file : AdapterFiles.files(damaged)) {
                    byte[] original = Files.readAllBytes(file);
                    for (int i = 0; i < 40; i++) {
                        Files.write(file, damaged(original, random));
                        isApplied(model, damaged);
                    }
                    Files.write(file, original);
                }
                assertThat(isApplied(model, damaged)).isTrue();
            }
            model.setAdapters(List.of());
            assertThat(model.logits(TOKENS)).isEqualTo(bare);
        }
    }

    private static boolean isApplied(LemModel model, Path file) throws IOException {
        try {
            model.setAdapters(List.of(AdapterUse.of(file)));
            model.logits(TOKENS);
            return true;
        } catch (InvalidModelException refused) {
            assertThat(refused.getMessage()).contains(file.toString());
            return false;
        }
    }

    /** Damage to the header mostly, where lengths, types and names are. */
    private static byte[] damaged(byte[] original, SplittableRandom random) {
        byte[] bytes = original.clone();
        int header = Math.min(bytes.length, 1600);
        switch (random.nextInt(5)) {
            case 0 -> bytes[random.nextInt(header)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            case 2 -> bytes = Arrays.copyOf(bytes, bytes.length - random.nextInt(200));
            case 3 -> {
                int at = random.nextInt(header - 16);
                bytes[at] = (byte) random.nextInt(12);
                Arrays.fill(bytes, at + 1, at + 4, (byte) 0);
            }
            default -> {
                int at = random.nextInt(header - 8);
                Arrays.fill(bytes, at, at + 1 + random.nextInt(8), (byte) random.nextInt(256));
            }
        }
        return bytes;
    }
}
