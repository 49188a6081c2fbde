package io.lethean.lem.internal.gguf;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/**
 * How the files of a split model are named and numbered: {@code PREFIX-00001-of-00003.gguf}.
 *
 * @param folder where they lie
 * @param prefix what their names start with
 * @param count how many there are
 */
record SplitName(Path folder, String prefix, int count) {

    private static final String NUMBER = "split.no";
    private static final String COUNT = "split.count";
    private static final String TENSORS = "split.tensors.count";

    /** The number of parts that a header speaks of; 1 when it does not, or not in the type that the format has. */
    static long count(GgufHeader header) {
        return uint16(header, COUNT, 1);
    }

    /** The naming of the parts, derived from the first part's path. */
    static SplitName of(GgufHeader first, int count) {
        requireNumber(first, 0);
        String name = first.path().getFileName().toString();
        String suffix = suffix(0, count);
        if (!name.endsWith(suffix) || name.length() == suffix.length()) {
            throw GgufRule.SPLIT.refuse(
                    first.path(), "it is the first of " + count + " parts, but its name does not end in " + suffix);
        }
        String prefix = name.substring(0, name.length() - suffix.length());
        return new SplitName(
                Objects.requireNonNull(first.path().toAbsolutePath().getParent()), prefix, count);
    }

    /** The path of a part, counted from 0. */
    Path part(int part) {
        return folder.resolve(prefix + suffix(part, count));
    }

    /** llama.cpp aborts if the number of a later part has another type, so the type is checked, too. */
    static void requireNumber(GgufHeader header, int part) {
        long number = uint16(header, NUMBER, -1);
        if (number != part) {
            throw GgufRule.SPLIT.refuse(
                    header.path(),
                    NUMBER + " should be " + part + " (u16) here but is "
                            + header.metadata()
                                    .find(NUMBER)
                                    .map(Object::toString)
                                    .orElse("missing")
                            + "; a split model is loaded by its first part");
        }
    }

    static void requireTensorCount(GgufHeader first, int found) {
        long expected = first.metadata().integer(TENSORS).orElse(-1);
        if (expected != found) {
            throw GgufRule.SPLIT.refuse(
                    first.path(), TENSORS + " is " + expected + ", but the parts hold " + found + " tensors");
        }
    }

    private static long uint16(GgufHeader header, String key, long otherwise) {
        return header.metadata().asMap().get(key) instanceof GgufScalar scalar && scalar.type() == GgufType.UINT16
                ? scalar.asLong()
                : otherwise;
    }

    private static String suffix(int part, int count) {
        return String.format(Locale.ROOT, "-%05d-of-%05d.gguf", part + 1, count);
    }
}
