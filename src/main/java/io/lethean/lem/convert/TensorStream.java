package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.FileRange;
import io.lethean.lem.internal.checkpoint.Rows;
import io.lethean.lem.internal.gguf.FileCopy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes tensors block by block: several threads read and convert blocks while one writes them in order. A tensor that
 * stays as it is in the checkpoint is copied by the operating system.
 */
final class TensorStream implements AutoCloseable {

    private final ExecutorService workers;
    private final Queue<RowEncoder> free = new ArrayDeque<>();
    private final Queue<Pending> pending = new ArrayDeque<>();

    private record Pending(RowEncoder encoder, Future<ByteBuffer> bytes) {}

    TensorStream(int threads) {
        workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("lem-convert-", 0).factory());
        for (int i = 0; i < 2 * threads; i++) {
            free.add(new RowEncoder());
        }
    }

    void write(PlannedTensor tensor, WritableByteChannel channel) throws IOException {
        Rows rows = tensor.rows();
        Optional<FileRange> range = rows.type() == tensor.type() ? rows.range() : Optional.empty();
        if (range.isPresent()) {
            FileCopy.copy(
                    range.get().channel(), range.get().position(), range.get().bytes(), channel);
            return;
        }
        if (rows.type() == tensor.type() && rows.isPlain()) {
            writeHere(tensor, channel);
            return;
        }
        try {
            int block = RowEncoder.blockRows(rows);
            for (long row = 0; row < rows.count(); row += block) {
                if (free.isEmpty()) {
                    writeOldest(channel);
                }
                submit(tensor, row, (int) Math.min(block, rows.count() - row));
            }
            while (!pending.isEmpty()) {
                writeOldest(channel);
            }
        } finally {
            abandon();
        }
    }

    private void writeHere(PlannedTensor tensor, WritableByteChannel channel) throws IOException {
        Rows rows = tensor.rows();
        RowEncoder encoder = free.element();
        int block = RowEncoder.blockRows(rows);
        for (long row = 0; row < rows.count(); row += block) {
            int count = (int) Math.min(block, rows.count() - row);
            writeAll(encoder.encode(rows, row, count, tensor.type()), channel);
        }
    }

    private static void writeAll(ByteBuffer bytes, WritableByteChannel channel) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private void submit(PlannedTensor tensor, long row, int count) {
        RowEncoder encoder = free.remove();
        pending.add(
                new Pending(encoder, workers.submit(() -> encoder.encode(tensor.rows(), row, count, tensor.type()))));
    }

    private void writeOldest(WritableByteChannel channel) throws IOException {
        writeAll(await(pending.element().bytes()), channel);
        free.add(pending.remove().encoder());
    }

    /** After a failure: what is under way is waited for, since it uses the blocks. */
    private void abandon() {
        while (!pending.isEmpty()) {
            Pending next = pending.remove();
            try {
                await(next.bytes());
            } catch (IOException | RuntimeException e) {
                // The first failure is already on its way to the caller.
            }
            free.add(next.encoder());
        }
    }

    private static ByteBuffer await(Future<ByteBuffer> bytes) throws IOException {
        try {
            return bytes.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The conversion was interrupted; nothing was written.");
        } catch (ExecutionException e) {
            switch (Objects.requireNonNull(e.getCause())) {
                case IOException failed -> throw failed;
                case RuntimeException failed -> throw failed;
                case Error failed -> throw failed;
                case Throwable other -> throw new AssertionError("Blocks throw nothing else.", other);
            }
        }
    }

    @Override
    public void close() {
        workers.close();
    }
}
