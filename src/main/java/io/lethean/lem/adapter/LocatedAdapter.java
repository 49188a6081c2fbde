package io.lethean.lem.adapter;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.ForeignFile;
import io.lethean.lem.internal.gguf.ForeignFolder;
import io.lethean.lem.internal.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An adapter that was found on disk: its format and its files. Nothing of its weights has been read yet.
 *
 * <p>Immutable, and safe for use by any number of threads.
 */
public final class LocatedAdapter {

    /** What merges an adapter of DoRA, for messages. */
    static final String MERGE = "lem fuse --model MODEL --adapter-path ADAPTER --save-path FILE";

    private final AdapterFormat format;
    private final Path weights;

    /** The configuration, where it had to be read to find the format. */
    private final Optional<AdapterConfig> config;

    private LocatedAdapter(AdapterFormat format, Path weights, Optional<AdapterConfig> config) {
        this.format = format;
        this.weights = weights;
        this.config = config;
    }

    /** {@return how the adapter is stored} */
    public AdapterFormat format() {
        return format;
    }

    /** {@return the file that holds the weights} */
    public Path weights() {
        return weights;
    }

    /** {@return all files of the adapter, its weights first} */
    public List<Path> files() {
        return switch (format) {
            case GGUF -> List.of(weights);
            case PEFT, MLX -> List.of(weights, configFile());
        };
    }

    /**
     * Reads the adapter for a model that llama.cpp is to apply it next to, each of its files once.
     *
     * @param model the outline of the model
     * @return the adapter
     * @throws InvalidModelException as {@link #read}, and if it is one of DoRA, saying how to merge it
     * @throws IOException when it cannot be read
     */
    public Adapter readApplicable(ModelOutline model) throws IOException {
        Adapter adapter = read(model);
        requireApplicable(!adapter.hasMagnitudes());
        return adapter;
    }

    /**
     * As {@link #readApplicable}, of an adapter in GGUF with this file.
     *
     * @param read the header of the adapter's file, which was read already
     */
    public void requireApplicable(GgufFile read) {
        requireApplicable(!GgufAdapter.isDora(read));
    }

    private void requireApplicable(boolean applicable) {
        if (!applicable) {
            throw new InvalidModelException(
                    "adapter-dora",
                    "The adapter " + weights
                            + " is one of DoRA, which rescales whole rows of the weights; llama.cpp cannot"
                            + " apply that next to a model. Merge the adapter into its model with '" + MERGE
                            + "', and load the merged model.");
        }
    }

    /**
     * {@return whether llama.cpp can apply the adapter next to a model, which it cannot do with one of DoRA}
     *
     * @throws IOException when it cannot be read
     */
    public boolean isApplicable() throws IOException {
        return switch (format) {
            case GGUF -> !GgufAdapter.isDora(GgufFile.read(weights));
            case PEFT -> !config().flag("use_dora");
            case MLX -> !config().text("fine_tune_type").equals(Optional.of("dora"));
        };
    }

    /**
     * Reads the adapter for a model and checks that it fits.
     *
     * @param model the outline of the model
     * @return the adapter
     * @throws InvalidModelException when it is malformed, has parts that GGUF cannot express (biases, whole modules), or
     *     was made for another model
     * @throws IOException when it cannot be read
     */
    public Adapter read(ModelOutline model) throws IOException {
        return read(model, false);
    }

    /** With {@code forced}, what {@link PeftDoubts} finds is a note instead of a refusal. */
    Adapter read(ModelOutline model, boolean forced) throws IOException {
        Adapter adapter = switch (format) {
            case GGUF -> GgufAdapter.read(weights);
            case PEFT -> PeftAdapter.read(weights, config(), model, forced);
            case MLX -> MlxAdapter.read(weights, config(), model);
        };
        adapter.requireFits(model);
        return adapter;
    }

    private Path configFile() {
        return weights.resolveSibling(AdapterConfig.FILE_NAME);
    }

    private AdapterConfig config() throws IOException {
        return config.isPresent() ? config.get() : AdapterConfig.read(configFile());
    }

    static LocatedAdapter at(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return in(path);
        }
        if (!Files.exists(path)) {
            throw new NoSuchFileException(
                    path.toString(),
                    null,
                    "The adapter " + path + " does not exist; " + ForeignFile.advice(path) + ".");
        }
        if (path.getFileName().toString().endsWith(".safetensors")) {
            return safetensors(path);
        }
        ForeignFile.requireNoPickle(path);
        return of(AdapterFormat.GGUF, path);
    }

    private static LocatedAdapter of(AdapterFormat format, Path weights) {
        return new LocatedAdapter(format, weights, Optional.empty());
    }

    private static LocatedAdapter in(Path folder) throws IOException {
        Path peft = folder.resolve(PeftAdapter.WEIGHTS);
        Path mlx = folder.resolve(MlxAdapter.WEIGHTS);
        Path gguf = folder.resolve(AdapterFiles.GGUF_NAME);
        if (Files.exists(gguf)) {
            return of(AdapterFormat.GGUF, gguf);
        }
        if (Files.exists(peft)) {
            return of(AdapterFormat.PEFT, peft);
        }
        if (Files.exists(mlx)) {
            return of(AdapterFormat.MLX, mlx);
        }
        throw noAdapterIn(folder);
    }

    private static InvalidModelException noAdapterIn(Path folder) throws IOException {
        if (Files.exists(folder.resolve(PeftAdapter.WEIGHTS + ".index.json"))) {
            return new InvalidModelException(
                    "adapter-format",
                    "The adapter in " + folder + " is kept in several files;" + " save it as a single "
                            + PeftAdapter.WEIGHTS + ".");
        }
        if (ForeignFolder.isConvertible(folder)) {
            return new InvalidModelException(
                    "adapter-format",
                    "The folder " + folder + " contains a whole model, so it is not an adapter; convert it with "
                            + ForeignFolder.conversion(folder) + ", and load the result as the model.");
        }
        boolean pickled = Files.exists(folder.resolve("adapter_model.bin"));
        return new InvalidModelException(
                "adapter-format",
                "The folder " + folder + " contains neither " + AdapterFiles.GGUF_NAME + " nor " + PeftAdapter.WEIGHTS
                        + " nor " + MlxAdapter.WEIGHTS
                        + (pickled
                                ? "; its adapter_model.bin is a pickle, which can run code when read: save it as safetensors."
                                : ", so it is not an adapter."));
    }

    private static LocatedAdapter safetensors(Path weights) throws IOException {
        Path path = weights.resolveSibling(AdapterConfig.FILE_NAME);
        if (!Files.exists(path)) {
            throw new InvalidModelException(
                    "adapter-config",
                    "There is no " + AdapterConfig.FILE_NAME + " next to " + weights
                            + ", so that its scale is unknown.");
        }
        AdapterConfig config = AdapterConfig.read(path);
        AdapterFormat format = config.has("lora_parameters") ? AdapterFormat.MLX : AdapterFormat.PEFT;
        return new LocatedAdapter(format, weights, Optional.of(config));
    }
}
