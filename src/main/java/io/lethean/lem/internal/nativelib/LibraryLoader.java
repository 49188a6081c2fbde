package io.lethean.lem.internal.nativelib;

import io.lethean.lem.NativeLibraryException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * Loads the libraries of a folder by absolute path, each before those that need it.
 *
 * <p>The JVM gives a library file to one class loader only. A second one in the same process (an application server, a
 * plugin) loads a copy of the shim alone: the dynamic linker binds it to the libraries that are loaded already, and a
 * symbol looked up in it is searched in those too. So one process has one llama.cpp, whoever loaded it.
 */
final class LibraryLoader {

    static final String LLAMA = "lem-llama";
    private static final String SHIM = "lem-shim";

    /** What glibc's loader says of a library on a file system that is mounted noexec. */
    static final String NOEXEC = "failed to map segment";

    private static final List<String> IN_ORDER = List.of("lem-ggml-base", "lem-ggml", LLAMA, SHIM);

    /** Says to the other class loaders of this process which folder is loaded. */
    private static final String LOADED_FOLDER = "io.lethean.lem.native.loaded";

    /** An interned string is one object for all class loaders. */
    private static final Object PROCESS_LOCK = LOADED_FOLDER.intern();

    /**
     * What was loaded.
     *
     * @param folder where it lies
     * @param first whether this class loader is the first one of the process
     */
    record Loaded(Path folder, boolean first) {}

    private LibraryLoader() {}

    static String fileOf(String library) {
        return Platform.CURRENT.library(library);
    }

    static Loaded load() {
        synchronized (PROCESS_LOCK) {
            String loaded = System.getProperty(LOADED_FOLDER);
            if (loaded != null) {
                loadCopyOfShim(Path.of(loaded));
                return new Loaded(Path.of(loaded), false);
            }
            NativeEnvironment.silenceBacktraces();
            Path folder = new LibraryFolder().load(LibraryLoader::loadAll);
            System.setProperty(LOADED_FOLDER, folder.toString());
            return new Loaded(folder, true);
        }
    }

    private static void loadAll(Path folder) {
        for (String library : IN_ORDER) {
            Path file = folder.resolve(fileOf(library));
            requireFile(file);
            requireFit(file);
            try {
                System.load(file.toString());
            } catch (UnsatisfiedLinkError e) {
                // After the first, some are loaded, and no other place could serve.
                if (library.equals(IN_ORDER.getFirst())) {
                    throw e;
                }
                throw refused(file, e);
            }
        }
    }

    private static void requireFile(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new NativeLibraryException("The native library " + file + " does not exist; the folder should hold "
                    + String.join(
                            ", ", IN_ORDER.stream().map(LibraryLoader::fileOf).toList())
                    + ". Build it with make native, or name another folder in -D" + LibraryFolder.PROPERTY + ".");
        }
    }

    private static void requireFit(Path file) {
        LibraryFile.refusal(file, Platform.CURRENT).ifPresent(reason -> {
            throw new NativeLibraryException("The native library " + file + " " + reason
                    + ". Take the jar of LEM with the classifier natives-" + Platform.name()
                    + ", or build the libraries on this machine with make native.");
        });
    }

    /** @param place the library, or the folder of it, which the linker's words name then */
    static NativeLibraryException refused(Path place, UnsatisfiedLinkError e) {
        String remedy = remedy(String.valueOf(e.getMessage()), isMusl(Path.of("/lib")));
        return new NativeLibraryException(
                "The native library " + place + " could not be loaded: " + e.getMessage() + ". " + remedy, e);
    }

    /** Whether a folder of system libraries has musl's loader and no loader of glibc. */
    static boolean isMusl(Path folder) {
        try (DirectoryStream<Path> musl = Files.newDirectoryStream(folder, "ld-musl-*");
                DirectoryStream<Path> glibc = Files.newDirectoryStream(folder, "ld-linux-*")) {
            return musl.iterator().hasNext() && !glibc.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }

    /** What to do about the words of the system's loader. */
    static String remedy(String words, boolean musl) {
        if (words.contains(NOEXEC)) {
            return "Its file system is probably mounted noexec: copy the libraries to another one and name that folder in -D"
                    + LibraryFolder.PROPERTY + ".";
        }
        return otherLibraryOfC(words, musl)
                .orElse("Delete it if it is damaged, or build it for this system with make native.");
    }

    /** What to do if the words of the system's loader come from another C library than the libraries need. */
    static Optional<String> otherLibraryOfC(String words, boolean musl) {
        if (musl) {
            return Optional.of(
                    "This system has the C library musl, and the libraries of LEM's jars need glibc: build them here"
                            + " with make native, or use a system with glibc.");
        }
        return words.contains("GLIBC_")
                ? Optional.of(
                        "The libraries need a later glibc than this system has: take the jar of LEM with the classifier"
                                + " natives-" + Platform.name()
                                + ", which needs glibc 2.28, or build them here with make native.")
                : Optional.empty();
    }

    /** A copy in the folder of the original, or among the temporary files if that folder does not allow it. */
    private static void loadCopyOfShim(Path folder) {
        Path original = folder.resolve(fileOf(SHIM));
        requireFile(original);
        try {
            try {
                loadCopy(original, folder);
            } catch (IOException | UnsatisfiedLinkError e) {
                Path temporary = Files.createTempDirectory("lem-natives");
                try {
                    loadCopy(original, temporary);
                } finally {
                    deleteLater(temporary);
                }
            }
        } catch (IOException | UnsatisfiedLinkError e) {
            throw new NativeLibraryException(
                    "Another class loader of this process has loaded LEM's native libraries,"
                            + " and a second one needs a copy of " + original + ", which could not be made: " + e
                            + ". Let one class loader load LEM for all.",
                    e);
        }
    }

    private static void loadCopy(Path original, Path folder) throws IOException {
        String suffix = fileOf("");
        Path copy = Files.createTempFile(folder, "lem-shim-copy", suffix.substring(suffix.lastIndexOf('.')));
        try {
            Files.copy(original, copy, StandardCopyOption.REPLACE_EXISTING);
            System.load(copy.toString());
        } finally {
            deleteLater(copy);
        }
    }

    /** The loaded image keeps the file's content. Windows does not allow deleting it while the process lives. */
    private static void deleteLater(Path file) throws IOException {
        if (Platform.isWindows()) {
            file.toFile().deleteOnExit();
        } else {
            Files.deleteIfExists(file);
        }
    }
}
