package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.gguf.GgufScalar;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** The hyperparameters of a GGUF file, of which each must be asked for once: what is not expressed is refused. */
final class ArchitectureKeys {

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final Set<String> read = new LinkedHashSet<>();

    ArchitectureKeys(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
    }

    OptionalLong count(String key) {
        Optional<GgufValue> value = find(key);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        if (value.get() instanceof GgufScalar scalar && scalar.isInteger() && scalar.asLong() >= 0) {
            return OptionalLong.of(scalar.asLong());
        }
        throw wrong(key, value.get(), "a whole number for all layers");
    }

    long required(String key) {
        return count(key)
                .orElseThrow(
                        () -> refuse("does not say " + metadata.ownKey(key) + ", without which it cannot be used"));
    }

    /** A real number as its shortest decimal, which is what config.json had. */
    OptionalDouble real(String key) {
        Optional<GgufValue> value = find(key);
        if (value.isEmpty()) {
            return OptionalDouble.empty();
        }
        if (value.get() instanceof GgufScalar scalar && !scalar.isInteger() && scalar.type() != GgufType.BOOL) {
            double number = scalar.asDouble();
            return OptionalDouble.of(
                    scalar.type() == GgufType.FLOAT32 ? Double.parseDouble(Float.toString((float) number)) : number);
        }
        throw wrong(key, value.get(), "a real number");
    }

    Optional<String> text(String key) {
        find(key);
        return metadata.text(metadata.ownKey(key));
    }

    Optional<GgufValue> find(String key) {
        read.add(metadata.ownKey(key));
        return metadata.find(metadata.ownKey(key));
    }

    /** Accepts a key that says nothing new if it has this value. */
    void expect(String key, long value) {
        OptionalLong found = count(key);
        if (found.isPresent() && found.getAsLong() != value) {
            throw refuse("gives " + metadata.ownKey(key) + " as " + found.getAsLong() + ", and only " + value
                    + " can be expressed in config.json");
        }
    }

    /** @throws InvalidModelException naming the first hyperparameter that has not been asked for */
    void requireAllRead() {
        String prefix = metadata.architecture() + ".";
        for (String key : metadata.asMap().keySet()) {
            if (key.startsWith(prefix) && !read.contains(key)) {
                throw refuse("has the value " + key + ", which config.json has no place for");
            }
        }
    }

    private InvalidModelException wrong(String key, GgufValue value, String expected) {
        String text = value.toString();
        return refuse("gives " + metadata.ownKey(key) + " as "
                + (text.length() > 60 ? text.substring(0, 60) + "..." : text) + ", and " + expected + " was expected");
    }

    InvalidModelException refuse(String problem) {
        return new InvalidModelException(
                "export-config", "The file " + file.path() + " " + problem + ", so the model cannot be exported.");
    }
}
