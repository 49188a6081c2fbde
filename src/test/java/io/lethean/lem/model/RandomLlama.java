package io.lethean.lem.model;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.quantize.Quantize;
import io.lethean.lem.quantize.QuantizeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** A random Llama with rows long enough for every type of weights. */
final class RandomLlama {

    /** What {@link RandomModel} writes itself. */
    private static final Set<String> WRITTEN = Set.of("f32", "f16", "bf16", "q8_0");

    private RandomLlama() {}

    /** The model in a type, such as q4_k_m; written into the folder at the first call. */
    static Path ofType(Path folder, String type) throws IOException {
        RandomModel llama = RandomModel.llama(2, 256, 4, 2, 512, 1000);
        Path path = folder.resolve("llama-" + type + ".gguf");
        if (Files.exists(path)) {
            return path;
        }
        if (WRITTEN.contains(type)) {
            llama.type(GgmlType.valueOf(type.toUpperCase(Locale.ROOT))).write(path, 5);
            return path;
        }
        Path full = folder.resolve("full-llama-" + type + ".gguf");
        llama.write(full, 5);
        Quantize.run(QuantizeOptions.of(full, path, type));
        return path;
    }
}
