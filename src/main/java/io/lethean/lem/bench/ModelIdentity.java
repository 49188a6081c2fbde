package io.lethean.lem.bench;

import io.lethean.lem.data.Sha256;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Which model answers, as recorded with its answers.
 *
 * @param name as the user gave it, a path as a rule; the summary's {@code model}
 * @param sha256 of the model file; empty where there is none, and then the name tells models apart
 * @param engine what runs it and in which version, such as {@code llama.cpp v0.5.0}; recorded, but a run may be
 *     continued with another one
 */
public record ModelIdentity(String name, String sha256, String engine) {

    /** The identity of a model file, whose whole content is read. */
    public static ModelIdentity of(Path file, String engine) throws IOException {
        return new ModelIdentity(file.toString(), Sha256.of(file), engine);
    }
}
