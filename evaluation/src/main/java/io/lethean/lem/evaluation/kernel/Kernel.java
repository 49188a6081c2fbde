package io.lethean.lem.evaluation.kernel;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.internal.io.DataFile;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.internal.io.Utf8;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A kernel: the text of an ethical framework, given to a model exactly as in its file.
 *
 * @param name the name of the condition under which answers with this kernel are recorded
 * @param text the raw text; JSON is not parsed, because published kernels contain duplicate keys
 * @param sha256 of the file's bytes
 */
public record Kernel(String name, String text, String sha256) {

    /** The name of the condition without a kernel; a kernel must not have this name. */
    public static final String BASELINE = "baseline";

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public Kernel {
        if (name.isBlank() || name.equals(BASELINE)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "A kernel cannot be named '%s'; give it another name, as in name=path.", name));
        }
        if (text.isEmpty()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "The kernel '%s' is empty; without a kernel there is the baseline.", name));
        }
    }

    /**
     * {@return a kernel of a text that is in no file}
     *
     * @param name the name in results
     * @param text what the system turn says
     */
    public static Kernel ofText(String name, String text) {
        return new Kernel(name, text, Sha256.of(text));
    }

    /**
     * Reads a kernel given as {@code name=path}, or as a path; then the name is the file name without its suffix.
     *
     * @param nameAndPath such as {@code lek=kernel.txt}
     * @return the kernel
     * @throws IOException if the file cannot be read or is not UTF-8
     */
    public static Kernel read(String nameAndPath) throws IOException {
        int equals = nameAndPath.indexOf('=');
        String name = nameAndPath.substring(0, Math.max(equals, 0));
        boolean named = equals >= 0 && !name.contains("/") && !name.contains("\\");
        Path path = Path.of(named ? nameAndPath.substring(equals + 1) : nameAndPath);
        return read(named ? name : stem(path), path);
    }

    /**
     * Reads a kernel from a file.
     *
     * @param name the name in results
     * @param file a file in UTF-8
     * @return the kernel
     * @throws IOException if the file cannot be read or is not UTF-8
     */
    public static Kernel read(String name, Path file) throws IOException {
        byte[] bytes = bytesOf(name, file);
        try {
            String text = Utf8.decode(bytes, Utf8.byteOrderMark(bytes), bytes.length);
            return new Kernel(name, text, Sha256.of(bytes));
        } catch (CharacterCodingException e) {
            throw new MalformedDataException(file, "the kernel is not UTF-8 text.");
        }
    }

    private static byte[] bytesOf(String name, Path file) throws IOException {
        try {
            return DataFile.readAll(file);
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(file.toString(), null, "the file of kernel '" + name + "' does not exist");
        }
    }

    private static String stem(Path path) {
        Path fileName = path.getFileName();
        String file = fileName == null ? "" : fileName.toString();
        int dot = file.lastIndexOf('.');
        return dot > 0 ? file.substring(0, dot) : file;
    }
}
