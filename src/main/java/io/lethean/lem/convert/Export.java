package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgufFile;
import java.io.IOException;
import java.util.Optional;

/**
 * Writes a GGUF model as a folder that transformers or mlx-lm loads: the way back from {@link Convert}.
 *
 * <p>The folder appears whole or not at all. An older folder is replaced only if all its files are those of an exported model.
 */
public final class Export {

    private Export() {}

    /**
     * Exports.
     *
     * @param options what is exported, and how
     * @return what was written
     * @throws InvalidModelException if the model cannot be expressed in such a folder, naming what cannot
     * @throws IllegalArgumentException if the type is not known
     * @throws java.nio.file.FileAlreadyExistsException if the output holds other files
     * @throws IOException if a file cannot be read or written; an older folder is then as it was
     */
    public static ExportReport run(ExportOptions options) throws IOException {
        GgufFile file = GgufFile.readModel(options.model());
        String id = file.metadata().architecture();
        Optional<Family> family = Families.exportable(id);
        Optional<Architecture> facts = Architecture.byId(id);
        if (family.isEmpty() || facts.isEmpty()) {
            throw new InvalidModelException(
                    "export-architecture",
                    "The model " + options.model() + " is of the architecture " + id
                            + ", which cannot be exported. These can: " + String.join(", ", Families.exportable())
                            + ".");
        }
        return new ExportRun(options, file, family.get(), facts.get()).run();
    }

    /**
     * {@return whether a file of this name is one that an export writes}
     *
     * @param name a file name without folders
     */
    public static boolean isOwnFile(String name) {
        return ExportedFiles.isOwn(name);
    }
}
