package io.lethean.lem.adapter;

import java.nio.file.Path;

/**
 * An adapter and how strongly it is applied.
 *
 * @param path a GGUF file, a folder with {@code adapter.gguf}, a PEFT folder or an mlx-lm folder
 * @param strength what the update is multiplied by on top of its own scale; 1 as trained, 0 for not at all
 */
public record AdapterUse(Path path, float strength) {

    public AdapterUse {
        if (!Float.isFinite(strength)) {
            throw new IllegalArgumentException("An adapter's strength is a finite number, unlike " + strength + ".");
        }
    }

    /** An adapter as it was trained. */
    public static AdapterUse of(Path path) {
        return new AdapterUse(path, 1);
    }
}
