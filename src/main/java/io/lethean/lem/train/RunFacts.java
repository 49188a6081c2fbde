package io.lethean.lem.train;

import io.lethean.lem.TrainingException;
import io.lethean.lem.internal.engine.EngineOptions;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that decides the result of a training, each as text under its name: the content of the files, and every
 * option that is not {@link #EXCLUDED}.
 *
 * <p>Only a training with the same facts can be resumed. The number of threads is excluded, although it may change the
 * rounding, because a run may move to another machine.
 */
record RunFacts(Map<String, String> values) {

    /**
     * Values for checkpoints that are older than the option. A new option needs an entry here or in {@link
     * #EXCLUDED}.
     */
    static final Map<String, String> BEFORE =
            Map.of("fine-tune-type", "lora", "dropout", "0.0", "recomputed-layers", "0", "adapter", "absent");

    private static final String RECOMPUTED = "recomputed-layers";

    /**
     * Options that a resumed training may change. The files are identified by their content.
     */
    static final Set<String> EXCLUDED = Set.of(
            "model",
            "data",
            "adapter-path",
            "resume-adapter-file",
            "steps-per-report",
            "save-every",
            "device",
            "threads",
            "max-memory-bytes");

    RunFacts {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * Reads the files, which are identified by their hashes.
     *
     * @param adapter the files of the adapter to start from; empty for a new one
     */
    static RunFacts of(GgufFile model, List<Path> adapter, TrainingOptions options, EngineOptions engine)
            throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("model", sums(model.paths()));
        facts.put("adapter", adapter.isEmpty() ? "absent" : sums(adapter));
        Path data = options.files().data();
        facts.put("train.jsonl", sum(data.resolve("train.jsonl")));
        facts.put("valid.jsonl", sum(data.resolve("valid.jsonl")));
        facts.putAll(identity(options.named()));
        facts.put(RECOMPUTED, "" + engine.recomputedLayers());
        return new RunFacts(facts);
    }

    private static String sums(List<Path> files) throws IOException {
        List<String> sums = new ArrayList<>();
        for (Path file : files) {
            sums.add(Sha256.of(file));
        }
        return String.join(" ", sums);
    }

    private static String sum(Path file) throws IOException {
        return Files.exists(file) ? Sha256.of(file) : "absent";
    }

    /** The options that identify a training. */
    static Map<String, String> identity(Map<String, String> options) {
        Map<String, String> identity = new LinkedHashMap<>(options);
        identity.keySet().removeAll(EXCLUDED);
        return identity;
    }

    /** How the engine computed, which a resumed training must keep. */
    EngineOptions engine(EngineOptions options) {
        return options.withRecomputedLayers(Integer.parseInt(values.getOrDefault(RECOMPUTED, "0")));
    }

    /**
     * Refuses to resume from a checkpoint of another training.
     *
     * @throws TrainingException naming every difference
     */
    void requireSame(RunFacts checkpoint, Path file) {
        List<String> differences = new ArrayList<>();
        for (String name : values.keySet()) {
            String now = values.get(name);
            String then = checkpoint.values.getOrDefault(name, BEFORE.getOrDefault(name, "unknown"));
            if (!now.equals(then)) {
                differences.add(
                        switch (name) {
                            case "model" -> "the model file has changed";
                            case "adapter" -> "the adapter to start from has changed";
                            case "train.jsonl", "valid.jsonl" -> name + " has changed";
                            default -> name + " was " + then + " and is " + now;
                        });
            }
        }
        if (!differences.isEmpty()) {
            throw new TrainingException("The training cannot be resumed from " + file
                    + ", because it is not the same training: "
                    + String.join(", ", differences) + ". Use the original files and options, or choose another"
                    + " adapter folder.");
        }
    }
}
