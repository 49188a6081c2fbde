package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.NativeLibraryException;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Unpacking and the choice of a place, with a loader that refuses some folders as a noexec mount would. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "no POSIX permissions")
class BundledNativesTest {

    private static final String NOEXEC = "failed to map segment from shared object";

    @TempDir
    private Path scratch;

    private final List<Path> attempts = new ArrayList<>();

    private static BundledNatives natives() {
        return new BundledNatives("test.jar", BundledNativesTest::open);
    }

    private static InputStream open(String name) throws IOException {
        byte[] library = "library".getBytes(StandardCharsets.UTF_8);
        if (name.endsWith("/index")) {
            return new ByteArrayInputStream(index());
        }
        if (!name.endsWith("/liba.so")) {
            throw new FileNotFoundException(name);
        }
        return new ByteArrayInputStream(library);
    }

    private static byte[] index() throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest("library".getBytes(StandardCharsets.UTF_8));
            return (HexFormat.of().formatHex(digest) + " liba.so\n").getBytes(StandardCharsets.UTF_8);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IOException(e);
        }
    }

    private List<UnpackPlace> places() {
        return List.of(
                new UnpackPlace(scratch.resolve("cache/unpacked/key"), false),
                new UnpackPlace(scratch.resolve("lem-natives-me-key"), true));
    }

    private Path load(String... refused) throws IOException {
        return natives().load(places(), index(), folder -> {
            attempts.add(folder);
            assertThat(folder.resolve("liba.so")).hasContent("library");
            for (String part : refused) {
                if (folder.toString().contains(part)) {
                    throw new UnsatisfiedLinkError(folder + "/liba.so: " + NOEXEC);
                }
            }
        });
    }

    private List<String> temporary() throws IOException {
        try (Stream<Path> files = Files.list(scratch)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("lem-"))
                    .toList();
        }
    }

    @Test
    void cacheThatAllowsLoading_isUsed() throws IOException {
        assertThat(load()).isEqualTo(scratch.resolve("cache/unpacked/key"));
        assertThat(temporary()).isEmpty();
    }

    @Test
    void cacheMountedNoexec_isFollowedByOnePrivateFolder_atEveryStart() throws IOException {
        for (int start = 0; start < 3; start++) {
            assertThat(load("cache")).isEqualTo(scratch.resolve("lem-natives-me-key"));
        }

        assertThat(attempts).hasSize(6);
        assertThat(temporary()).containsExactly("lem-natives-me-key");
        assertThat(Files.getPosixFilePermissions(scratch.resolve("lem-natives-me-key")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void cacheThatCannotBeMade_isFollowedByThePrivateFolder() throws IOException {
        Files.writeString(scratch.resolve("cache"), "in the way");

        assertThat(load()).isEqualTo(scratch.resolve("lem-natives-me-key"));
        assertThat(load()).isEqualTo(scratch.resolve("lem-natives-me-key"));
        assertThat(temporary()).hasSize(1);
    }

    @Test
    void damagedLibraryInThePrivateFolder_isReplaced() throws IOException {
        Path library = load("cache").resolve("liba.so");
        Files.writeString(library, "evil");

        load("cache");

        assertThat(library).hasContent("library");
    }

    @Test
    void whereNothingCanBeLoaded_bothPlacesNoexecAndThePropertyAreNamed_andNothingIsLeft() throws IOException {
        assertThatThrownBy(() -> load("cache", "lem-natives"))
                .isInstanceOf(NativeLibraryException.class)
                .hasMessage("The native libraries in test.jar could not be unpacked and loaded ("
                        + scratch.resolve("cache/unpacked/key") + ": " + scratch.resolve("cache/unpacked/key")
                        + "/liba.so: "
                        + NOEXEC + "; " + scratch.resolve("lem-natives-me-key") + ": "
                        + scratch.resolve("lem-natives-me-key") + "/liba.so: " + NOEXEC
                        + "). They need a folder with room and rights on a file system that is not mounted noexec: name"
                        + " one in XDG_CACHE_HOME or -Djava.io.tmpdir, or unpack the jar there and name the folder in"
                        + " -Dlem.native.path.");
        assertThat(temporary()).isEmpty();
    }

    @Test
    void olderGlibc_isNamed_andNoOtherFolderIsAskedFor() {
        assertThatThrownBy(() -> natives().load(places(), index(), folder -> {
                    throw new UnsatisfiedLinkError("/lib/libm.so.6: version `GLIBC_2.27' not found");
                }))
                .isInstanceOf(NativeLibraryException.class)
                .hasMessageContaining("The libraries need a later glibc than this system has")
                .hasMessageNotContaining("noexec");
    }

    @Test
    void privateFolderThatOthersCanWriteTo_isRefused() throws IOException {
        Path folder = Files.createDirectory(scratch.resolve("lem-natives-me-key"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(() -> load("cache")).hasMessageContaining(folder + ": is open to other users");
        assertThat(attempts).containsExactly(scratch.resolve("cache/unpacked/key"));
    }

    @Test
    void privateFolderThatIsALinkOrAFile_isRefused() throws IOException {
        Path elsewhere = Files.createDirectory(scratch.resolve("elsewhere"));
        Path folder = Files.createSymbolicLink(scratch.resolve("lem-natives-me-key"), elsewhere);

        assertThatThrownBy(() -> load("cache")).hasMessageContaining(folder + ": is not a folder");
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void severalStartsAtOnce_shareThePrivateFolder() throws Exception {
        try (ExecutorService starts = Executors.newFixedThreadPool(8)) {
            List<Future<Path>> folders = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                folders.add(starts.submit(() -> natives().load(places(), index(), folder -> {
                    if (folder.toString().contains("cache")) {
                        throw new UnsatisfiedLinkError(NOEXEC);
                    }
                })));
            }
            for (Future<Path> folder : folders) {
                assertThat(folder.get().resolve("liba.so")).hasContent("library");
            }
        }
        assertThat(temporary()).hasSize(1);
        try (Stream<Path> files = Files.list(scratch.resolve("lem-natives-me-key"))) {
            assertThat(files).hasSize(1);
        }
    }
}
