package io.lethean.lem.internal.ggml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lethean.lem.NativeTools;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.nativelib.NativeLibraries;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A device with memory of its own: llama.cpp's RPC backend, and a server for it in another process on this machine. As an
 * extension of a test class it is there for all its tests.
 *
 * <p>Backends must be closed before the device: the RPC backend ends the process when its peer vanishes.
 */
public final class RpcDevice implements BeforeAllCallback, AfterAllCallback {

    private static final int ATTEMPTS = 1200;
    private static final int PORTS = 3;

    /** Below the ports that systems give to whoever asks for any. */
    private static final int LOWEST_PORT = 15_000;

    private static final int HIGHEST_PORT = 30_000;

    private @Nullable Process server;
    private int port;
    private @Nullable MemorySegment device;

    /** Starts a server; skips the class where the backend was not built. */
    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        device = connect(startServer(), endpoint());
    }

    /** Starts a server that only other processes use; {@link #stop} ends it. */
    public static RpcDevice forOtherProcesses() throws IOException {
        RpcDevice device = new RpcDevice();
        device.startServer();
        return device;
    }

    private Path startServer() throws IOException {
        NativeLibraries.load();
        Path plugin = NativeTools.require(System.mapLibraryName("lem-rpc"));
        // Another process may take a port after it was found free; the server then ends at once.
        for (int attempt = 0; attempt < PORTS; attempt++) {
            port = freePort();
            Process launched = launch(plugin, port);
            server = launched;
            if (isListening(launched, port)) {
                return plugin;
            }
            stop();
        }
        throw new IOException("The RPC server did not come up; see target/rpc-server.log.");
    }

    /** The server's process id. */
    public long pid() {
        return Objects.requireNonNull(server, "not started").pid();
    }

    /** A new backend on the device; operations are those that the server's CPU has kernels for. */
    public Backend backend() {
        return Backend.remote(device, LlamaCpp.ggml_backend_dev_by_type(LlamaCpp.GGML_BACKEND_DEVICE_TYPE_CPU()));
    }

    /** Where the server listens, for {@link #register} in another process. */
    public String endpoint() {
        return "127.0.0.1:" + port;
    }

    /**
     * Makes the device of a server one that this process finds by its name. Only for a process that ends before the server
     * does.
     *
     * @return the name
     */
    public static String register(String endpoint) throws IOException {
        NativeLibraries.load();
        Path plugin = NativeTools.require(System.mapLibraryName("lem-rpc"));
        MemorySegment device = connect(plugin, endpoint);
        Path library = plugin.resolveSibling("../lib").normalize().resolve(System.mapLibraryName("lem-ggml"));
        try {
            MemorySegment register = SymbolLookup.libraryLookup(library, Arena.global())
                    .find("ggml_backend_device_register")
                    .orElseThrow();
            Linker.nativeLinker()
                    .downcallHandle(register, FunctionDescriptor.ofVoid(ADDRESS))
                    .invokeExact(device);
        } catch (Throwable failure) {
            throw new AssertionError("The device could not be registered.", failure);
        }
        return LlamaCpp.ggml_backend_dev_name(device).getString(0);
    }

    private static int freePort() throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, HIGHEST_PORT);
            try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return port;
            } catch (BindException taken) {
                // The next one may be free.
            }
        }
        throw new IOException("No port from " + LOWEST_PORT + " to " + HIGHEST_PORT + " is free.");
    }

    private static Process launch(Path plugin, int port) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED"));
        String libraries = System.getProperty("lem.native.path");
        if (libraries != null) {
            command.add("-Dlem.native.path=" + libraries);
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Server.class.getName(),
                plugin.toString(),
                "127.0.0.1:" + port));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(new File("target/rpc-server.log"))
                .start();
    }

    private static boolean isListening(Process server, int port) {
        for (int attempt = 0; attempt < ATTEMPTS && server.isAlive(); attempt++) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return server.isAlive();
            } catch (IOException notYet) {
                pause();
            }
        }
        return false;
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static MemorySegment connect(Path plugin, String endpoint) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment registry = LlamaCpp.ggml_backend_load(arena.allocateFrom(plugin.toString()));
            MemorySegment add = LlamaCpp.ggml_backend_reg_get_proc_address(
                    registry, arena.allocateFrom("ggml_backend_rpc_add_server"));
            MemorySegment remote = (MemorySegment) Linker.nativeLinker()
                    .downcallHandle(add, FunctionDescriptor.of(ADDRESS, ADDRESS))
                    .invokeExact(arena.allocateFrom(endpoint));
            return LlamaCpp.ggml_backend_reg_dev_get(remote, 0);
        } catch (Throwable failure) {
            throw new AssertionError("The RPC backend could not be reached.", failure);
        }
    }

    /** Called after a failed start too. */
    @Override
    public void afterAll(ExtensionContext context) {
        stop();
    }

    public void stop() {
        if (server != null) {
            server.destroy();
        }
    }

    /** The other process. */
    static final class Server {

        private Server() {}

        /** Serves this machine's CPU until the process is ended. */
        public static void main(String[] args) throws Throwable {
            NativeLibraries.load();
            Arena arena = Arena.global();
            MemorySegment registry = LlamaCpp.ggml_backend_load(arena.allocateFrom(args[0]));
            MemorySegment start = LlamaCpp.ggml_backend_reg_get_proc_address(
                    registry, arena.allocateFrom("ggml_backend_rpc_start_server"));
            MemorySegment devices = arena.allocate(ADDRESS, 1);
            devices.set(ADDRESS, 0, LlamaCpp.ggml_backend_dev_by_type(LlamaCpp.GGML_BACKEND_DEVICE_TYPE_CPU()));
            Linker.nativeLinker()
                    .downcallHandle(start, FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS))
                    .invokeExact(arena.allocateFrom(args[1]), MemorySegment.NULL, 1L, 1L, devices);
        }
    }
}
