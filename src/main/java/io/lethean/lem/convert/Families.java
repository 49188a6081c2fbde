package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** All kinds of models that can be converted. */
final class Families {

    private static final LlamaFamily LLAMA = new LlamaFamily();

    static final List<Family> ALL = List.of(
            LLAMA,
            new MixtralFamily(LLAMA),
            QwenFamily.qwen2(),
            QwenFamily.qwen3(),
            new Qwen3MoeFamily(),
            new Gemma2Family(),
            new Gemma3Family(),
            new Gemma4Family(),
            new GptOssFamily(),
            new BertFamily());

    private Families() {}

    /**
     * The family of a folder's model.
     *
     * @throws InvalidModelException naming the model's class and those that can be converted
     */
    static Family of(ModelFolder folder) {
        String wanted = folder.architecture();
        return ALL.stream()
                .filter(family -> family.classes().contains(wanted))
                .findFirst()
                .orElseThrow(() -> new InvalidModelException(
                        "convert-architecture",
                        "The model in " + folder.path() + " is a " + wanted + ", which cannot be converted"
                                + NearestName.of(wanted, classes())
                                        .map(near -> "; the nearest that can is " + near)
                                        .orElse("")
                                + ". These can: " + String.join(", ", classes()) + "."));
    }

    /** The family of a GGUF file that can become a checkpoint again; empty for any other architecture. */
    static Optional<Family> exportable(String id) {
        return ALL.stream()
                .filter(family ->
                        family.id().equals(id) && family.checkpointForm().isPresent())
                .findFirst();
    }

    /** The architectures that can become checkpoints again. */
    static List<String> exportable() {
        return ALL.stream()
                .filter(family -> family.checkpointForm().isPresent())
                .map(Family::id)
                .toList();
    }

    /** The classes of all families. */
    static List<String> classes() {
        return ALL.stream().flatMap(family -> family.classes().stream()).collect(Collectors.toList());
    }
}
