package io.lethean.lem.internal.engine;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.Buffer;
import io.lethean.lem.internal.ggml.Shape;
import io.lethean.lem.internal.ggml.Tensor;
import io.lethean.lem.internal.ggml.TensorCodec;
import io.lethean.lem.internal.ggml.TensorContext;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Owns the frozen weights of a model. On the CPU they are used where the mapped file has them, in any type and
 * without a copy; a device with memory of its own gets a copy.
 *
 * <p>The file must not be cut short while it is in use: the operating system ends a process that reads past its end.
 */
final class BaseWeights implements AutoCloseable {

    private final Arena mapping = Arena.ofShared();
    private final List<MemorySegment> parts = new ArrayList<>();
    private final List<Buffer> buffers = new ArrayList<>();
    private final Map<String, Tensor> tensors = new HashMap<>();
    private final TensorContext context;
    private final GgufFile file;

    private BaseWeights(GgufFile file) {
        this.file = file;
        context = new TensorContext(file.tensors().size());
    }

    /** Opens the weights of a model for a backend. */
    static BaseWeights open(GgufFile file, Backend backend) throws IOException {
        BaseWeights weights = new BaseWeights(file);
        try {
            weights.map();
            weights.describe();
            if (backend.usesHostMemory()) {
                weights.placeInFile(backend);
            } else {
                weights.copyTo(backend);
            }
            return weights;
        } catch (IOException | RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private void map() throws IOException {
        for (Path path : file.paths()) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                parts.add(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), mapping));
            }
        }
    }

    private void describe() {
        for (GgufTensor tensor : file.tensors()) {
            data(tensor);
            tensors.put(tensor.name(), context.tensor(tensor.name(), tensor.type(), shape(tensor)));
        }
    }

    private void placeInFile(Backend backend) {
        for (MemorySegment part : parts) {
            buffers.add(backend.borrow(part));
        }
        for (GgufTensor tensor : file.tensors()) {
            buffers.get(tensor.part()).place(get(tensor.name()), file.dataOffset(tensor));
        }
    }

    private void copyTo(Backend backend) {
        buffers.add(backend.allocate(context, "the weights of " + file.path()));
        for (GgufTensor tensor : file.tensors()) {
            get(tensor.name()).setBytes(data(tensor));
        }
    }

    /** The bytes of a tensor in the mapped file. */
    MemorySegment data(GgufTensor tensor) {
        MemorySegment part = parts.get(tensor.part());
        long offset = file.dataOffset(tensor);
        if (tensor.bytes() > part.byteSize() - offset) {
            throw new InvalidModelException(
                    "complete",
                    "The file " + file.paths().get(tensor.part()) + " ends within" + " the tensor " + tensor.name()
                            + "; copy or download it again.");
        }
        return part.asSlice(offset, tensor.bytes());
    }

    /** The square of the norm of each row of a matrix. */
    double[] squaredRowNorms(String name) {
        GgufTensor tensor = file.tensor(name).orElseThrow();
        int columns = Math.toIntExact(tensor.dim(0));
        double[] squares = new double[Math.toIntExact(tensor.rows())];
        MemorySegment bytes = data(tensor);
        long rowBytes = tensor.type().rowBytes(columns);
        TensorCodec codec = new TensorCodec(tensor.type());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment row = arena.allocate((long) columns * Float.BYTES, 64);
            for (int i = 0; i < squares.length; i++) {
                codec.decode(bytes.asSlice(i * rowBytes, rowBytes), row, columns);
                double square = 0;
                for (int column = 0; column < columns; column++) {
                    double value = row.getAtIndex(ValueLayout.JAVA_FLOAT, column);
                    square += value * value;
                }
                squares[i] = square;
            }
        }
        return squares;
    }

    GgufFile file() {
        return file;
    }

    boolean has(String name) {
        return tensors.containsKey(name);
    }

    /** The tensor of this name. */
    Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new InvalidModelException(
                    "trainable",
                    "The model " + file.path() + " has no tensor " + name + ", which its architecture "
                            + file.metadata().architecture() + " needs.");
        }
        return tensor;
    }

    /** The tensor of this name; its shape must be the expected one. */
    Tensor get(String name, Shape expected) {
        Tensor tensor = get(name);
        if (!tensor.shape().equals(expected)) {
            throw new InvalidModelException(
                    "trainable",
                    "The tensor " + tensor + " of " + file.path() + " should have the shape " + expected + ".");
        }
        return tensor;
    }

    private static Shape shape(GgufTensor tensor) {
        return new Shape(tensor.dim(0), tensor.dim(1), tensor.dim(2), tensor.dim(3));
    }

    @Override
    public void close() {
        buffers.forEach(Buffer::close);
        context.close();
        if (mapping.scope().isAlive()) {
            mapping.close();
        }
    }
}
