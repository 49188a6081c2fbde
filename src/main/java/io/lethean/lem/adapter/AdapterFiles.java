package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Reads and writes adapters in any format, told apart by what is there.
 *
 * <p>A path may name a GGUF file, a folder with {@code adapter.gguf}, a PEFT folder, an mlx-lm folder, or one
 * safetensors file of such a folder, as mlx-lm's checkpoints are. All methods may be called from any thread.
 */
public final class AdapterFiles {

    /** The name that a trained adapter has in its folder. */
    public static final String GGUF_NAME = "adapter.gguf";

    private AdapterFiles() {}

    /**
     * Finds an adapter's files without reading its weights.
     *
     * @param path a GGUF file, or a folder of PEFT or mlx-lm
     * @return where the files are, and in which format
     * @throws InvalidModelException when there is no adapter that can be read
     * @throws IOException when there is nothing at the path, or it cannot be read
     */
    public static LocatedAdapter locate(Path path) throws IOException {
        return LocatedAdapter.at(path);
    }

    /**
     * {@return which format an adapter has}
     *
     * @param path a GGUF file, or a folder of PEFT or mlx-lm
     * @throws InvalidModelException when there is no adapter that can be read
     * @throws IOException when there is nothing at the path, or it cannot be read
     */
    public static AdapterFormat format(Path path) throws IOException {
        return locate(path).format();
    }

    /**
     * {@return the files that an adapter consists of, its weights first}
     *
     * @param path a GGUF file, or a folder of PEFT or mlx-lm
     * @throws InvalidModelException when there is no adapter that can be read
     * @throws IOException when there is nothing at the path, or it cannot be read
     */
    public static List<Path> files(Path path) throws IOException {
        return locate(path).files();
    }

    /**
     * Reads an adapter for a model, and checks that it fits.
     *
     * @param path a GGUF file, or a folder of PEFT or mlx-lm
     * @param model the outline of the model that it is for
     * @return the adapter
     * @throws InvalidModelException when it is malformed, has parts that GGUF cannot express (biases, whole modules), or was made for another model
     * @throws IOException when it cannot be read
     */
    public static Adapter read(Path path, ModelOutline model) throws IOException {
        return locate(path).read(model);
    }

    /**
     * Reads a GGUF adapter without knowing its model.
     *
     * @param path the GGUF file
     * @return the adapter
     * @throws InvalidModelException when it is malformed, or is not GGUF
     * @throws IOException when it cannot be read
     */
    public static Adapter readGguf(Path path) throws IOException {
        LocatedAdapter location = locate(path);
        if (location.format() != AdapterFormat.GGUF) {
            throw new InvalidModelException(
                    "adapter-format",
                    path + " is a " + location.format()
                            + " adapter, which can be read only together with the model that it belongs to.");
        }
        return GgufAdapter.read(location.weights());
    }

    /**
     * Writes an adapter as GGUF, whole or not at all. llama.cpp refuses the file of an adapter with magnitudes (DoRA);
     * this library reads, merges and converts it.
     *
     * @param adapter what is written
     * @param file the file to write; an older one is replaced
     * @throws IOException when it cannot be written; what was there before is still there
     */
    public static void writeGguf(Adapter adapter, Path file) throws IOException {
        GgufAdapter.write(adapter, file);
    }

    /**
     * Writes an adapter in a format: a file for GGUF, else a folder, made where it is missing.
     *
     * @param adapter what is written
     * @param model the outline of the model that it is for
     * @param format the format to write
     * @param target the file or folder to write
     * @param base what the configuration names as the base model, such as a Hugging Face id; unused for GGUF
     * @throws InvalidModelException when the adapter is not for this model, or has no form in this format
     * @throws IOException when it cannot be written; each file that was there before is still there, or new and whole
     */
    public static void write(Adapter adapter, ModelOutline model, AdapterFormat format, Path target, String base)
            throws IOException {
        switch (format) {
            case GGUF -> GgufAdapter.write(adapter, target);
            case PEFT -> PeftAdapter.write(adapter, model, target, base);
            case MLX -> MlxAdapter.write(adapter, model, target, base);
        }
    }

    /**
     * Reads an adapter and writes it in a format, as {@link #read} and {@link #write} do.
     *
     * @param from the adapter to read
     * @param model the outline of the model that it is for
     * @param format the format to write
     * @param target the file or folder to write
     * @param base what the configuration names as the base model, such as a Hugging Face id; unused for GGUF
     * @return the adapter, with notes on how it was read
     * @throws IllegalArgumentException when the target is the adapter's own file or folder, a folder with an adapter of
     *     another format (its configuration would be lost), or a file that is not a GGUF adapter, such as the model
     * @throws InvalidModelException as {@link #read} and {@link #write}, and if an adapter of DoRA should become GGUF,
     *     which llama.cpp could not apply
     * @throws IOException as {@link #read} and {@link #write}
     */
    public static Adapter convert(Path from, ModelOutline model, AdapterFormat format, Path target, String base)
            throws IOException {
        return convert(from, model, format, target, base, false);
    }

    /**
     * As {@link #convert}, but a PEFT adapter is read as plain LoRA although its initialisation changed the base model,
     * or its configuration has sections that are not known here.
     *
     * <p>The result is right only on a base model with the same changes; on the original it answers wrongly. The notes
     * of the adapter say what was doubtful.
     *
     * @param from the adapter to read
     * @param model the outline of the model that it is for
     * @param format the format to write
     * @param target the file or folder to write
     * @param base what the configuration names as the base model, such as a Hugging Face id; unused for GGUF
     * @return the adapter, with notes on how it was read
     * @throws IOException when it cannot be read or written
     */
    public static Adapter convertForced(Path from, ModelOutline model, AdapterFormat format, Path target, String base)
            throws IOException {
        return convert(from, model, format, target, base, true);
    }

    private static Adapter convert(
            Path from, ModelOutline model, AdapterFormat format, Path target, String base, boolean forced)
            throws IOException {
        Path into = format == AdapterFormat.GGUF && Files.isDirectory(target) ? target.resolve(GGUF_NAME) : target;
        requireNotLost(from, format, into);
        requireReplaceable(format, into);
        Adapter adapter = locate(from).read(model, forced);
        if (format == AdapterFormat.GGUF && adapter.hasMagnitudes()) {
            throw new InvalidModelException(
                    "adapter-dora",
                    "The adapter " + from
                            + " is one of DoRA, which rescales whole rows of the weights; llama.cpp cannot"
                            + " apply that next to a model. Merge the adapter into its model with '"
                            + LocatedAdapter.MERGE + "'.");
        }
        Path folder = into.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        write(adapter, model, format, into, base);
        return adapter;
    }

    private static void requireNotLost(Path from, AdapterFormat format, Path into) throws IOException {
        for (Path file : files(from)) {
            if (isSame(file, into)
                    || Files.isDirectory(into)
                            && isSame(
                                    Objects.requireNonNull(file.toAbsolutePath().getParent()), into)) {
                throw new IllegalArgumentException(
                        "The adapter " + from + " would be written over itself in " + into + "; choose another place.");
            }
        }
        for (String name : List.of(GGUF_NAME, PeftAdapter.WEIGHTS, MlxAdapter.WEIGHTS)) {
            boolean other = !name.equals(weights(format));
            if (Files.isDirectory(into) && other && Files.exists(into.resolve(name))) {
                throw new IllegalArgumentException("The folder " + into + " holds an adapter already, " + name
                        + ", and could not be told from the new one; choose another folder.");
            }
        }
    }

    /** A file that is not an adapter is never replaced: it may be the model, or needed for another purpose. */
    private static void requireReplaceable(AdapterFormat format, Path into) throws IOException {
        if (!Files.exists(into)) {
            return;
        }
        if (format == AdapterFormat.GGUF && !isGgufAdapter(into)) {
            throw new IllegalArgumentException("The file " + into + " exists and is not a GGUF adapter, so it is"
                    + " not replaced; choose another place.");
        }
        if (format != AdapterFormat.GGUF && !Files.isDirectory(into)) {
            throw new IllegalArgumentException("An adapter of " + format + " is written as a folder, and " + into
                    + " is a file; choose another place.");
        }
    }

    private static boolean isGgufAdapter(Path file) throws IOException {
        try {
            return GgufFile.read(file)
                    .metadata()
                    .text("general.type")
                    .filter("adapter"::equals)
                    .isPresent();
        } catch (InvalidModelException other) {
            return false;
        }
    }

    private static boolean isSame(Path one, Path other) throws IOException {
        return Files.exists(other) && Files.isSameFile(one, other);
    }

    private static String weights(AdapterFormat format) {
        return switch (format) {
            case GGUF -> GGUF_NAME;
            case PEFT -> PeftAdapter.WEIGHTS;
            case MLX -> MlxAdapter.WEIGHTS;
        };
    }
}
