package io.lethean.lem.cli;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.gguf.ForeignFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/** Reads {@code PATH[=WEIGHT]}, where the path may be a name on the hub. */
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
        AdapterUse use = new AdapterUse(HubNames.of(command).adapter(given), weight);
        if (!Files.exists(use.path())) {
            throw new NoSuchFileException(
                    use.path().toString(),
                    null,
                    "The adapter " + use.path() + ", named by --adapter, does not exist; "
                            + ForeignFile.advice(use.path()) + ".");
        }
        AdapterFiles.format(use.path());
        return use;
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
