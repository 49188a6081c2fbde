package io.lethean.lem.internal.nativelib;

import io.lethean.lem.NativeLibraryException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the child processes of {@link NativeLoadingIT} do. */
public final class LoadingProbe {

    private LoadingProbe() {}

    /** The first argument names the scene. */
    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "load" -> load();
            case "backends" -> NativeLibraries.load().backends().forEach(System.out::println);
            case "two-loaders" -> twoLoaders();
            case "throwing-log" -> throwingLog();
            case "abort-on-guarded-thread" -> abortOnGuardedThread();
            case "abort-on-main-thread" -> abort();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** Loads twice and prints how each time ended. */
    public static void load() {
        for (int i = 1; i <= 2; i++) {
            try {
                System.out.println(i + " loaded " + NativeLibraries.load().folder());
            } catch (NativeLibraryException e) {
                System.out.println(i + " " + e.getMessage());
            }
        }
    }

    private static void twoLoaders() throws Exception {
        URL[] classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .map(LoadingProbe::url)
                .toArray(URL[]::new);
        for (int i = 0; i < 3; i++) {
            // Left open: the classes stay in use until the process ends.
            ClassLoader loader = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader());
            Class<?> probe = loader.loadClass(LoadingProbe.class.getName());
            probe.getMethod("load").invoke(null);
            probe.getMethod("logged").invoke(null);
        }
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (java.net.MalformedURLException e) {
            throw new AssertionError(e);
        }
    }

    /** Makes llama.cpp log a failure, and prints whether this class loader's log has it. */
    public static void logged() {
        NativeLog.forget();
        loadMissingModel();
        System.out.println("logged " + NativeLog.lastLines().stream().anyMatch(line -> line.contains("nowhere.gguf")));
    }

    private static void loadMissingModel() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(256);
            LlamaCpp.lem_model_load(
                    arena.allocateFrom("nowhere.gguf"),
                    LlamaCpp.llama_model_default_params(arena),
                    message,
                    message.byteSize());
        }
    }

    private static void throwingLog() {
        NativeLibraries.load();
        Logger logger = Logger.getLogger(NativeLog.NAME);
        logger.setLevel(Level.ALL);
        logger.addHandler(new Handler() {
            @Override
            public void publish(LogRecord line) {
                System.out.println("handled");
                throw new OutOfMemoryError("a handler that fails");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        loadMissingModel();
        System.out.println("alive");
    }

    private static void abortOnGuardedThread() throws InterruptedException {
        NativeLibraries.load();
        CountDownLatch told = new CountDownLatch(1);
        Thread thread = new Thread(LoadingProbe::abort, "spare");
        thread.setDaemon(true);
        AbortGuard.guard(thread, message -> {
            System.out.println("told: " + message);
            told.countDown();
            return true;
        });
        thread.start();
        told.await();
        System.out.println("alive");
    }

    /** Asks ggml for a tensor of a type that does not exist, which it asserts. */
    private static void abort() {
        NativeLibraries.load();
        MemorySegment context =
                LlamaCpp.ggml_init(io.lethean.lem.internal.ffi.ggml_init_params.allocate(Arena.global()));
        LlamaCpp.ggml_new_tensor_1d(context, 9999, 1);
        System.out.println("not reached");
    }
}
