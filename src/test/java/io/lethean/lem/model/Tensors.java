package io.lethean.lem.model;

import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** Weights of test models. */
final class Tensors {

    private Tensors() {}

    /** The values of a tensor of type F32. */
    static float[] read(Path path, String name) throws IOException {
        GgufFile file = GgufFile.readModel(path);
        try (GgufTensorData data = GgufTensorData.open(file)) {
            byte[] bytes = data.bytes(file.tensor(name).orElseThrow());
            float[] values = new float[bytes.length / Float.BYTES];
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values);
            return values;
        }
    }
}
