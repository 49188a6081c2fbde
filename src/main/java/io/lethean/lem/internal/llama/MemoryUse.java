package io.lethean.lem.internal.llama;

import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.lem_memory_row;
import io.lethean.lem.internal.llama.NativeText.ErrorBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What a model and its context take, by kind of memory, as llama.cpp accounts for it.
 *
 * @param rows one per kind of memory
 */
public record MemoryUse(List<Row> rows) {

    private static final int MAX_ROWS = 64;

    /**
     * @param device name of the device that the memory belongs to
     * @param host whether it is the processor's memory
     * @param mappable whether the weights in it are pages of the file where the file is mapped
     * @param weights bytes of weights
     * @param cache bytes of the KV cache
     * @param compute bytes of intermediate results
     */
    public record Row(String device, boolean host, boolean mappable, long weights, long cache, long compute) {

        static Row from(MemorySegment row) {
            return new Row(
                    lem_memory_row.device(row).getString(0),
                    lem_memory_row.host(row),
                    lem_memory_row.mappable(row),
                    lem_memory_row.model(row),
                    lem_memory_row.context(row),
                    lem_memory_row.compute(row));
        }

        Row plus(Row smaller, double times) {
            return new Row(
                    device,
                    host,
                    mappable,
                    weights,
                    cache + (long) (times * (cache - smaller.cache)),
                    compute + (long) (times * (compute - smaller.compute)));
        }

        /** Bytes that are allocated: mapped weights are not. */
        long allocated(boolean mapped) {
            return (mapped && mappable ? 0 : weights) + cache + compute;
        }
    }

    public MemoryUse {
        rows = List.copyOf(rows);
    }

    /** Of a context that exists. */
    public static MemoryUse of(NativeContext context) {
        return read(
                "lem_memory_usage",
                (arena, rows, error) ->
                        LlamaCpp.lem_memory_usage(context.handle(), rows, MAX_ROWS, error.address(), error.size()));
    }

    /** Of a model and context that would be created so; nothing is allocated for them. */
    public static MemoryUse estimate(ModelParameters model, ContextParameters context) {
        return read(
                "lem_memory_estimate",
                (arena, rows, error) -> LlamaCpp.lem_memory_estimate(
                        arena.allocateFrom(model.path().toString()),
                        model.toNative(arena),
                        context.toNative(arena),
                        rows,
                        MAX_ROWS,
                        error.address(),
                        error.size()));
    }

    private interface Call {
        int rows(Arena arena, MemorySegment rows, ErrorBuffer error);
    }

    private static MemoryUse read(String function, Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment rows = lem_memory_row.allocateArray(MAX_ROWS, arena);
            ErrorBuffer error = new ErrorBuffer(arena);
            NativeFailure.begin();
            int count = call.rows(arena, rows, error);
            if (count < 0) {
                throw new NativeCallException(
                        "The memory that the model takes could not be computed: " + error.message() + ". "
                                + NativeFailure.explain(),
                        function,
                        count);
            }
            List<Row> read = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                read.add(Row.from(lem_memory_row.asSlice(rows, i)));
            }
            return new MemoryUse(read);
        }
    }

    /** This, and as many times more as it grew from a smaller context. */
    public MemoryUse plus(MemoryUse smaller, double times) {
        List<Row> grown = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            grown.add(rows.get(i).plus(smaller.rows.get(i), times));
        }
        return new MemoryUse(grown);
    }

    public long cacheBytes() {
        return sum(Row::cache);
    }

    public long computeBytes() {
        return sum(Row::compute);
    }

    /** Bytes allocated in the processor's memory. */
    public long hostBytes(boolean mapped) {
        return sum(row -> row.host() ? row.allocated(mapped) : 0);
    }

    /** Bytes allocated in one device's own memory. */
    public long deviceBytes(String device) {
        return sum(row -> !row.host() && row.device().equals(device) ? row.allocated(false) : 0);
    }

    /** Bytes of the processor's memory for the KV cache and intermediate results, without the weights. */
    public long hostContextBytes() {
        return sum(row -> row.host() ? row.cache() + row.compute() : 0);
    }

    /** Bytes of one device's own memory for the KV cache and intermediate results, without the weights. */
    public long deviceContextBytes(String device) {
        return sum(row -> !row.host() && row.device().equals(device) ? row.cache() + row.compute() : 0);
    }

    private long sum(ToLongFunction<Row> bytes) {
        return rows.stream().mapToLong(bytes).sum();
    }
}
