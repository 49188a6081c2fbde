package io.lethean.lem.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The loop in C that LemModel is measured against: native/tools/cloop.c, loaded into this process. */
final class CLoop implements AutoCloseable {

    private final Arena arena = Arena.ofConfined();
    private final MethodHandle run;
    private final MethodHandle close;
    private final MemorySegment loop;

    CLoop(Path library, Path model, int context, int batch, int threads) {
        SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
        run = handle(
                symbols,
                "lem_cloop_run",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS));
        close = handle(symbols, "lem_cloop_close", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
        MethodHandle open = handle(
                symbols,
                "lem_cloop_open",
                FunctionDescriptor.of(
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT));
        try {
            loop = (MemorySegment) open.invokeExact(arena.allocateFrom(model.toString()), context, batch, threads);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
        if (loop.address() == 0) {
            throw new IllegalStateException("The C loop could not load " + model + ".");
        }
    }

    private static MethodHandle handle(SymbolLookup symbols, String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), type);
    }

    /** The tokens that follow the prompt; the time is taken around the call. */
    int[] run(int[] prompt, int count) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment generated = call.allocate(ValueLayout.JAVA_INT, count);
            int code = (int) run.invokeExact(
                    loop,
                    call.allocateFrom(ValueLayout.JAVA_INT, prompt),
                    prompt.length,
                    count,
                    generated,
                    call.allocate(ValueLayout.JAVA_LONG, 2));
            if (code != 0) {
                throw new IllegalStateException("llama_decode returned " + code + " in the C loop.");
            }
            return generated.toArray(ValueLayout.JAVA_INT);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public void close() {
        try {
            close.invokeExact(loop);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
        arena.close();
    }
}
