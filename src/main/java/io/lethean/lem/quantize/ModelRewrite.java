package io.lethean.lem.quantize;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.GgufTensorData;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/** A model file written again with some of its tensors changed and all others byte for byte as they were. */
final class ModelRewrite {

    private static final List<String> SPLIT_KEYS = List.of("split.no", "split.count", "split.tensors.count");
    private static final String QUANTIZATION_VERSION_KEY = "general.quantization_version";

    /** The version of the block formats that the pinned release writes. */
    private static final int QUANTIZATION_VERSION = 2;

    private final GgufFile file;
    private final Map<String, TensorRewrite> rewrites;
    private final Function<String, RowChange> changes;
    private final int threads;
    private final ConvertProgress progress;
    private Map<String, GgufValue> added = Map.of();

    /**
     * @param rewrites the tensors to change, by name
     * @param changes what to do with a tensor's rows; asked for one tensor at a time, when it is written
     */
    ModelRewrite(
            GgufFile file,
            Map<String, TensorRewrite> rewrites,
            Function<String, RowChange> changes,
            int threads,
            ConvertProgress progress) {
        this.file = file;
        this.rewrites = rewrites;
        this.changes = changes;
        this.threads = threads;
        this.progress = progress;
    }

    /** Adds values to the output's metadata. */
    ModelRewrite adding(Map<String, GgufValue> metadata) {
        added = Map.copyOf(metadata);
        return this;
    }

    /**
     * Writes the output, whole or not at all.
     *
     * @return for each changed tensor, how far what was written is from what was to be written
     * @throws IllegalArgumentException if the output is one of the input's files
     * @throws IOException if the input cannot be read or the output not be written; an older output is then as it was
     */
    Map<String, RowErrors> write(Path output) throws IOException {
        for (Path input : file.paths()) {
            requireNot(input, output);
        }
        Path folder = requireFolder(output);
        Files.createDirectories(folder);
        requireRoom(folder, output);
        Map<String, RowErrors> errors = new LinkedHashMap<>();
        try (GgufTensorData data = GgufTensorData.open(file);
                RowStream stream = new RowStream(data, List.copyOf(rewrites.values()), threads)) {
            GgufWriter writer = metadata();
            for (GgufTensor tensor : file.tensors()) {
                add(writer, tensor, data, stream, errors);
            }
            // What is new can be made again from its inputs; what replaces an older file must not lose both.
            writer.forced(Files.exists(output)).write(output);
        }
        return errors;
    }

    /** Fails if the output is this input, by whatever path it is named. */
    static void requireNot(Path input, Path output) throws IOException {
        if (Files.exists(output) && Files.isSameFile(input, output)) {
            throw new IllegalArgumentException("The output " + output + " is the input " + input
                    + ", which is never overwritten; choose another file.");
        }
    }

    /** The folder that a file of this name goes to. */
    private static Path requireFolder(Path output) throws IOException {
        Path folder = output.toAbsolutePath().getParent();
        if (folder == null || output.toString().isEmpty() || Files.isDirectory(output)) {
            throw new FileSystemException(
                    output.toString(), null, "it is a folder; name a file, such as " + output.resolve("model.gguf"));
        }
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        return folder;
    }

    private void requireRoom(Path folder, Path output) throws IOException {
        long needed = outputTensors().stream().mapToLong(GgufTensor::bytes).sum();
        long room = Files.getFileStore(folder).getUsableSpace();
        if (room < needed) {
            throw new FileSystemException(
                    output.toString(),
                    null,
                    "the output takes " + needed / 1_000_000 + " MB, and there are " + room / 1_000_000
                            + " MB free in its folder");
        }
    }

    private GgufWriter metadata() {
        GgufWriter writer = new GgufWriter().version(file.version()).putAll(file.metadata());
        SPLIT_KEYS.forEach(writer::remove);
        new TreeMap<>(added).forEach(writer::put);
        boolean sameTypes = rewrites.values().stream()
                .allMatch(each -> each.from().type() == each.to().type());
        if (!sameTypes) {
            FileType.of(outputTensors()).ifPresent(number -> writer.put(FileType.KEY, GgufValue.uint32(number)));
        }
        boolean quantizes =
                rewrites.values().stream().anyMatch(each -> each.to().type().isQuantized());
        if (quantizes && file.metadata().find(QUANTIZATION_VERSION_KEY).isEmpty()) {
            writer.put(QUANTIZATION_VERSION_KEY, GgufValue.uint32(QUANTIZATION_VERSION));
        }
        return writer;
    }

    private List<GgufTensor> outputTensors() {
        return file.tensors().stream()
                .map(tensor -> rewrites.containsKey(tensor.name())
                        ? new GgufTensor(tensor.name(), tensor.dims(), typeOf(tensor), 0, 0)
                        : tensor)
                .toList();
    }

    private GgmlType typeOf(GgufTensor tensor) {
        return Objects.requireNonNull(rewrites.get(tensor.name())).to().type();
    }

    private void add(
            GgufWriter writer,
            GgufTensor tensor,
            GgufTensorData data,
            RowStream stream,
            Map<String, RowErrors> errors) {
        TensorRewrite rewrite = rewrites.get(tensor.name());
        int number = file.tensors().indexOf(tensor) + 1;
        if (rewrite == null) {
            writer.tensor(tensor.name(), tensor.dims(), tensor.type(), channel -> {
                data.copy(tensor, channel);
                progress.tensorDone(tensor.name(), number, file.tensors().size());
            });
        } else {
            writer.tensor(tensor.name(), tensor.dims(), rewrite.to().type(), channel -> {
                errors.put(tensor.name(), stream.write(rewrite, changes.apply(tensor.name()), channel));
                progress.tensorDone(tensor.name(), number, file.tensors().size());
            });
        }
    }
}
