package io.lethean.lem.internal.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the header of one physical file says.
 *
 * @param fileSize bytes of the whole file
 * @param headerBytes bytes up to the end of the tensor descriptions
 * @param dataOffset where the data section starts
 */
record GgufHeader(
        Path path,
        int version,
        long alignment,
        GgufMetadata metadata,
        List<GgufTensor> tensors,
        long fileSize,
        long headerBytes,
        long dataOffset) {

    /** "GGUF" as a little-endian number. */
    static final int MAGIC = 0x46554747;

    static final int DEFAULT_ALIGNMENT = 32;
    static final String ALIGNMENT_KEY = "general.alignment";

    /** llama.cpp compares each name with all before it, so that millions would take hours. */
    static final int MAX_COUNT = 65_536;

    static final int MAX_DIMS = 4;
    static final int MAX_NAME_BYTES = 63;

    static GgufHeader read(Path path, int part) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new Parser(path, new HeaderInput(path, channel), part).header();
        }
    }

    /** One pass over a header; every refusal names its rule. */
    private static final class Parser {

        /** A key, its type and a value of one byte; a name, one dimension, type and offset. */
        private static final int MIN_VALUE_BYTES = 8 + 1 + 4 + 1;

        private static final int MIN_TENSOR_BYTES = 8 + 1 + 4 + 4 + 8;

        private final Path path;
        private final HeaderInput in;
        private final int part;

        Parser(Path path, HeaderInput in, int part) {
            this.path = path;
            this.in = in;
            this.part = part;
        }

        GgufHeader header() throws IOException {
            int version = version();
            int tensorCount = count("tensors", MIN_TENSOR_BYTES);
            int valueCount = count("metadata values", MIN_VALUE_BYTES);
            GgufMetadata metadata = metadata(valueCount);
            long alignment = alignment(metadata);
            List<GgufTensor> tensors = tensors(tensorCount);
            long end = in.position();
            long dataOffset = tensors.isEmpty() ? end : padded(end, alignment);
            return new GgufHeader(path, version, alignment, metadata, tensors, in.fileSize(), end, dataOffset);
        }

        private int version() throws IOException {
            if (in.remaining() < Integer.BYTES || in.i32() != MAGIC) {
                throw ForeignFile.refusal(path);
            }
            int version = in.i32();
            if ((version & 0xFFFF) == 0 && version != 0) {
                throw in.refuse(
                        GgufRule.VERSION,
                        "it is big-endian (version " + Integer.reverseBytes(version)
                                + "); convert it for little-endian machines");
            }
            if (version != 2 && version != 3) {
                throw in.refuse(GgufRule.VERSION, "it has version " + Integer.toUnsignedString(version));
            }
            return version;
        }

        private int count(String what, int bytesEach) throws IOException {
            long count = in.i64();
            if (count < 0 || count > MAX_COUNT || count > in.remaining() / bytesEach) {
                throw in.refuse(
                        GgufRule.COUNTS,
                        "it announces " + Long.toUnsignedString(count) + " " + what + ", where "
                                + Math.min(MAX_COUNT, in.remaining() / bytesEach) + " are possible");
            }
            return (int) count;
        }

        private GgufMetadata metadata(int count) throws IOException {
            Map<String, GgufValue> values = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                String key = text(in.string("the key of metadata value " + i), GgufRule.KEY, "key " + i);
                if (key.isEmpty() || values.containsKey(key)) {
                    throw in.refuse(GgufRule.KEY, "key " + i + " is " + (key.isEmpty() ? "empty" : key + " again"));
                }
                values.put(key, value(key));
            }
            return new GgufMetadata(values);
        }

        private GgufValue value(String key) throws IOException {
            GgufType type = valueType(key, in.i32());
            return switch (type) {
                case STRING -> new GgufText(in.string("the value of " + key));
                case ARRAY -> array(key);
                case UINT8, INT8, UINT16, INT16, UINT32, INT32, FLOAT32, BOOL, UINT64, INT64, FLOAT64 ->
                    new GgufScalar(type, in.bits(type.bytes()));
            };
        }

        private GgufType valueType(String key, int id) {
            return GgufType.byId(id)
                    .orElseThrow(() -> in.refuse(GgufRule.VALUE_TYPE, key + " has the unknown type " + id));
        }

        private GgufArray array(String key) throws IOException {
            GgufType type = valueType(key, in.i32());
            return switch (type) {
                case ARRAY -> throw in.refuse(GgufRule.VALUE_TYPE, key + " is an array of arrays");
                case STRING -> strings(key);
                case UINT8, INT8, UINT16, INT16, UINT32, INT32, FLOAT32, BOOL, UINT64, INT64, FLOAT64 ->
                    numbers(key, type);
            };
        }

        private GgufArray numbers(String key, GgufType type) throws IOException {
            int size = in.length("the array " + key, type.bytes());
            int from = in.skip(size * type.bytes());
            return new GgufArray(type, size, in.copy(from, in.position()), new int[0]);
        }

        private GgufArray strings(String key) throws IOException {
            int size = in.length("the array " + key, Long.BYTES);
            int from = in.position();
            int[] starts = new int[size + 1];
            for (int i = 0; i < size; i++) {
                starts[i] = in.skipString("a string of the array " + key) - from;
            }
            starts[size] = in.position() - from + Long.BYTES;
            return new GgufArray(GgufType.STRING, size, in.copy(from, in.position()), starts);
        }

        private long alignment(GgufMetadata metadata) {
            GgufValue value = metadata.asMap().get(ALIGNMENT_KEY);
            if (value == null) {
                return DEFAULT_ALIGNMENT;
            }
            if (value instanceof GgufScalar scalar
                    && scalar.type() == GgufType.UINT32
                    && Long.bitCount(scalar.asLong()) == 1) {
                return scalar.asLong();
            }
            throw in.refuse(
                    GgufRule.ALIGNMENT,
                    ALIGNMENT_KEY + " is " + value + " (" + value.type().shortName() + ")");
        }

        private List<GgufTensor> tensors(int count) throws IOException {
            List<GgufTensor> tensors = new ArrayList<>(count);
            Set<String> names = new HashSet<>();
            for (int i = 0; i < count; i++) {
                GgufTensor tensor = tensor(i);
                if (!names.add(tensor.name())) {
                    throw in.refuse(GgufRule.TENSOR_NAME, "there are two tensors " + tensor.name());
                }
                tensors.add(tensor);
            }
            return List.copyOf(tensors);
        }

        private GgufTensor tensor(int index) throws IOException {
            byte[] bytes = in.string("the name of tensor " + index);
            String name = text(bytes, GgufRule.TENSOR_NAME, "the name of tensor " + index);
            if (bytes.length == 0 || bytes.length > MAX_NAME_BYTES || name.indexOf('\0') >= 0) {
                throw in.refuse(
                        GgufRule.TENSOR_NAME,
                        "the name of tensor " + index + " has " + bytes.length + " bytes"
                                + (name.indexOf('\0') >= 0 ? " with a NUL among them" : ""));
            }
            List<Long> dims = dims(name);
            GgmlType type = tensorType(name, dims.getFirst(), in.i32());
            return new GgufTensor(name, dims, type, in.i64(), part);
        }

        private List<Long> dims(String name) throws IOException {
            int count = in.i32();
            if (count < 1 || count > MAX_DIMS) {
                throw in.refuse(
                        GgufRule.TENSOR_DIMS,
                        "tensor " + name + " has " + Integer.toUnsignedString(count) + " dimensions");
            }
            List<Long> dims = new ArrayList<>(count);
            long product = 1;
            for (int i = 0; i < count; i++) {
                long dim = in.i64();
                // 64 bytes is more than any type takes per number, so sizes in bytes cannot overflow either.
                if (dim < 1 || dim > Long.MAX_VALUE / 64 / product) {
                    throw in.refuse(GgufRule.TENSOR_DIMS, "dimension " + i + " of tensor " + name + " is " + dim);
                }
                product *= dim;
                dims.add(dim);
            }
            return dims;
        }

        private GgmlType tensorType(String name, long rowElements, int id) {
            GgmlType type = GgmlType.byId(id)
                    .orElseThrow(
                            () -> in.refuse(GgufRule.TENSOR_TYPE, "tensor " + name + " has the unknown type " + id));
            if (type.isRemoved()) {
                throw in.refuse(
                        GgufRule.TENSOR_TYPE,
                        "tensor " + name + " is of type " + type.ggmlName()
                                + ", which was removed from the format; quantize the model again");
            }
            if (rowElements % type.blockSize() != 0) {
                throw in.refuse(
                        GgufRule.TENSOR_TYPE,
                        "tensor " + name + " has rows of " + rowElements + ", not a multiple of the " + type.blockSize()
                                + " values per block of " + type.ggmlName());
            }
            return type;
        }

        private String text(byte[] bytes, GgufRule rule, String what) {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            } catch (CharacterCodingException e) {
                throw in.refuse(rule, what + " is not UTF-8");
            }
        }
    }

    static long padded(long position, long alignment) {
        return (position + alignment - 1) / alignment * alignment;
    }
}
