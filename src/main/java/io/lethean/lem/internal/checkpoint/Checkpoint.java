package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.io.OpenFiles;
import io.lethean.lem.internal.safetensors.ElementType;
import io.lethean.lem.internal.safetensors.SafetensorsEntry;
import io.lethean.lem.internal.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors of a model folder, in the order of its files and of their headers.
 *
 * <p>The files stay open until {@link #close()}. They are read and not mapped, so that a file that is cut short meanwhile
 * is an {@link IOException}.
 */
public final class Checkpoint implements AutoCloseable {

    private final OpenFiles channels = new OpenFiles();
    private final List<SourceTensor> tensors = new ArrayList<>();
    private final List<Path> files;

    private Checkpoint(List<Path> files) {
        this.files = List.copyOf(files);
    }

    /**
     * Opens the safetensors files of a folder.
     *
     * @throws io.lethean.lem.InvalidModelException if one is missing or damaged, or the index and the files disagree
     * @throws IOException if reading fails
     */
    public static Checkpoint open(ModelFolder folder) throws IOException {
        ShardList shards = ShardList.of(folder);
        List<SafetensorsFile> headers = new ArrayList<>();
        for (Path file : shards.files()) {
            headers.add(SafetensorsFile.open(file));
        }
        shards.requireConsistent(headers);
        Checkpoint checkpoint = new Checkpoint(shards.files());
        try {
            for (SafetensorsFile header : headers) {
                checkpoint.add(header);
            }
            return checkpoint;
        } catch (IOException | RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    private void add(SafetensorsFile header) throws IOException {
        FileChannel channel = channels.open(header.path());
        for (SafetensorsEntry entry : header.entries()) {
            long columns = entry.shape().isEmpty() ? 1 : entry.shape().getLast();
            if (columns > Integer.MAX_VALUE / Double.BYTES) {
                throw tensor(header, entry, emptyRows(header, channel))
                        .refuse("checkpoint-shape", "has rows of " + columns + " values, too long to be converted");
            }
            long count = columns == 0 ? 0 : entry.elements() / columns;
            Rows rows = new FileRows(
                    header.path(), channel, header.dataStart() + entry.begin(), storage(entry.type()), count, (int)
                            columns);
            boolean isDouble = entry.type() == ElementType.F64;
            tensors.add(tensor(header, entry, isDouble ? new NarrowedRows(rows) : rows));
        }
    }

    private static Rows emptyRows(SafetensorsFile header, FileChannel channel) {
        return new FileRows(header.path(), channel, 0, GgmlType.I8, 0, 0);
    }

    private static SourceTensor tensor(SafetensorsFile header, SafetensorsEntry entry, Rows rows) {
        return new SourceTensor(entry.name(), entry.shape(), entry.type(), rows, header.path());
    }

    private static GgmlType storage(ElementType type) {
        return switch (type) {
            case F64 -> GgmlType.F64;
            case F32 -> GgmlType.F32;
            case F16 -> GgmlType.F16;
            case BF16 -> GgmlType.BF16;
            case I64, U64 -> GgmlType.I64;
            case I32, U32 -> GgmlType.I32;
            case I16, U16 -> GgmlType.I16;
            case I8, U8, BOOL, F8_E4M3, F8_E5M2 -> GgmlType.I8;
        };
    }

    /** The tensors in the order in which llama.cpp's converter reads them. */
    public List<SourceTensor> tensors() {
        return List.copyOf(tensors);
    }

    /** The safetensors files. */
    public List<Path> files() {
        return files;
    }

    @Override
    public void close() throws IOException {
        channels.close();
    }
}
