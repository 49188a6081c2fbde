package io.lethean.lem.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What this process takes, as Linux and glibc count it.
 *
 * @param heap bytes of live Java objects, after a collection
 * @param allocated bytes that native code has allocated and not freed
 * @param resident bytes in memory
 * @param files open file handles
 * @param threads platform threads, without those that carry virtual threads
 */
record ProcessMemory(long heap, long allocated, long resident, int files, int threads) {

    private static final int PAGE = 4096;
    private static final int COLLECTIONS = 3;
    private static final int FIELDS = 10;
    private static final int MAPPED_BYTES = 4;
    private static final int USED_BYTES = 7;

    /** Whether this platform tells. */
    static boolean isKnown() {
        return Files.exists(Path.of("/proc/self/statm"))
                && Linker.nativeLinker().defaultLookup().find("mallinfo2").isPresent();
    }

    static ProcessMemory now() throws IOException, InterruptedException {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            Thread.sleep(50);
        }
        Runtime runtime = Runtime.getRuntime();
        return new ProcessMemory(
                runtime.totalMemory() - runtime.freeMemory(),
                allocatedBytes(),
                residentBytes(),
                openFiles(),
                ownThreads());
    }

    private static long residentBytes() throws IOException {
        String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
        return Long.parseLong(pages[1]) * PAGE;
    }

    private static int ownThreads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("ForkJoinPool")
                        && !thread.getName().startsWith("VirtualThread"))
                .count();
    }

    /** Bytes in memory that are not pages of files. */
    static long anonymousBytes() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(each -> each.startsWith("RssAnon:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
    }

    private static int openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return (int) files.count();
        }
    }

    /** In all arenas of malloc, large blocks included. */
    private static long allocatedBytes() {
        MemoryLayout info = MemoryLayout.sequenceLayout(FIELDS, ValueLayout.JAVA_LONG);
        MemoryLayout struct = MemoryLayout.structLayout(info);
        Linker linker = Linker.nativeLinker();
        MethodHandle call =
                linker.downcallHandle(linker.defaultLookup().findOrThrow("mallinfo2"), FunctionDescriptor.of(struct));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = (MemorySegment) call.invokeExact((SegmentAllocator) arena);
            return result.getAtIndex(ValueLayout.JAVA_LONG, USED_BYTES)
                    + result.getAtIndex(ValueLayout.JAVA_LONG, MAPPED_BYTES);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "heap %.1f MB, native %.1f MB, resident %.1f MB, %d open files, %d threads",
                heap / 1e6,
                allocated / 1e6,
                resident / 1e6,
                files,
                threads);
    }
}
