package io.lethean.lem.cli;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.internal.gguf.ForeignFile;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The values of options that name several models.
 *
 * @param command reported with a value that is not valid
 * @param adapters applied to each model after its own adapters
 * @param options for loading each model
 */
record NamedModelOption(CommandSpec command, List<AdapterUse> adapters, ModelOptions options) {

    /**
     * A model given as {@code name=path}, or as a path alone; then the file name without its suffix is the name. In both
     * cases {@code +path} adds an adapter, and {@code +path=weight} an adapter with a weight other than 1. Each path may be
     * a name on the hub.
     */
    NamedModel parse(String given) throws IOException {
        int equals = given.indexOf('=');
        String name = given.substring(0, Math.max(0, equals));
        boolean named = equals >= 0 && !name.contains("/") && !name.contains("\\") && !name.contains(".gguf+");
        String files = named ? given.substring(equals + 1) : given;
        String[] parts = Files.exists(Path.of(files)) ? new String[] {files} : files.split("\\+");
        Path file = HubNames.of(command).model(Path.of(parts[0]));
        if (!Files.exists(file)) {
            throw new NoSuchFileException(
                    file.toString(), null, "The model " + file + " does not exist; " + ForeignFile.advice(file) + ".");
        }
        List<AdapterUse> own = new ArrayList<>();
        StringBuilder stems = new StringBuilder(NamedModel.nameOf(file));
        for (String adapter : Arrays.asList(parts).subList(1, parts.length)) {
            own.add(AdapterOption.parse(command, adapter));
            stems.append('+').append(NamedModel.nameOf(own.getLast().path()));
        }
        own.addAll(adapters);
        return Usage.valid(command, () -> new NamedModel(named ? name : stems.toString(), file, own, options));
    }

    List<NamedModel> parseAll(List<String> given) throws IOException {
        List<NamedModel> models = new ArrayList<>();
        for (String one : given) {
            models.add(parse(one));
        }
        return Usage.valid(command, () -> NamedModel.requireDistinctNames(models));
    }
}
