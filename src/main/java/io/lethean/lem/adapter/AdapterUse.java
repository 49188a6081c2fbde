package io.lethean.lem.adapter;

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

    /** An adapter as it was trained. */
    public static AdapterUse of(Path path) {
        return new AdapterUse(path, 1);
    }
}
