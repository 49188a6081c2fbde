package io.lethean.lem.convert;

import io.lethean.lem.internal.checkpoint.Checkpoint;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.checkpoint.QuantizedFolders;
import java.io.IOException;

/**
 * Writes the model in a folder of Hugging Face or mlx-lm as a GGUF file.
 *
 * <p>The file appears whole or not at all and is never one of the folder's. A process that is killed leaves a temporary
 * file, which the next conversion to the same name removes.
 */
public final class Convert {

    private Convert() {}

    /**
     * Converts.
     *
     * @throws io.lethean.lem.InvalidModelException if the folder cannot be converted, naming the file or tensor
     * @throws IllegalArgumentException if the output is one of the folder's files, or the type is not known
     * @throws IOException if a file cannot be read or written; an older output is then as it was
     */
    public static ConvertReport run(ConvertOptions options) throws IOException {
        ModelFolder folder = ModelFolder.open(options.model());
        QuantizedFolders.refuse(folder);
        Family family = Families.of(folder);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return new ConversionRun(options, folder, family, checkpoint).run();
        }
    }
}
