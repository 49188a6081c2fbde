package io.lethean.lem.quantize;

import io.lethean.lem.internal.gguf.GgufTensorData;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Rewrites tensors block of rows by block: several threads read and change blocks while one writes them in order.
 *
 * <p>The memory taken is that of a few blocks, whatever the size of the tensors. Used by one thread; {@link #close()}
 * frees the memory and ends the others.
 */
final class RowStream implements AutoCloseable {

    /** Values in a block: few enough that its floats stay in a core's cache from one step to the next. */
    static final long BLOCK_NUMBERS = 1 << 17;

    private final GgufTensorData data;
    private final Arena arena = Arena.ofShared();
    private final ExecutorService workers;
    private final Queue<RowBlock> free = new ArrayDeque<>();
    private final Queue<Pending> pending = new ArrayDeque<>();

    private record Pending(RowBlock block, Future<RowErrors> errors) {}

    /**
     * @param data where the tensors are read; stays open until this is closed
     * @param rewrites all that will be rewritten
     */
    RowStream(GgufTensorData data, List<TensorRewrite> rewrites, int threads) {
        this.data = data;
        this.workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("lem-convert-", 0).factory());
        for (int i = 0; i < 2 * threads; i++) {
            free.add(new RowBlock(arena, rewrites));
        }
    }

    /**
     * Writes a tensor's rows, changed, to a channel.
     *
     * @return how far what was written is from what was to be written
     */
    RowErrors write(TensorRewrite rewrite, RowChange change, WritableByteChannel channel) throws IOException {
        RowErrors errors = RowErrors.NONE;
        try {
            int blockRows = rewrite.blockRows();
            long rows = rewrite.rows();
            for (long row = 0; row < rows; row += blockRows) {
                if (free.isEmpty()) {
                    errors = errors.plus(writeOldest(channel));
                }
                submit(rewrite, change, row, (int) Math.min(blockRows, rows - row));
            }
            while (!pending.isEmpty()) {
                errors = errors.plus(writeOldest(channel));
            }
            return errors;
        } finally {
            abandon();
        }
    }

    private void submit(TensorRewrite rewrite, RowChange change, long firstRow, int rows) {
        RowBlock block = free.remove();
        pending.add(new Pending(block, workers.submit(() -> block.process(rewrite, change, data, firstRow, rows))));
    }

    private RowErrors writeOldest(WritableByteChannel channel) throws IOException {
        Pending oldest = pending.element();
        RowErrors errors = await(oldest.errors());
        ByteBuffer bytes = oldest.block().bytes();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        free.add(pending.remove().block());
        return errors;
    }

    /** After a failure: what is under way is waited for, since it uses the blocks. */
    private void abandon() {
        while (!pending.isEmpty()) {
            Pending next = pending.remove();
            try {
                await(next.errors());
            } catch (IOException | RuntimeException e) {
                // The first failure is already on its way to the caller.
            }
            free.add(next.block());
        }
    }

    private static RowErrors await(Future<RowErrors> errors) throws IOException {
        try {
            return errors.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The conversion was interrupted; nothing was written.");
        } catch (ExecutionException e) {
            throw rethrown(Objects.requireNonNull(e.getCause()));
        }
    }

    private static IOException rethrown(Throwable cause) throws IOException {
        switch (cause) {
            case IOException e -> throw e;
            case UncheckedIOException e -> throw e.getCause();
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError("Blocks throw nothing else.", cause);
        }
    }

    @Override
    public void close() {
        workers.close();
        arena.close();
    }
}
