package io.lethean.lem.jmh;

import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A random model with 100 million parameters in Q8_0 that never ends a text by itself. */
final class RandomModelFile {

    private static final Path FILE = Path.of("target/jmh/random-100m-q8_0-endless.gguf");
    private static final int END_OF_SEQUENCE = 2;

    private RandomModelFile() {}

    /** The model at this path, or the random one, written where necessary, if the path is empty. */
    static Path orThis(String path) throws IOException {
        if (!path.isEmpty()) {
            return Path.of(path);
        }
        if (!Files.exists(FILE)) {
            Files.createDirectories(FILE.toAbsolutePath().getParent());
            RandomModel.hundredMillion()
                    .writer(1)
                    .put("tokenizer.ggml.suppress_tokens", GgufArray.ofIntegers(GgufType.INT32, END_OF_SEQUENCE))
                    .write(FILE);
        }
        return FILE;
    }
}
