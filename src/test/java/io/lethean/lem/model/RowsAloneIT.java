package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.llama.CancelFlag;
import io.lethean.lem.internal.llama.NativeContext;
import io.lethean.lem.internal.llama.TokenBatch;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every logit of a text that is evaluated token by token, against calls of any width. On a processor with kernels for rows no form
 * may be missing: without them prompts would silently be evaluated in whole blocks.
 */
class RowsAloneIT {

    /** Longer than a tile of attention, several pieces of keys, and not a multiple of anything. */
    private static final int TOKENS = 333;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void libraries() {
        NativeLibraries.load();
    }

    private static Path file(String name) throws IOException {
        RandomModel written = switch (name) {
            case "heads" -> RandomModel.llama(2, 320, 5, 5, 512, 1000);
            case "qwen3" -> RandomModel.qwen3(2, 256, 4, 2, 512, 1000);
            case "gemma3" -> RandomModel.gemma3(6, 128, 4, 1, 256, 1000);
            case "gemma2" -> RandomModel.gemma2(4, 128, 4, 1, 256, 1000);
            default -> null;
        };
        if (written == null) {
            return RandomLlama.ofType(folder, name);
        }
        Path path = folder.resolve(name + ".gguf");
        written.type(GgmlType.Q8_0).write(path, 5);
        return path;
    }

    @ParameterizedTest
    @CsvSource({
        "f32, 1, AUTO, F16",
        "f16, 2, AUTO, F16",
        "bf16, 2, AUTO, F16",
        "q4_0, 1, AUTO, F16",
        "q4_1, 2, AUTO, F16",
        "q5_0, 2, AUTO, F16",
        "q5_1, 1, AUTO, F16",
        "q8_0, 2, AUTO, F16",
        "q4_k, 2, AUTO, F16",
        "q5_k, 1, AUTO, F16",
        "q6_k, 2, AUTO, F16",
        "iq4_nl, 2, AUTO, F16",
        "heads, 2, AUTO, F16",
        "qwen3, 2, AUTO, F16",
        "gemma3, 2, AUTO, F16",
        "gemma2, 2, AUTO, F16",
        "q8_0, 2, ON, Q8_0",
        "q8_0, 2, ON, F32",
        "q8_0, 2, ON, BF16",
        "q4_1, 2, OFF, F16",
    })
    void everyLogit_hasTheBitsOfATokenAlone(String name, int threads, FlashAttention flash, KvType cache)
            throws IOException {
        ModelOptions options = ModelOptions.builder()
                .threads(threads)
                .contextTokens(512)
                .flashAttention(flash)
                .kvTypeK(cache)
                .kvTypeV(cache)
                .device("cpu")
                .build();
        GgufFile file = GgufFile.read(file(name));
        try (ModelLoader.Loaded loaded = new ModelLoader(file, options).load()) {
            NativeContext context = loaded.context();
            context.watch(new CancelFlag());
            AppliedAdapters none = new AppliedAdapters(loaded.model(), context, new AdapterCache(file));
            new Steps(context, new PromptMemory(context, none), none::applied).prepare();
            assertThat(context.areRowsAlone()).isEqualTo(LlamaCpp.lem_has_row_products() == 1);
            if (!context.areRowsAlone()) {
                return;
            }
            Random random = new Random(3);
            int[] text = random.ints(TOKENS, 260, loaded.vocabulary().size()).toArray();
            List<float[]> alone = logits(context, text, () -> 1);

            assertSame(
                    logits(
                            context,
                            text,
                            () -> 1 + random.nextInt(context.batch().maxLogitRows())),
                    alone);
            assertSame(logits(context, text, () -> 8), alone);

            context.clear();
            assertThat(context.decode(text)).isTrue();
            assertSame(List.of(context.copyOfLogits()), List.of(alone.getLast()));
        }
    }

    private static List<float[]> logits(NativeContext context, int[] text, IntSupplier width) {
        List<float[]> logits = new ArrayList<>();
        context.clear();
        while (logits.size() < text.length) {
            TokenBatch batch = context.batch().clear();
            int from = logits.size();
            int to = Math.min(text.length, from + width.getAsInt());
            for (int i = from; i < to; i++) {
                batch.add(text[i], i, 0, true);
            }
            assertThat(context.decode(batch)).isTrue();
            for (int row = 0; row < batch.size(); row++) {
                logits.add(context.copyOfLogits(row));
            }
        }
        return logits;
    }

    private static void assertSame(List<float[]> found, List<float[]> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(Arrays.mismatch(found.get(i), expected.get(i)))
                    .as("token %d", i)
                    .isNegative();
        }
    }
}
