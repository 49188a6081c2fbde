package io.lethean.lem.internal.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Text on its way to and from C: UTF-8, sized in bytes. */
public final class NativeText {

    private NativeText() {}

    /** The bytes without a terminating NUL; one byte at least, so that the address is never NULL. */
    static MemorySegment unterminated(SegmentAllocator allocator, byte[] bytes) {
        MemorySegment segment = allocator.allocate(Math.max(1, bytes.length));
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }

    /** The first bytes of a buffer as text. */
    static String decode(MemorySegment buffer, int length) {
        return new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** A C string that C owns; empty for NULL. */
    static String read(MemorySegment pointer) {
        return pointer.equals(MemorySegment.NULL) ? "" : pointer.getString(0, StandardCharsets.UTF_8);
    }

    /** Where a call of the shim writes why it failed. */
    public static final class ErrorBuffer {
        private static final long SIZE = 1024;
        private final MemorySegment buffer;

        public ErrorBuffer(Arena arena) {
            buffer = arena.allocate(SIZE);
        }

        public MemorySegment address() {
            return buffer;
        }

        public long size() {
            return SIZE;
        }

        /** The message of the last call, without a final full stop. */
        public String message() {
            String text = buffer.getString(0, StandardCharsets.UTF_8).strip();
            return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        }
    }
}
