package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.internal.nativelib.ChildJvm.Result;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Loading, in a process of its own each time. */
class NativeLoadingIT {

    private static final String LLAMA = LibraryLoader.fileOf("lem-llama");

    private static Path libraries;

    @TempDir
    Path scratch;

    @BeforeAll
    static void findLibraries() {
        libraries = NativeLibraries.load().folder();
    }

    private static ChildJvm childWith(Path folder) {
        return new ChildJvm().option("-Dlem.native.path=" + folder);
    }

    /** One sentence, both times. */
    private static void assertRefused(Result result, String sentence) {
        assertThat(result.output()).contains("1 " + sentence).contains("2 " + sentence);
        assertThat(result.exit()).isZero();
    }

    private Path copyOfLibraries() throws IOException {
        Path folder = Files.createDirectory(scratch.resolve("libraries"));
        try (Stream<Path> files = Files.list(libraries)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        return folder;
    }

    @Test
    void aFolderThatIsNoneIsNamedBothTimes() throws Exception {
        Result result = childWith(scratch.resolve("nowhere")).run("load");

        assertRefused(
                result,
                "The native libraries could not be loaded: the system property lem.native.path names "
                        + scratch.resolve("nowhere") + ", which is not a folder. Name the folder that holds " + LLAMA
                        + ", or leave the property away.");
    }

    @Test
    void aFolderWithoutLibrariesSaysWhichAreMissing() throws Exception {
        Result result = childWith(scratch).run("load");

        assertRefused(
                result,
                "The native library " + scratch.resolve(LibraryLoader.fileOf("lem-ggml-base"))
                        + " does not exist; the folder should hold ");
    }

    @Test
    void aCutLibraryIsRefusedBeforeTheSystemMapsIt() throws Exception {
        Path folder = copyOfLibraries();
        long whole = Files.size(folder.resolve(LLAMA));
        try (RandomAccessFile file = new RandomAccessFile(folder.resolve(LLAMA).toFile(), "rw")) {
            file.setLength(whole / 2);
        }

        Result result = childWith(folder).run("load");

        assertRefused(
                result,
                "The native library " + folder.resolve(LLAMA) + " is cut: it has " + whole / 2
                        + " bytes, and its header says that it has ");
        assertThat(result.output())
                .contains(" or more. Take the jar of LEM with the classifier natives-" + Platform.name()
                        + ", or build the libraries on this machine with make native.");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "the header of an ELF file is changed")
    void aLibraryForAnotherProcessorIsRefusedWithBothNames() throws Exception {
        Path folder = copyOfLibraries();
        asForAnotherProcessor(folder.resolve(LLAMA));

        Result result = childWith(folder).run("load");

        assertRefused(
                result,
                "The native library " + folder.resolve(LLAMA) + " was built for linux-processor 0x7fff, and this is "
                        + Platform.name() + ". Take the jar of LEM with the classifier natives-" + Platform.name());
    }

    private static void asForAnotherProcessor(Path library) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(library.toFile(), "rw")) {
            file.seek(18);
            file.write(new byte[] {(byte) 0xff, 0x7f});
        }
    }

    @Test
    void aLibraryOfAnotherSystemIsRefused() throws Exception {
        Path folder = copyOfLibraries();
        Files.write(folder.resolve(LLAMA), LibraryFileTest.elf(0x7fff, 600, 400).array());

        assertRefused(
                childWith(folder).run("load"),
                "The native library " + folder.resolve(LLAMA) + " was built for linux-processor 0x7fff, and this is ");
    }

    @Test
    void aLibraryThatLacksFunctionsIsRefusedBeforeAnyIsCalled() throws Exception {
        Path folder = copyOfLibraries();
        Files.copy(
                folder.resolve(LibraryLoader.fileOf("lem-ggml")),
                folder.resolve(LLAMA),
                StandardCopyOption.REPLACE_EXISTING);

        Result result = childWith(folder).run("load");

        assertRefused(result, "The native libraries in " + folder + " do not fit this version of LEM: they lack ");
        assertThat(result.output()).contains("functions that LEM calls (");
    }

    @Test
    void librariesOfAnotherSourceAreRefused() throws Exception {
        Path resource = scratch.resolve("io/lethean/lem/internal/nativelib/LLAMA_CPP_VERSION");
        Files.createDirectories(resource.getParent());
        Files.writeString(resource, "release=v9.9.9\ntree=0000\n");

        Result result = childWith(libraries).classPathFirst(scratch).run("load");

        assertRefused(
                result,
                "The native libraries in " + libraries
                        + " do not fit this version of LEM: they were built from llama.cpp "
                        + Pin.read().release()
                        + " (git tree " + Pin.read().tree() + "), and these classes need v9.9.9 (git tree 0000). "
                        + "Take both from one release, or run make native again.");
    }

    @Test
    void withoutLibrariesAnywhereTheSentenceListsWhatWasTried() throws Exception {
        Path classes = copyOfClasses();

        Result result = new ChildJvm()
                .classesIn(classes)
                .environment("XDG_CACHE_HOME", scratch.toString())
                .run("load");

        assertRefused(
                result,
                "The native libraries for " + Platform.name()
                        + " were not found: the system property lem.native.path is not set; no jar on the class path or module"
                        + " path holds libraries for " + Platform.name() + " (classifier natives-" + Platform.name()
                        + "). Add");
    }

    @Test
    void withLibrariesOfOtherPlatformsOnlyTheSentenceNamesThem() throws Exception {
        String other = Platform.name().equals("linux-aarch64") ? "linux-x86_64" : "linux-aarch64";
        Path index = scratch.resolve("jar/io/lethean/lem/natives/" + other + "/index");
        Files.createDirectories(index.getParent());
        Files.writeString(index, "0".repeat(64) + " liblem-llama.so\n");

        Result result = new ChildJvm()
                .classesIn(copyOfClasses())
                .classPathFirst(scratch.resolve("jar"))
                .environment("XDG_CACHE_HOME", scratch.toString())
                .run("load");

        assertRefused(result, "The native libraries for " + Platform.name() + " were not found: ");
        assertThat(result.output())
                .contains("(classifier natives-" + Platform.name() + "), only for " + other + ". Add the jar");
    }

    /** The classes where no target folder tells of a local build. */
    private Path copyOfClasses() throws IOException {
        Path from = ChildJvm.folderOf(NativeLibraries.class);
        Path to = scratch.resolve("classes");
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        return to;
    }

    /** A class path entry with the libraries as the jar of natives holds them. */
    private Path bundle() throws IOException {
        Path root = scratch.resolve("jar");
        Path folder = root.resolve("io/lethean/lem/natives/" + Platform.name());
        Files.createDirectories(folder.getParent());
        Files.move(copyOfLibraries(), folder);
        return root;
    }

    private ChildJvm childWithBundle(Path bundle, Path cache) {
        return new ChildJvm().classPathFirst(bundle).environment("XDG_CACHE_HOME", cache.toString());
    }

    @Test
    void ofTwoJarsTheOneWithMoreBackendsIsTaken() throws Exception {
        Path bundle = bundle();
        Path folder = bundle.resolve("io/lethean/lem/natives/" + Platform.name());
        Path more = scratch.resolve("more/io/lethean/lem/natives/" + Platform.name());
        Files.createDirectories(more.getParent());
        Files.createDirectory(more);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, more.resolve(file.getFileName()));
            }
        }
        Files.writeString(more.resolve(plugin("cuda")), "no library");
        String sum = Sha256.of(more.resolve(plugin("cuda")));
        Files.writeString(
                more.resolve("index"), Files.readString(more.resolve("index")) + sum + " " + plugin("cuda") + "\n");

        Result result = childWithBundle(scratch.resolve("more"), scratch.resolve("cache"))
                .classPathFirst(bundle)
                .run("backends");

        assertThat(result.output())
                .contains("BackendPlugin[name=cuda, loaded=false, detail=" + plugin("cuda") + " is ");
    }

    private static Path unpacked(Path cache) throws IOException {
        try (Stream<Path> folders = Files.list(cache.resolve("lem/unpacked"))) {
            return folders.reduce((a, b) -> {
                        throw new AssertionError("two folders");
                    })
                    .orElseThrow();
        }
    }

    @Test
    void bundledLibrariesAreUnpackedOnceAndRepairedWhenDamaged() throws Exception {
        Path bundle = bundle();
        Path cache = scratch.resolve("cache");
        assertThat(childWithBundle(bundle, cache).run("load").output()).contains("1 loaded " + cache);
        Path library = unpacked(cache).resolve(LLAMA);
        byte[] whole = Files.readAllBytes(library);
        Object firstWrite = Files.getLastModifiedTime(library);

        assertThat(childWithBundle(bundle, cache).run("load").output()).contains("1 loaded " + cache);
        assertThat(Files.getLastModifiedTime(library)).isEqualTo(firstWrite);

        try (RandomAccessFile file = new RandomAccessFile(library.toFile(), "rw")) {
            file.seek(file.length() / 2);
            file.write(~whole[whole.length / 2]);
        }
        assertThat(childWithBundle(bundle, cache).run("load").output()).contains("1 loaded " + cache);
        assertThat(Files.readAllBytes(library)).isEqualTo(whole);
        try (Stream<Path> files = Files.list(unpacked(cache))) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".part"));
        }
    }

    @Test
    void processesMayUnpackAtTheSameTime() throws Exception {
        Path bundle = bundle();
        Path cache = scratch.resolve("cache");
        List<Process> children = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            children.add(childWithBundle(bundle, cache).start("load"));
        }
        for (Process child : children) {
            assertThat(ChildJvm.finish(child).output()).contains("1 loaded " + cache);
        }
    }

    @Test
    void aCacheThatCannotBeWrittenIsGoneRound() throws Exception {
        Path noFolder = Files.writeString(scratch.resolve("file"), "in the way");

        Result result = childWithBundle(bundle(), noFolder)
                .option("-Djava.io.tmpdir=" + scratch)
                .run("load");

        assertThat(result.output()).contains("1 loaded " + scratch.resolve("lem-natives"));
    }

    @Test
    void aDamagedJarIsRefused() throws Exception {
        Path bundle = bundle();
        Path library =
                bundle.resolve("io/lethean/lem/natives/" + Platform.name()).resolve(LLAMA);
        try (RandomAccessFile file = new RandomAccessFile(library.toFile(), "rw")) {
            file.setLength(1000);
        }

        Result result = childWithBundle(bundle, scratch.resolve("cache")).run("load");

        assertThat(result.output()).contains("could not be unpacked").contains(LLAMA + " has the sha-256 ");
    }

    @Test
    void anIndexThatLeadsOutOfItsFolderIsRefused() throws Exception {
        Path bundle = bundle();
        Path index = bundle.resolve("io/lethean/lem/natives/" + Platform.name()).resolve("index");
        Files.writeString(index, "0".repeat(64) + " ../../evil.so\n");

        Result result = childWithBundle(bundle, scratch.resolve("cache")).run("load");

        assertThat(result.output()).contains("a line of its index is not a checksum and a file name");
    }

    @Test
    void aBackendThatCannotBeLoadedIsReportedAndTheProcessorServes() throws Exception {
        Path folder = copyOfLibraries();
        String cuda = plugin("cuda");
        Files.writeString(folder.resolve(cuda), "no library");

        Result result = childWith(folder).run("backends");

        assertThat(result.output())
                .contains("WARNING: The backend cuda could not be loaded and is not used: ")
                .contains("BackendPlugin[name=cuda, loaded=false, detail=")
                .contains("BackendPlugin[name=cpu, loaded=true, detail=" + plugin("cpu") + "]");
        assertThat(result.exit()).isZero();
    }

    @Test
    void theBestOfSeveralVariantsIsTaken() throws Exception {
        Path folder = copyOfLibraries();
        Files.move(folder.resolve(plugin("cpu")), folder.resolve(plugin("cpu-suits")));
        Files.writeString(folder.resolve(plugin("cpu-damaged")), "no library");

        Result result = childWith(folder).run("backends");

        assertThat(result.output())
                .contains("BackendPlugin[name=cpu, loaded=true, detail=" + plugin("cpu-suits") + "]")
                .contains("WARNING: A variant of the backend cpu is not used: " + plugin("cpu-damaged")
                        + " is not a native library of 64 bits");
    }

    @Test
    void withoutAProcessorBackendNothingIsLoaded() throws Exception {
        Path folder = copyOfLibraries();
        Files.delete(folder.resolve(plugin("cpu")));

        assertRefused(childWith(folder).run("load"), "The folder " + folder + " holds no CPU backend (");
    }

    private static String plugin(String backend) {
        return Platform.CURRENT.backend(backend);
    }

    @Test
    void severalClassLoadersOfAProcessCanEachLoad() throws Exception {
        Result result = childWith(libraries).run("two-loaders");

        assertThat(result.output().lines().filter(("1 loaded " + libraries)::equals))
                .hasSize(3);
        assertThat(result.output().lines().filter("logged true"::equals)).hasSize(3);
        assertThat(result.exit()).isZero();
        try (Stream<Path> files = Files.list(libraries)) {
            assertThat(files).noneMatch(file -> file.toString().contains("copy"));
        }
    }

    @Test
    void deniedNativeAccessNamesTheOptionToPass() throws Exception {
        Result result = childWith(libraries)
                .withoutNativeAccess()
                .option("--illegal-native-access=deny")
                .run("load");

        assertRefused(result, "Native access is denied to LEM (");
        assertThat(result.output()).contains("Start Java with --enable-native-access=ALL-UNNAMED.");
    }

    @Test
    void aLogHandlerThatThrowsInsideAnUpcallDoesNotEndTheProcess() throws Exception {
        Result result = childWith(libraries).run("throwing-log");

        assertThat(result.output()).contains("handled").endsWith("alive" + System.lineSeparator());
        assertThat(result.exit()).isZero();
    }

    @Test
    void aFailedAssertionOnAGuardedThreadLeavesTheProcessAlive() throws Exception {
        Result result = childWith(libraries).run("abort-on-guarded-thread");

        assertThat(result.output()).contains("told: ").contains("GGML_ASSERT").contains("alive");
        assertThat(result.output()).doesNotContain("not reached");
        assertThat(result.exit()).isZero();
    }

    @Test
    void aFailedAssertionElsewhereEndsTheProcessAndSaysWhy() throws Exception {
        Result result = childWith(libraries).run("abort-on-main-thread");

        assertThat(result.output()).contains("GGML_ASSERT");
        assertThat(result.exit()).isNotZero();
    }
}
