package io.lethean.lem.adapter;

import io.lethean.lem.hub.Hub;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An adapter and the weight that it is applied with.
 *
 * @param path a GGUF file, a folder with {@code adapter.gguf}, a PEFT folder or an mlx-lm folder
 * @param weight multiplies the update in addition to its LoRA scale; 1 as trained, 0 has no effect
 */
public record AdapterUse(Path path, float weight) {

    /** Checks that the weight is a finite number. */
    public AdapterUse {
        if (!Float.isFinite(weight)) {
            throw new IllegalArgumentException("An adapter's weight must be finite; it is " + weight + ".");
        }
    }

    /**
     * {@return an adapter as it was trained, named by its path, or by its name on the hub} A name begins with {@code
     * hf:}, and its files are downloaded unless the cache has them; see {@link Hub}.
     *
     * @param pathOrName a path, or a name such as {@code hf:org/name}
     * @throws io.lethean.lem.HubException if the hub does not have the adapter or cannot be reached
     * @throws IOException if the cache cannot be read or written
     */
    public static AdapterUse of(String pathOrName) throws IOException {
        return of(Hub.locateAdapter(pathOrName));
    }

    /**
     * {@return an adapter as it was trained}
     *
     * @param path a GGUF file, or a folder of PEFT or mlx-lm
     */
    public static AdapterUse of(Path path) {
        return new AdapterUse(path, 1);
    }
}
