package io.lethean.lem.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.Factor;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What our checks let through must not end the process inside llama.cpp. */
class MutatedAdapterIT {

    private static final int MUTATIONS = 500;

    @TempDir
    Path folder;

    @Test
    void damagedAdapterThatPassesOurChecksIsLoadedOrRefusedByLlamaCpp() throws IOException {
        Path model = folder.resolve("model.gguf");
        RandomModel.llama(1, 32, 2, 1, 64, 400).type(GgmlType.F32).write(model, 1);
        ModelOutline outline = ModelOutline.read(model);
        Path file = folder.resolve("adapter.gguf");
        AdapterFiles.writeGguf(adapter(outline), file);
        byte[] original = Files.readAllBytes(file);
        NativeLibraries.load();
        SplittableRandom random = new SplittableRandom(3);
        int passed = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment loaded = LlamaCpp.llama_model_load_from_file(
                    arena.allocateFrom(model.toString()), LlamaCpp.llama_model_default_params(arena));
            for (int i = 0; i < MUTATIONS; i++) {
                Files.write(file, mutated(original, random));
                if (isAccepted(file, outline)) {
                    passed++;
                    LlamaCpp.llama_adapter_lora_init(loaded, arena.allocateFrom(file.toString()));
                }
            }
            LlamaCpp.llama_model_free(loaded);
        }
        assertThat(passed).as("damaged adapters that reach llama.cpp").isBetween(MUTATIONS / 10, MUTATIONS);
    }

    private static Adapter adapter(ModelOutline outline) {
        List<LoraPair> pairs = new ArrayList<>();
        for (String part : List.of("attn_q", "attn_v", "ffn_down")) {
            String tensor = "blk.0." + part + ".weight";
            List<Long> shape = outline.shape(tensor).orElseThrow();
            int inputs = shape.get(0).intValue();
            int outputs = shape.get(1).intValue();
            pairs.add(new LoraPair(
                    tensor,
                    Factor.of(2, inputs, new float[2 * inputs]),
                    Factor.of(outputs, 2, new float[2 * outputs])));
        }
        return Adapter.of(outline.architecture(), 4, pairs);
    }

    private static boolean isAccepted(Path file, ModelOutline outline) {
        try {
            AdapterFiles.read(file, outline);
            return true;
        } catch (InvalidModelException | IOException e) {
            return false;
        }
    }

    /** Damage to the header mostly, where lengths, types and names are. */
    private static byte[] mutated(byte[] original, SplittableRandom random) {
        byte[] bytes = original.clone();
        int header = Math.min(bytes.length, 700);
        switch (random.nextInt(4)) {
            case 0 -> bytes[random.nextInt(header)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            case 2 -> bytes = Arrays.copyOf(bytes, bytes.length - random.nextInt(40));
            default -> {
                int at = random.nextInt(header - 8);
                Arrays.fill(bytes, at, at + 1 + random.nextInt(8), (byte) random.nextInt(256));
            }
        }
        return bytes;
    }
}
