package io.lethean.lem.evaluation.run;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A model that takes part in a run: its file, its adapters, and how it is loaded.
 *
 * @param name in tables; also part of the output's file name
 * @param file the GGUF file
 * @param adapters applied to it
 * @param options of loading
 */
public record NamedModel(String name, Path file, List<AdapterUse> adapters, ModelOptions options) {

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N} ._+-]*");

    public NamedModel {
        adapters = List.copyOf(adapters);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + name + "' cannot be the name of a model; use letters, digits, spaces and . _ + -");
        }
    }

    /** A model named after its file, without the suffix {@code .gguf}. */
    public static NamedModel of(Path file, List<AdapterUse> adapters, ModelOptions options) {
        return new NamedModel(nameOf(file), file, adapters, options);
    }

    /** A file's name without the suffix {@code .gguf}. */
    public static String nameOf(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".gguf") ? name.substring(0, name.length() - 5) : name;
    }

    /** This model with another name. */
    public NamedModel withName(String other) {
        return new NamedModel(other, file, adapters, options);
    }

    /** What decides the answers. Reads the whole file and its adapters. */
    public ModelIdentity identity() throws IOException {
        return ModelIdentity.of(file, "llama.cpp " + LemModel.llamaCppVersion(), adapters)
                .withParallel(options.context().parallel());
    }

    /**
     * Loads the model and applies its adapters.
     *
     * @return the caller's to close
     */
    public LemModel load() throws IOException {
        LemModel loaded = LemModel.load(file, options);
        try {
            loaded.setAdapters(adapters);
            return loaded;
        } catch (IOException | RuntimeException | Error failed) {
            loaded.close();
            throw failed;
        }
    }
}
