package io.lethean.lem.cli;

import io.lethean.lem.adapter.AdapterUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;

/**
 * One of several models that a command runs.
 *
 * @param name in tables; also part of the output's file name
 * @param file the GGUF file
 * @param adapters applied to it
 */
record NamedModel(String name, Path file, List<AdapterUse> adapters) {

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N} ._+-]*");

    NamedModel {
        adapters = List.copyOf(adapters);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'%s' cannot be the name of a model; use letters, digits, spaces and . _ + -".formatted(name));
        }
    }

    /**
     * A model given as {@code name=path}, or as a path alone; then the file name without its suffix is the name. In both
     * cases {@code +path} adds an adapter, and {@code +path=weight} an adapter with a weight other than 1.
     */
    static NamedModel parse(CommandSpec command, String given) throws IOException {
        int equals = given.indexOf('=');
        String name = given.substring(0, Math.max(0, equals));
        boolean named = equals >= 0 && !name.contains("/") && !name.contains("\\") && !name.contains(".gguf+");
        String files = named ? given.substring(equals + 1) : given;
        String[] parts = Files.exists(Path.of(files)) ? new String[] {files} : files.split("\\+");
        Path file = Path.of(parts[0]);
        if (!Files.exists(file)) {
            throw new NoSuchFileException(
                    file.toString(), null, "The model %s does not exist; check the path.".formatted(file));
        }
        List<AdapterUse> adapters = new ArrayList<>();
        StringBuilder stems = new StringBuilder(stem(file));
        for (String adapter : Arrays.asList(parts).subList(1, parts.length)) {
            adapters.add(AdapterOption.parse(command, adapter));
            stems.append('+').append(stem(adapters.getLast().path()));
        }
        return Usage.valid(command, () -> new NamedModel(named ? name : stems.toString(), file, adapters));
    }

    /** A model named after its file. */
    static NamedModel of(Path file) {
        return new NamedModel(stem(file), file, List.of());
    }

    private static String stem(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".gguf") ? name.substring(0, name.length() - 5) : name;
    }

    static List<NamedModel> parseAll(CommandSpec command, List<String> given) throws IOException {
        List<NamedModel> models = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String one : given) {
            NamedModel model = parse(command, one);
            if (!names.add(model.name())) {
                throw Usage.error(
                        command,
                        "Two models are named '%s'; give them different names, as in name=path."
                                .formatted(model.name()));
            }
            models.add(model);
        }
        return models;
    }
}
