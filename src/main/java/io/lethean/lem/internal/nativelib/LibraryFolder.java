package io.lethean.lem.internal.nativelib;

import io.lethean.lem.NativeLibraryException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the folder of the native libraries and loads them, or says where it looked. */
final class LibraryFolder {

    /** Names a folder that holds the libraries; nothing else is tried then. */
    static final String PROPERTY = "lem.native.path";

    private final List<String> tried = new ArrayList<>();

    /**
     * Loads the libraries, after unpacking them from a jar if that is where they are.
     *
     * @return the folder that holds them
     */
    Path load(BundledNatives.Loading loading) {
        String property = System.getProperty(PROPERTY);
        if (property != null) {
            return loaded(named(property), loading);
        }
        tried.add("the system property " + PROPERTY + " is not set");
        return bundled()
                .map(natives -> natives.load(loading))
                .or(() -> built().map(folder -> loaded(folder, loading)))
                .orElseThrow(() -> nothingFound(Platform.name(), tried));
    }

    private static Path loaded(Path folder, BundledNatives.Loading loading) {
        try {
            loading.load(folder);
        } catch (UnsatisfiedLinkError e) {
            throw LibraryLoader.refused(folder, e);
        }
        return folder;
    }

    private static Path named(String property) {
        try {
            Path folder = Path.of(property).toAbsolutePath().normalize();
            if (Files.isDirectory(folder)) {
                return folder;
            }
        } catch (InvalidPathException e) {
            // Said below, like any other name of no folder.
        }
        throw new NativeLibraryException("The native libraries could not be loaded: the system property " + PROPERTY
                + " names " + property + ", which is not a folder. Name the folder that holds "
                + LibraryLoader.fileOf(LibraryLoader.LLAMA) + ", or leave the property away.");
    }

    private Optional<BundledNatives> bundled() {
        Optional<BundledNatives> natives = BundledNatives.find();
        if (natives.isEmpty()) {
            tried.add("no jar on the class path or module path holds libraries for " + Platform.name()
                    + " (classifier natives-" + Platform.name() + ")" + others());
        }
        return natives;
    }

    private static String others() {
        List<String> others = BundledNatives.otherPlatforms();
        return others.isEmpty() ? "" : ", only for " + String.join(" and ", others);
    }

    /** What `make native` built, for classes and jars in the target folder of a checkout. */
    private Optional<Path> built() {
        Optional<Path> record = targetFolder().map(target -> target.resolve("native.path"));
        if (record.isEmpty()) {
            return Optional.empty();
        }
        if (!Files.exists(record.get())) {
            tried.add("there is no " + record.get() + ", which make native writes");
            return Optional.empty();
        }
        try {
            Path folder = Path.of(Files.readString(record.get()).strip());
            if (Files.isDirectory(folder)) {
                return Optional.of(folder);
            }
            tried.add(record.get() + " names " + folder + ", which is not a folder");
        } catch (IOException e) {
            tried.add(record.get() + " cannot be read (" + e.getMessage() + ")");
        }
        return Optional.empty();
    }

    private static Optional<Path> targetFolder() {
        CodeSource source = LibraryFolder.class.getProtectionDomain().getCodeSource();
        URL location = source == null ? null : source.getLocation();
        if (location == null || !location.getProtocol().equals("file")) {
            return Optional.empty();
        }
        try {
            Path parent = Path.of(location.toURI()).getParent();
            return parent != null && parent.endsWith("target") ? Optional.of(parent) : Optional.empty();
        } catch (URISyntaxException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static NativeLibraryException nothingFound(String platform, List<String> tried) {
        String jar = BundledNatives.PLATFORMS.contains(platform)
                ? "Add the jar io.lethean:lem with the classifier natives-" + platform + ", or run"
                : "LEM has no jar of libraries for this platform: run";
        return new NativeLibraryException("The native libraries for " + platform + " were not found: "
                + String.join("; ", tried) + ". " + jar + " make native in a checkout and name its folder in -D"
                + PROPERTY
                + ".");
    }
}
