package io.lethean.lem.train.options;

import java.nio.file.Path;
import java.util.Objects;

/**
 * The files of a training.
 *
 * @param model the GGUF file; it is read and never written
 * @param data the folder with {@code train.jsonl} and, for a validation loss, {@code valid.jsonl}
 * @param adapterFolder where the adapter (with {@link FineTuneType#FULL} the model), the checkpoints and the log are
 *     written; created if it is missing
 */
public record TrainingFiles(Path model, Path data, Path adapterFolder) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public TrainingFiles {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(adapterFolder, "adapterFolder");
    }
}
