package io.lethean.lem.internal.llama;

import io.lethean.lem.internal.ggml.TensorCodec;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * Tokens of a pair as vectors that carry their token type.
 *
 * <p>llama.cpp adds the embedding of type 0 to every token. A cross-encoder of the form of BERT was trained with type 1 in
 * the document. So the vector of a document's token is its embedding plus the difference of the two types.
 */
public final class SegmentedTokens implements AutoCloseable {

    private final GgufTensorData data;
    private final GgufTensor tokens;
    private final float[] difference;

    /**
     * @param file a model with at least two token types
     * @throws IOException if the embeddings of the types cannot be read
     */
    public SegmentedTokens(GgufFile file) throws IOException {
        data = GgufTensorData.open(file);
        try {
            tokens = file.tensor("token_embd.weight").orElseThrow();
            GgufTensor types = file.tensor("token_types.weight").orElseThrow();
            difference = row(types, 1);
            float[] zero = row(types, 0);
            for (int i = 0; i < difference.length; i++) {
                difference[i] -= zero[i];
            }
        } catch (IOException | RuntimeException failed) {
            data.close();
            throw failed;
        }
    }

    /**
     * The vectors of tokens.
     *
     * @param ids tokens of the vocabulary
     * @param second where the second text begins
     */
    public float[][] vectors(int[] ids, int second) throws IOException {
        float[][] vectors = new float[ids.length][];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = row(tokens, ids[i]);
            for (int j = 0; i >= second && j < difference.length; j++) {
                vectors[i][j] += difference[j];
            }
        }
        return vectors;
    }

    private float[] row(GgufTensor matrix, int row) throws IOException {
        int columns = (int) matrix.dim(0);
        int bytes = (int) matrix.type().rowBytes(columns);
        ByteBuffer packed = ByteBuffer.allocateDirect(bytes);
        data.read(matrix, (long) row * bytes, packed);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(ValueLayout.JAVA_FLOAT, columns);
            new TensorCodec(matrix.type()).decode(MemorySegment.ofBuffer(packed.flip()), values, columns);
            return values.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    @Override
    public void close() throws IOException {
        data.close();
    }
}
