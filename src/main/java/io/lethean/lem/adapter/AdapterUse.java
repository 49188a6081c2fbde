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

    public AdapterUse {
        if (!Float.isFinite(weight)) {
            throw new IllegalArgumentException("An adapter's weight must be finite; it is " + weight + ".");
        }
    }

    /**
     * An adapter as it was trained, named by its path, or by its name on the hub. A name begins with {@code hf:}, and its
     * files are downloaded unless the cache has them; see {@link Hub}.
     *
     * @throws io.lethean.lem.HubException if the hub does not have the adapter or cannot be reached
     * @throws IOException if the cache cannot be read or written
     */
    public static AdapterUse of(String pathOrName) throws IOException {
        return of(Hub.locateAdapter(pathOrName));
    }

    /** An adapter as it was trained. */
    public static AdapterUse of(Path path) {
        return new AdapterUse(path, 1);
    }
}
