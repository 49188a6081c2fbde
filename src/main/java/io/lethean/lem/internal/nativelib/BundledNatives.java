package io.lethean.lem.internal.nativelib;

import io.lethean.lem.NativeLibraryException;
import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.internal.io.Sha256;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The libraries in the jar of this platform: an index with the sha-256 and name of each, and the files.
 *
 * <p>They are unpacked into a folder named by the index's own checksum, so that each content has its folder and a second
 * start finds it. Each file appears there under its name only when it is whole, so that processes may race; each start
 * compares all checksums, and replaces what does not match.
 */
final class BundledNatives {

    private static final String BASE = "io/lethean/lem/natives/";

    /** What jars exist for; docs/platforms.md says what was tried of each. */
    static final List<String> PLATFORMS = List.of("linux-x86_64", "linux-aarch64", "windows-x86_64", "macos-aarch64");

    /** Opens an entry of the jar by its full name. */
    @FunctionalInterface
    interface Source {
        InputStream open(String name) throws IOException;
    }

    private record Entry(String sha256, String name) {}

    private final String origin;
    private final Source source;

    BundledNatives(String origin, Source source) {
        this.origin = origin;
        this.source = source;
    }

    /** The natives of this platform on the class path or module path. */
    static Optional<BundledNatives> find() {
        return onClassPath().or(BundledNatives::onModulePath);
    }

    /** Of several jars for this platform the one with the most backends, such as the one with CUDA; of equal ones the first. */
    private static Optional<BundledNatives> onClassPath() {
        return onClassPath(Platform.name()).stream().max(Comparator.comparingInt(BundledNatives::backends));
    }

    /** The jars for a platform, in the order of the class path. */
    private static List<BundledNatives> onClassPath(String platform) {
        String folder = BASE + platform + "/";
        try {
            Enumeration<URL> indexes = BundledNatives.class.getClassLoader().getResources(folder + "index");
            return Collections.list(indexes).stream()
                    .map(index -> index.toString().replaceFirst("index$", ""))
                    .map(base -> new BundledNatives(
                            base,
                            name -> URI.create(base + name.substring(folder.length()))
                                    .toURL()
                                    .openStream()))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The other platforms that the class path has libraries for, for a message. */
    static List<String> otherPlatforms() {
        return PLATFORMS.stream()
                .filter(platform -> !platform.equals(Platform.name()))
                .filter(platform -> !onClassPath(platform).isEmpty())
                .toList();
    }

    /** How many different backends the index names; 0 if it is damaged, which loading reports. */
    int backends() {
        try {
            return Math.toIntExact(parse(read("index")).stream()
                    .map(entry -> Platform.CURRENT.backendIn(entry.name()))
                    .filter(Objects::nonNull)
                    .map(variant -> variant.split("-", 2)[0])
                    .distinct()
                    .count());
        } catch (NativeLibraryException e) {
            return 0;
        }
    }

    /**
     * The jar on the module path, or the module of it in an image that jlink made. Nothing requires it by name, so the
     * module system need not have resolved it; it is looked up where the module system looked.
     */
    private static Optional<BundledNatives> onModulePath() {
        String modulePath = System.getProperty("jdk.module.path", "");
        Path[] entries = Arrays.stream(modulePath.split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty())
                .map(Path::of)
                .toArray(Path[]::new);
        try {
            return ModuleFinder.compose(ModuleFinder.of(entries), ModuleFinder.ofSystem())
                    .find(moduleName())
                    .map(BundledNatives::in);
        } catch (FindException e) {
            return Optional.empty();
        }
    }

    private static BundledNatives in(ModuleReference module) {
        String origin = module.location()
                .map(Object::toString)
                .orElse(module.descriptor().name());
        return new BundledNatives(origin, name -> {
            try (var reader = module.open()) {
                InputStream entry = reader.open(name).orElseThrow(() -> new IOException(name + " is not in it"));
                try (entry) {
                    return new java.io.ByteArrayInputStream(entry.readAllBytes());
                }
            }
        });
    }

    private static String folder() {
        return BASE + Platform.name() + "/";
    }

    /** The name in the module descriptor of the jar, which {@code scripts/stage-natives} writes. */
    static String moduleName() {
        return "io.lethean.lem.natives." + Platform.name().replace('-', '.');
    }

    /** Loads the libraries of a folder. */
    @FunctionalInterface
    interface Loading {

        /** @throws UnsatisfiedLinkError if the system refuses the first of them, so that nothing is loaded */
        void load(Path folder);
    }

    /**
     * Unpacks the libraries where this is possible and loads them.
     *
     * @return the folder that holds them
     * @throws NativeLibraryException if the jar is damaged, or no place allows it
     */
    Path load(Loading loading) {
        byte[] index = read("index");
        return load(UnpackPlace.of(Sha256.of(index).substring(0, 16)), index, loading);
    }

    /** In containers a home folder is often missing, read-only, full or mounted noexec: the next place serves. */
    Path load(List<UnpackPlace> places, byte[] index, Loading loading) {
        List<Entry> entries = parse(index);
        List<String> refusals = new ArrayList<>();
        for (UnpackPlace place : places) {
            try {
                place.prepare();
                for (Entry entry : entries) {
                    place(entry, place.folder());
                }
                loading.load(place.folder());
                return place.folder();
            } catch (IOException | UnsatisfiedLinkError e) {
                refusals.add(place.folder() + ": " + reason(e));
                if (e instanceof UnsatisfiedLinkError && place.isPrivate()) {
                    remove(entries, place.folder());
                }
            }
        }
        String words = String.join("; ", refusals);
        boolean noexec = words.contains(LibraryLoader.NOEXEC);
        throw new NativeLibraryException("The native libraries in " + origin + " could not be unpacked and loaded ("
                + words + "). "
                + LibraryLoader.otherLibraryOfC(words, !noexec && LibraryLoader.isMusl(Path.of("/lib")))
                        .orElse(
                                "They need a folder with room and rights on a file system that is not mounted noexec: name one"
                                        + " in XDG_CACHE_HOME or -Djava.io.tmpdir, or unpack the jar there and name the folder in -D"
                                        + LibraryFolder.PROPERTY + "."));
    }

    private static String reason(Throwable failure) {
        return failure instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : failure instanceof UnsatisfiedLinkError ? String.valueOf(failure.getMessage()) : failure.toString();
    }

    /** What cannot be loaded is of no use to a later start either. */
    private static void remove(List<Entry> entries, Path folder) {
        try {
            for (Entry entry : entries) {
                Files.deleteIfExists(folder.resolve(entry.name()));
            }
            Files.deleteIfExists(folder);
        } catch (IOException left) {
            // The system clears its temporary files.
        }
    }

    private void place(Entry entry, Path folder) throws IOException {
        Path target = folder.resolve(entry.name());
        if (Files.isRegularFile(target) && entry.sha256().equals(Sha256.of(target))) {
            return;
        }
        AtomicFile.write(target, part -> unpack(entry, part));
    }

    private void unpack(Entry entry, Path part) throws IOException {
        MessageDigest digest = Sha256.digest();
        try (InputStream stream = source.open(folder() + entry.name())) {
            Files.copy(new DigestInputStream(stream, digest), part);
        }
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(entry.sha256())) {
            throw damaged(entry.name() + " has the sha-256 " + found + ", and its index says " + entry.sha256());
        }
    }

    private byte[] read(String name) {
        try (InputStream stream = source.open(folder() + name)) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw damaged(e.toString());
        }
    }

    private List<Entry> parse(byte[] index) {
        List<Entry> entries = new ArrayList<>();
        for (String line : new String(index, StandardCharsets.UTF_8).lines().toList()) {
            // Names only: a path in a damaged index must not lead out of the folder.
            if (!line.matches("[0-9a-f]{64} [A-Za-z0-9._+-]+") || line.contains("..")) {
                throw damaged("a line of its index is not a checksum and a file name: " + line);
            }
            entries.add(new Entry(line.substring(0, 64), line.substring(65)));
        }
        if (entries.isEmpty()) {
            throw damaged("its index is empty");
        }
        return entries;
    }

    private NativeLibraryException damaged(String reason) {
        return new NativeLibraryException("The native libraries in " + origin + " could not be unpacked: " + reason
                + ". The jar is damaged; take it again, or name a folder with the libraries in -D"
                + LibraryFolder.PROPERTY + ".");
    }
}
