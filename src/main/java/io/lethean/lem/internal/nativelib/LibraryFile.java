package io.lethean.lem.internal.nativelib;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the header of a library file says: the platform that it was built for, and how long the file is at least.
 *
 * <p>The system's own loader maps a file that is cut and reports nothing; the process ends with a signal when it touches
 * a page that is not in the file. Its words for a library of another platform differ from system to system. So this is
 * read before a file is handed to it. ELF (Linux), PE (Windows) and Mach-O (macOS) of 64 bits are known.
 */
final class LibraryFile {

    private static final Set<String> SYSTEMS = Set.of("linux", "macos", "windows");
    private static final Map<Integer, String> ELF_ARCH = Map.of(62, "x86_64", 183, "aarch64");
    private static final Map<Integer, String> PE_ARCH = Map.of(0x8664, "x86_64", 0xaa64, "aarch64");
    private static final Map<Integer, String> MACH_ARCH = Map.of(0x1000007, "x86_64", 0x100000c, "aarch64");

    /** Headers and load commands are at the beginning; those of our largest library take 3 KB. */
    private static final int HEAD = 1 << 16;

    private final ByteBuffer head;
    private final long size;

    private LibraryFile(ByteBuffer head, long size) {
        this.head = head.order(ByteOrder.LITTLE_ENDIAN);
        this.size = size;
    }

    /**
     * Why a file cannot be loaded on a platform, as the rest of a sentence that begins with the file; empty if its
     * header fits. On a platform of another kind only a cut file is refused.
     */
    static Optional<String> refusal(Path file, Platform platform) {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer head = ByteBuffer.allocate(Math.toIntExact(Math.min(HEAD, channel.size())));
            while (head.hasRemaining() && channel.read(head) >= 0) {
                // Until the head is read.
            }
            return new LibraryFile(head.flip(), channel.size()).refusal(platform);
        } catch (IOException e) {
            return Optional.of("cannot be read: " + e);
        }
    }

    private Optional<String> refusal(Platform wanted) {
        try {
            if (size == 0) {
                return Optional.of("is empty");
            }
            if (at(0) == 0x464c457f && head.get(4) == 2 && head.get(5) == 1) {
                return fits(wanted, platform("linux", ELF_ARCH, half(18)), elfEnd());
            }
            if (half(0) == 0x5a4d && at(at(0x3c)) == 0x4550) {
                return fits(wanted, platform("windows", PE_ARCH, half(at(0x3c) + 4)), peEnd(at(0x3c)));
            }
            if (at(0) == 0xfeedfacf) {
                return fits(wanted, platform("macos", MACH_ARCH, at(4)), machEnd());
            }
            return Optional.of("is not a native library of 64 bits: its header is neither ELF nor PE nor Mach-O");
        } catch (IndexOutOfBoundsException e) {
            return Optional.of(
                    size < HEAD
                            ? "is cut: its " + size + " bytes end within the header"
                            : "is not a native library: its header refers to bytes that are not in it");
        }
    }

    private static Platform platform(String os, Map<Integer, String> names, int code) {
        String arch = names.get(code);
        return new Platform(os, arch == null ? "processor 0x" + Integer.toHexString(code) : arch);
    }

    private Optional<String> fits(Platform wanted, Platform built, long end) {
        if (SYSTEMS.contains(wanted.os()) && !built.equals(wanted)) {
            return Optional.of("was built for " + built + ", and this is " + wanted);
        }
        if (end > size) {
            return Optional.of(
                    "is cut: it has " + size + " bytes, and its header says that it has " + end + " or more");
        }
        return Optional.empty();
    }

    /** The last byte of the segments that are mapped. */
    private long elfEnd() {
        long end = 64;
        int headers = position(longAt(32));
        for (int i = 0; i < half(56); i++) {
            int header = headers + i * half(54);
            if (at(header) == 1) {
                end = Math.max(end, sum(longAt(header + 8), longAt(header + 32)));
            }
        }
        return end;
    }

    private long peEnd(int signature) {
        long end = signature;
        int sections = signature + 24 + half(signature + 20);
        for (int i = 0; i < half(signature + 6); i++) {
            int section = sections + i * 40;
            end = Math.max(end, (at(section + 16) & 0xffffffffL) + (at(section + 20) & 0xffffffffL));
        }
        return end;
    }

    private long machEnd() {
        long end = 32;
        int command = 32;
        for (int i = 0; i < at(16); i++) {
            if (at(command) == 0x19) {
                end = Math.max(end, sum(longAt(command + 40), longAt(command + 48)));
            }
            int length = at(command + 4);
            if (length < 8) {
                throw new IndexOutOfBoundsException(length);
            }
            command += length;
        }
        return end;
    }

    private static long sum(long offset, long length) {
        if (offset < 0 || length < 0 || offset + length < 0) {
            throw new IndexOutOfBoundsException(offset);
        }
        return offset + length;
    }

    private static int position(long offset) {
        if (offset < 0 || offset > HEAD) {
            throw new IndexOutOfBoundsException(offset);
        }
        return (int) offset;
    }

    private int half(int position) {
        return head.getShort(position) & 0xffff;
    }

    private int at(int position) {
        return head.getInt(position);
    }

    private long longAt(int position) {
        return head.getLong(position);
    }
}
