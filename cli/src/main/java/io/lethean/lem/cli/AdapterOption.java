package io.lethean.lem.cli;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.gguf.ForeignFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** Reads {@code PATH[=WEIGHT]} and {@code NAME=PATH}, where the path may be a name on the hub. */
final class AdapterOption {

    private AdapterOption() {}

    /**
     * The adapter that an option names, which exists. A text that contains {@code =} is a path if that file exists.
     *
     * @throws picocli.CommandLine.ParameterException if what follows the {@code =} is not a number
     * @throws io.lethean.lem.InvalidModelException if the file is not an adapter
     * @throws IOException if nothing is at the path
     */
    static AdapterUse parse(CommandSpec command, String text) throws IOException {
        int equals = text.lastIndexOf('=');
        boolean weighted = equals >= 0 && !Files.exists(Path.of(text));
        Path given = Path.of(weighted ? text.substring(0, equals) : text);
        float weight = weighted ? weight(command, text, equals) : 1;
        return new AdapterUse(located(command, given, "--adapter"), weight);
    }

    /**
     * The file of {@code NAME=PATH}, which exists.
     *
     * @throws picocli.CommandLine.ParameterException if there is no {@code =}
     * @throws io.lethean.lem.InvalidModelException if the file is not an adapter
     * @throws IOException if nothing is at the path
     */
    static Map.Entry<String, Path> parseNamed(CommandSpec command, String option, String text) throws IOException {
        int equals = text.indexOf('=');
        if (equals <= 0 || equals == text.length() - 1) {
            throw Usage.error(command, option + " is '" + text + "' and must be NAME=PATH, such as kind=kind.gguf.");
        }
        return Map.entry(text.substring(0, equals), located(command, Path.of(text.substring(equals + 1)), option));
    }

    private static Path located(CommandSpec command, Path given, String option) throws IOException {
        Path path = HubNames.of(command).adapter(given);
        if (!Files.exists(path)) {
            throw new NoSuchFileException(
                    path.toString(),
                    null,
                    "The adapter " + path + ", named by " + option + ", does not exist; " + ForeignFile.advice(path)
                            + ".");
        }
        AdapterFiles.format(path);
        return path;
    }

    private static float weight(CommandSpec command, String text, int equals) {
        try {
            return Float.parseFloat(text.substring(equals + 1));
        } catch (NumberFormatException e) {
            throw Usage.error(
                    command,
                    String.format(
                            Locale.ROOT,
                            "The adapter %s ends with '%s', which is not a number, and no file has the whole name;"
                                    + " write PATH or PATH=WEIGHT.",
                            text,
                            text.substring(equals + 1)));
        }
    }
}
