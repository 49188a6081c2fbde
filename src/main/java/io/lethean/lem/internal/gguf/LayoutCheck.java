package io.lethean.lem.internal.gguf;

/** Where tensors' data lie. */
final class LayoutCheck {

    /** What the CPU backend asserts of a buffer that it is given, and so of data in a mapped file. */
    private static final int BACKEND_ALIGNMENT = 32;

    private LayoutCheck() {}

    static void require(GgufFile file) {
        for (GgufHeader part : file.parts()) {
            requireOrder(part);
        }
    }

    /** llama.cpp accepts no gaps and no other order, which leaves no room for overlaps. */
    private static void requireOrder(GgufHeader part) {
        long expected = 0;
        for (GgufTensor tensor : part.tensors()) {
            if (tensor.offset() != expected) {
                throw GgufRule.TENSOR_OFFSET.refuse(
                        part.path(),
                        "tensor " + tensor.name() + " starts at " + Long.toUnsignedString(tensor.offset())
                                + " in the data section, not at " + expected);
            }
            requireInFile(part, tensor);
            expected += GgufHeader.padded(tensor.bytes(), part.alignment());
        }
    }

    private static void requireInFile(GgufHeader part, GgufTensor tensor) {
        long start = part.dataOffset() + tensor.offset();
        if (tensor.bytes() > part.fileSize() - start) {
            throw GgufRule.TENSOR_DATA.refuse(
                    part.path(),
                    "tensor " + tensor.name() + " needs " + tensor.bytes() + " bytes from byte " + start
                            + ", but the file ends at " + part.fileSize() + "; it is incomplete, get it again");
        }
        if (start % BACKEND_ALIGNMENT != 0) {
            throw GgufRule.TENSOR_ALIGNMENT.refuse(
                    part.path(),
                    "tensor " + tensor.name() + " starts at byte " + start + "; write the file again with "
                            + GgufHeader.ALIGNMENT_KEY + " 32");
        }
    }
}
