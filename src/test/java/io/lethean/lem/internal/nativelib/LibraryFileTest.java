package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Headers made here by the rules of the three formats, with one mapped part each that ends at byte 1000. */
class LibraryFileTest {

    private static final Platform LINUX = new Platform("linux", "x86_64");
    private static final Platform WINDOWS = new Platform("windows", "x86_64");
    private static final Platform MAC = new Platform("macos", "aarch64");
    private static final Platform OTHER = new Platform("freebsd", "x86_64");

    @TempDir
    private Path scratch;

    private static ByteBuffer bytes(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    static ByteBuffer elf(int machine, long offset, long length) {
        ByteBuffer file = bytes(1000);
        file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).putShort(18, (short) machine);
        file.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2);
        // The first program header is a note, of which the end does not matter.
        file.putInt(64, 4).putLong(64 + 8, 5000).putLong(64 + 32, 5000);
        return file.putInt(120, 1).putLong(120 + 8, offset).putLong(120 + 32, length);
    }

    private static ByteBuffer pe(int machine, int offset, int length) {
        ByteBuffer file = bytes(1000);
        file.putShort(0, (short) 0x5a4d).putInt(0x3c, 128).putInt(128, 0x4550).putShort(132, (short) machine);
        file.putShort(134, (short) 1).putShort(148, (short) 240);
        return file.putInt(128 + 24 + 240 + 16, length).putInt(128 + 24 + 240 + 20, offset);
    }

    private static ByteBuffer mach(int processor, long offset, long length) {
        ByteBuffer file = bytes(1000);
        file.putInt(0, 0xfeedfacf).putInt(4, processor).putInt(16, 2);
        file.putInt(32, 0x32).putInt(36, 24);
        return file.putInt(56, 0x19).putInt(60, 72).putLong(56 + 40, offset).putLong(56 + 48, length);
    }

    private Optional<String> refusal(ByteBuffer content, int size, Platform platform) throws IOException {
        Path file = scratch.resolve("library");
        Files.write(file, java.util.Arrays.copyOf(content.array(), size));
        return LibraryFile.refusal(file, platform);
    }

    private Optional<String> refusal(ByteBuffer content, Platform platform) throws IOException {
        return refusal(content, content.capacity(), platform);
    }

    @Test
    void wholeLibraryOfThisPlatform_isNotRefused() throws IOException {
        assertThat(refusal(elf(62, 600, 400), LINUX)).isEmpty();
        assertThat(refusal(pe(0x8664, 600, 400), WINDOWS)).isEmpty();
        assertThat(refusal(mach(0x100000c, 600, 400), MAC)).isEmpty();
    }

    @Test
    void libraryOfAnotherProcessor_isRefusedWithBothNames() throws IOException {
        assertThat(refusal(elf(183, 600, 400), LINUX))
                .hasValue("was built for linux-aarch64, and this is linux-x86_64");
        assertThat(refusal(pe(0xaa64, 600, 400), WINDOWS))
                .hasValue("was built for windows-aarch64, and this is windows-x86_64");
        assertThat(refusal(mach(0x1000007, 600, 400), MAC))
                .hasValue("was built for macos-x86_64, and this is macos-aarch64");
        assertThat(refusal(elf(243, 600, 400), LINUX))
                .hasValue("was built for linux-processor 0xf3, and this is linux-x86_64");
    }

    @Test
    void libraryOfAnotherSystem_isRefusedWithBothNames() throws IOException {
        assertThat(refusal(pe(0x8664, 600, 400), LINUX))
                .hasValue("was built for windows-x86_64, and this is linux-x86_64");
        assertThat(refusal(mach(0x100000c, 600, 400), LINUX))
                .hasValue("was built for macos-aarch64, and this is linux-x86_64");
        assertThat(refusal(elf(62, 600, 400), WINDOWS))
                .hasValue("was built for linux-x86_64, and this is windows-x86_64");
    }

    @Test
    void cutLibrary_isRefusedWithBothLengths() throws IOException {
        String reason = "is cut: it has 1000 bytes, and its header says that it has 1001 or more";

        assertThat(refusal(elf(62, 600, 401), LINUX)).hasValue(reason);
        assertThat(refusal(pe(0x8664, 600, 401), WINDOWS)).hasValue(reason);
        assertThat(refusal(mach(0x100000c, 600, 401), MAC)).hasValue(reason);
    }

    @Test
    void libraryCutInItsHeader_isRefused_atEveryLength() throws IOException {
        for (int size = 1; size < 176; size++) {
            assertThat(refusal(elf(62, 600, 400), size, LINUX))
                    .as("ELF of %d bytes", size)
                    .isPresent();
        }
        for (int size = 1; size < 128; size++) {
            assertThat(refusal(mach(0x100000c, 600, 400), size, MAC))
                    .as("Mach-O of %d bytes", size)
                    .isPresent();
        }
        for (int size = 1; size < 432; size++) {
            assertThat(refusal(pe(0x8664, 600, 400), size, WINDOWS))
                    .as("PE of %d bytes", size)
                    .isPresent();
        }
        assertThat(refusal(elf(62, 600, 400), 40, LINUX)).hasValue("is cut: its 40 bytes end within the header");
    }

    @Test
    void headerThatRefersToImpossiblePlaces_isRefused() throws IOException {
        String reason = "is not a native library: its header refers to bytes that are not in it";
        ByteBuffer large = bytes(70_000);
        large.put(elf(62, Long.MAX_VALUE, 400));
        assertThat(refusal(large, LINUX)).hasValue(reason);

        large = bytes(70_000).put(elf(62, 600, 400)).putLong(32, -8);
        assertThat(refusal(large, LINUX)).hasValue(reason);

        large = bytes(70_000).put(mach(0x100000c, 600, 400)).putInt(36, 0);
        assertThat(refusal(large, MAC)).hasValue(reason);

        large = bytes(70_000).put(pe(0x8664, 600, 400)).putInt(0x3c, -1);
        assertThat(refusal(large, WINDOWS)).hasValue(reason);
    }

    @Test
    void fileThatIsNoLibrary_isRefused() throws IOException {
        Path text = Files.writeString(scratch.resolve("text"), "no library");
        Path empty = Files.createFile(scratch.resolve("empty"));

        assertThat(LibraryFile.refusal(text, LINUX))
                .hasValue("is not a native library of 64 bits: its header is neither ELF nor PE nor Mach-O");
        assertThat(LibraryFile.refusal(empty, LINUX)).hasValue("is empty");
        assertThat(LibraryFile.refusal(scratch.resolve("nowhere"), LINUX))
                .hasValueSatisfying(reason -> assertThat(reason).startsWith("cannot be read: "));
    }

    @Test
    void libraryOf32Bits_isRefused() throws IOException {
        assertThat(refusal(elf(3, 600, 400).put(4, (byte) 1), LINUX))
                .hasValueSatisfying(reason -> assertThat(reason).startsWith("is not a native library of 64 bits"));
    }

    @Test
    void systemThatWeHaveNoFormatOf_refusesOnlyWhatIsCut() throws IOException {
        assertThat(refusal(elf(243, 600, 400), OTHER)).isEmpty();
        assertThat(refusal(elf(243, 600, 401), OTHER)).isPresent();
    }
}
