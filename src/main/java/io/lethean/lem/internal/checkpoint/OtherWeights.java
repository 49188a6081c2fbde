package io.lethean.lem.internal.checkpoint;

import io.lethean.lem.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a folder without {@code model*.safetensors} has instead, and what helps. */
final class OtherWeights {

    private final Path folder;

    OtherWeights(Path folder) {
        this.folder = folder;
    }

    InvalidModelException refusal() throws IOException {
        List<String> names;
        try (Stream<Path> entries = Files.list(folder)) {
            names = entries.map(entry -> String.valueOf(entry.getFileName()))
                    .sorted()
                    .toList();
        }
        return new InvalidModelException(
                "checkpoint-files", "The folder " + folder + " has no model*.safetensors" + help(names) + ".");
    }

    private static String help(List<String> names) {
        for (String name : names) {
            if (name.endsWith(".gguf")) {
                return " but " + name + ", which can be used as it is";
            }
            if (name.startsWith("consolidated") && name.endsWith(".safetensors")) {
                return " but " + name
                        + ", which is Mistral's own form; take the form of Hugging Face, which the same page offers";
            }
            if (name.startsWith("adapter")) {
                return " but " + name + ", an adapter; 'lem fuse' merges it into its model";
            }
            if (name.endsWith(".bin") || name.endsWith(".pt") || name.endsWith(".pth") || name.endsWith(".ckpt")) {
                return " but " + name + ", which is a Python pickle and can run code when it is read, so it is never"
                        + " opened here; take the model as safetensors, or save it so with transformers"
                        + " (save_pretrained)";
            }
            if (name.endsWith(".msgpack") || name.endsWith(".h5") || name.endsWith(".onnx")) {
                return " but " + name + ", which cannot be converted; take the model as safetensors";
            }
        }
        return "; the weights are missing, so download the folder again";
    }
}
