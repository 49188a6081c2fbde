package io.lethean.lem.internal.nativelib;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The environment as C code reads it, which Java can read but not change. */
final class NativeEnvironment {

    private static final String NO_BACKTRACE = "GGML_NO_BACKTRACE";

    private NativeEnvironment() {}

    /**
     * Keeps ggml from starting a debugger on this process when an assertion fails. It reads the variable while it is
     * loaded, so this comes before.
     */
    static void silenceBacktraces() {
        if (System.getenv(NO_BACKTRACE) != null) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            set(arena.allocateFrom(NO_BACKTRACE), arena.allocateFrom("1"));
        } catch (IllegalCallerException e) {
            // Native access is denied; loading says so.
            throw e;
        } catch (Throwable e) {
            // Without it a failed assertion ends the process more slowly, no more.
            System.getLogger(NativeLog.NAME).log(System.Logger.Level.DEBUG, "setenv failed", e);
        }
    }

    private static void set(MemorySegment name, MemorySegment value) throws Throwable {
        Linker linker = Linker.nativeLinker();
        if (Platform.isWindows()) {
            SymbolLookup runtime = SymbolLookup.libraryLookup("ucrtbase", Arena.global());
            MethodHandle putenv = linker.downcallHandle(
                    runtime.findOrThrow("_putenv_s"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
            int _ = (int) putenv.invokeExact(name, value);
            return;
        }
        MethodHandle setenv = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("setenv"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        int _ = (int) setenv.invokeExact(name, value, 0);
    }
}
