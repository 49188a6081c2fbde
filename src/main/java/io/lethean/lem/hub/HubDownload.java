package io.lethean.lem.hub;

import java.nio.file.Path;
import java.util.List;

/**
 * What is in the cache after a download.
 *
 * @param name that was asked for
 * @param kind of what it stands for
 * @param path to open: of a split model the first file, of an adapter or of safetensors the folder
 * @param files all of its files
 * @param bytes of all files together
 */
public record HubDownload(HubName name, Kind kind, Path path, List<Path> files, long bytes) {

    /** What a name can stand for. */
    public enum Kind {
        /** A model in GGUF, which can be loaded. */
        MODEL,
        /** A LoRA adapter: a folder of PEFT or mlx-lm, or a GGUF file. */
        ADAPTER,
        /** A folder with safetensors, configuration and tokenizer, which can be converted. */
        MODEL_FOLDER,
        /** A single file of another kind. */
        FILE
    }

    /** Copies the list, so that later changes of it do not count. */
    public HubDownload {
        files = List.copyOf(files);
    }
}
