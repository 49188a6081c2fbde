package io.lethean.lem.evaluation.run;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
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

    /**
     * Checks the values and copies the list.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public NamedModel {
        adapters = List.copyOf(adapters);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + name + "' cannot be the name of a model; use letters, digits, spaces and . _ + -");
        }
    }

    /**
     * {@return a model named after its file, without the suffix {@code .gguf}}
     *
     * @param file the GGUF file
     * @param adapters the adapters to apply
     * @param options how the model is loaded
     */
    public static NamedModel of(Path file, List<AdapterUse> adapters, ModelOptions options) {
        return new NamedModel(nameOf(file), file, adapters, options);
    }

    /**
     * {@return a file's name without the suffix {@code .gguf}}
     *
     * @param file the GGUF file
     */
    public static String nameOf(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".gguf") ? name.substring(0, name.length() - 5) : name;
    }

    /**
     * {@return the models, which can be told apart}
     *
     * @param models of one run
     * @throws IllegalArgumentException if two of them have the same name
     */
    public static List<NamedModel> requireDistinctNames(List<NamedModel> models) {
        Set<String> names = new HashSet<>();
        for (NamedModel model : models) {
            if (!names.add(model.name())) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "Two models are named '%s'; give them different names, as in name=path.",
                        model.name()));
            }
        }
        return models;
    }

    /**
     * {@return this model with another name}
     *
     * @param other the new name
     */
    public NamedModel withName(String other) {
        return new NamedModel(other, file, adapters, options);
    }

    /**
     * {@return what decides the answers} Reads the whole file and its adapters.
     *
     * @throws IOException if a file cannot be read
     */
    public ModelIdentity identity() throws IOException {
        return ModelIdentity.of(file, "llama.cpp " + LemModel.llamaCppVersion(), adapters)
                .withParallel(options.context().parallel());
    }

    /**
     * Loads the model and applies its adapters.
     *
     * @return the caller's to close
     * @throws IOException if a file cannot be read
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
