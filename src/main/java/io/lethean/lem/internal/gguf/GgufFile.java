package io.lethean.lem.internal.gguf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The header of a GGUF model: metadata and tensor descriptions, in memory of its own.
 *
 * <p>The tensors' data stay in the file; {@link GgufTensorData} reads them. A model split into parts is read as one from
 * its first part: the metadata are the first part's, the tensors those of all parts in order.
 */
public final class GgufFile {

    private final List<GgufHeader> parts;
    private final List<GgufTensor> tensors;
    private final Map<String, GgufTensor> byName;

    private GgufFile(List<GgufHeader> parts) {
        this.parts = List.copyOf(parts);
        this.tensors = parts.stream().flatMap(part -> part.tensors().stream()).toList();
        this.byName = tensors.stream().collect(Collectors.toMap(GgufTensor::name, Function.identity()));
    }

    /**
     * Reads the header of a file, and those of the other parts of a split model.
     *
     * @throws io.lethean.lem.InvalidModelException if a header breaks a rule of the format
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws IOException if reading fails
     */
    public static GgufFile read(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw ForeignFolder.refusal(path);
        }
        GgufHeader first = GgufHeader.read(path, 0);
        long count = SplitName.count(first);
        if (count <= 1) {
            return new GgufFile(List.of(first));
        }
        return new GgufFile(otherParts(first, (int) count));
    }

    /**
     * Reads the header of a model, as {@link #read} does.
     *
     * @throws io.lethean.lem.InvalidModelException if a header breaks a rule of the format, or the file is an adapter
     * @throws java.nio.file.NoSuchFileException saying what to do if there is no such file
     * @throws IOException if reading fails
     */
    public static GgufFile readModel(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw ForeignFile.missing(path);
        }
        GgufFile file = read(path);
        if (GgufReport.isAdapter(file)) {
            throw ForeignFile.adapterAsModel(path);
        }
        return file;
    }

    private static List<GgufHeader> otherParts(GgufHeader first, int count) throws IOException {
        SplitName name = SplitName.of(first, count);
        List<GgufHeader> parts = new ArrayList<>(List.of(first));
        for (int part = 1; part < count; part++) {
            Path path = name.part(part);
            if (!Files.isRegularFile(path)) {
                throw GgufRule.SPLIT.refuse(
                        first.path(), "part " + (part + 1) + " of " + count + " is missing: " + path);
            }
            GgufHeader header = GgufHeader.read(path, part);
            SplitName.requireNumber(header, part);
            parts.add(header);
        }
        requireComplete(first, parts);
        return parts;
    }

    private static void requireComplete(GgufHeader first, List<GgufHeader> parts) {
        Set<String> names = new HashSet<>();
        for (GgufHeader part : parts) {
            for (GgufTensor tensor : part.tensors()) {
                if (!names.add(tensor.name())) {
                    throw GgufRule.SPLIT.refuse(part.path(), "tensor " + tensor.name() + " is in an earlier part too");
                }
            }
        }
        SplitName.requireTensorCount(first, names.size());
    }

    /** The file that was named: the first part of a split model. */
    public Path path() {
        return parts.getFirst().path();
    }

    /** The files of the model in order; one, unless it is split. */
    public List<Path> paths() {
        return parts.stream().map(GgufHeader::path).toList();
    }

    /** The format version: 2 or 3. */
    public int version() {
        return parts.getFirst().version();
    }

    /** Bytes to a multiple of which each tensor's data are padded. */
    public long alignment() {
        return parts.getFirst().alignment();
    }

    /** The metadata. */
    public GgufMetadata metadata() {
        return parts.getFirst().metadata();
    }

    /** The tensors in the order of the file. */
    public List<GgufTensor> tensors() {
        return tensors;
    }

    /** The tensor of this name. */
    public Optional<GgufTensor> tensor(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The size of all files in bytes. */
    public long fileSize() {
        return parts.stream().mapToLong(GgufHeader::fileSize).sum();
    }

    /** Where the data section of the first file starts, in bytes. */
    public long dataOffset() {
        return parts.getFirst().dataOffset();
    }

    /** Where the tensor's data start in its file, in bytes. */
    public long dataOffset(GgufTensor tensor) {
        return parts.get(tensor.part()).dataOffset() + tensor.offset();
    }

    /** The size of all tensors' data in bytes, padding not counted. */
    public long tensorBytes() {
        return tensors.stream().mapToLong(GgufTensor::bytes).sum();
    }

    /** The number of all tensors' elements. */
    public long parameterCount() {
        return tensors.stream().mapToLong(GgufTensor::elements).sum();
    }

    List<GgufHeader> parts() {
        return parts;
    }
}
