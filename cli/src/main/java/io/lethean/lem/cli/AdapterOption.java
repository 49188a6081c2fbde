package io.lethean.lem.cli;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads {@code PATH[=SCALE]}. */
final class AdapterOption {

    private AdapterOption() {}

    /**
     * The adapter that is meant, which is there: a path with {@code =} in it is one if there is such a file.
     *
     * @throws IllegalArgumentException if what follows the {@code =} is no number
     * @throws io.lethean.lem.InvalidModelException if what is at the path is no adapter
     * @throws IOException if there is nothing at the path
     */
    static AdapterUse parse(String text) throws IOException {
        int equals = text.lastIndexOf('=');
        AdapterUse use = equals < 0 || Files.exists(Path.of(text))
                ? AdapterUse.of(Path.of(text))
                : new AdapterUse(Path.of(text.substring(0, equals)), scale(text, equals));
        if (!Files.exists(use.path())) {
            throw new NoSuchFileException(
                    use.path().toString(),
                    null,
                    "The adapter " + use.path() + ", named by --adapter, does not exist; check the path.");
        }
        AdapterFiles.format(use.path());
        return use;
    }

    private static float scale(String text, int equals) {
        try {
            return Float.parseFloat(text.substring(equals + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "--adapter " + text + " ends with '" + text.substring(equals + 1)
                            + "', which is no scale, and there is no file of the whole name; write PATH or PATH=SCALE.",
                    e);
        }
    }
}
