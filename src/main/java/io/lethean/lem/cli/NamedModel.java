package io.lethean.lem.cli;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One of several models that a command runs.
 *
 * @param name by which tables call it; part of its file's name
 * @param file the GGUF file
 */
record NamedModel(String name, Path file) {

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N} ._+-]*");

    NamedModel {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "A model cannot be named '%s'; names consist of letters, digits, blanks and . _ + -".formatted(name));
        }
    }

    /** A model given as {@code name=path}, or as a path alone, whose file name without its suffix is the name. */
    static NamedModel parse(String given) throws NoSuchFileException {
        int equals = given.indexOf('=');
        String name = given.substring(0, Math.max(0, equals));
        boolean named = equals >= 0 && !name.contains("/") && !name.contains("\\");
        Path file = Path.of(named ? given.substring(equals + 1) : given);
        if (!Files.exists(file)) {
            throw new NoSuchFileException(
                    file.toString(), null, "The model %s does not exist; check the path.".formatted(file));
        }
        return named ? new NamedModel(name, file) : of(file);
    }

    /** A model that is called as its file. */
    static NamedModel of(Path file) {
        String name = file.getFileName().toString();
        return new NamedModel(name.endsWith(".gguf") ? name.substring(0, name.length() - 5) : name, file);
    }

    static List<NamedModel> parseAll(List<String> given) throws NoSuchFileException {
        List<NamedModel> models = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String one : given) {
            NamedModel model = parse(one);
            if (!names.add(model.name())) {
                throw new IllegalArgumentException(
                        "Two models are named '%s'; name them apart, as in name=path.".formatted(model.name()));
            }
            models.add(model);
        }
        return models;
    }
}
