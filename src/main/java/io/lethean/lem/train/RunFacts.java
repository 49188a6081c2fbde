package io.lethean.lem.train;

import io.lethean.lem.TrainingException;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Everything that decides which numbers a training arrives at, each as text under its name.
 *
 * <p>Only a training with the same facts can be resumed. The number of threads is not among them: they may round
 * differently, and a run may move to another machine.
 */
record RunFacts(Map<String, String> values) {

    /** What the checkpoints did that were written before there was a choice. */
    private static final Map<String, String> BEFORE =
            Map.of("fine-tune-type", "lora", "dropout", "0.0", "recomputed-layers", "0");

    private static final String TRANSPOSED = "transposed";
    private static final String RECOMPUTED = "recomputed-layers";

    RunFacts {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Reads the files to know them again by their content. */
    static RunFacts of(GgufFile model, TrainingOptions options, EngineOptions engine) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        List<String> parts = new ArrayList<>();
        for (Path part : model.paths()) {
            parts.add(Sha256.of(part));
        }
        facts.put("model", String.join(" ", parts));
        facts.put("train.jsonl", sum(options.data().resolve("train.jsonl")));
        facts.put("valid.jsonl", sum(options.data().resolve("valid.jsonl")));
        putOptions(facts, options);
        facts.put(TRANSPOSED, engine.transposed().name().toLowerCase(Locale.ROOT));
        facts.put(RECOMPUTED, "" + engine.recomputedLayers());
        return new RunFacts(facts);
    }

    private static String sum(Path file) throws IOException {
        return Files.exists(file) ? Sha256.of(file) : "absent";
    }

    private static void putOptions(Map<String, String> facts, TrainingOptions o) {
        facts.put("fine-tune-type", o.fineTuneType().name().toLowerCase(Locale.ROOT));
        facts.put("rank", "" + o.rank());
        facts.put("scale", "" + o.scale());
        facts.put("dropout", "" + o.dropout());
        facts.put("num-layers", "" + o.layers());
        facts.put(
                "targets",
                o.targets().stream()
                        .map(Enum::name)
                        .sorted()
                        .toList()
                        .toString()
                        .toLowerCase(Locale.ROOT));
        facts.put("iters", "" + o.iterations());
        facts.put("epochs", "" + o.epochs());
        facts.put("batch-size", "" + o.batchSize());
        facts.put("grad-accumulation-steps", "" + o.gradientAccumulation());
        facts.put("optimizer", o.optimizer().name().toLowerCase(Locale.ROOT));
        facts.put("learning-rate", "" + o.learningRate());
        facts.put("lr-schedule", o.schedule().name().toLowerCase(Locale.ROOT));
        facts.put("final-learning-rate", "" + o.finalLearningRate());
        facts.put("warmup", "" + o.warmupUpdates());
        facts.put("weight-decay", "" + o.weightDecay());
        facts.put("clip-norm", "" + o.clipNorm());
        facts.put("seed", "" + o.seed());
        facts.put("max-seq-length", "" + o.maxSequenceLength());
        facts.put("truncate", "" + o.truncate());
        facts.put("pack", "" + o.pack());
        facts.put("mask-prompt", "" + o.maskPrompt());
        facts.put("steps-per-eval", "" + o.evalEvery());
        facts.put("val-batches", "" + o.validationBatches());
        facts.put("patience", "" + o.patience());
    }

    /** How the engine computed, which a training that goes on has to keep to. */
    EngineOptions engine(EngineOptions options) {
        TransposedType type = TransposedType.valueOf(
                values.getOrDefault(TRANSPOSED, options.transposed().name()).toUpperCase(Locale.ROOT));
        return options.withTransposed(type)
                .withRecomputedLayers(Integer.parseInt(values.getOrDefault(RECOMPUTED, "0")));
    }

    /**
     * Refuses to go on from a checkpoint of another training.
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
                        isContent(name)
                                ? (name.equals("model")
                                        ? "the model has another content"
                                        : name + " has another content")
                                : name + " was " + then + " and is " + now);
            }
        }
        if (!differences.isEmpty()) {
            throw new TrainingException("The training cannot be resumed from " + file + ", because it is another one: "
                    + String.join(", ", differences) + ". Give what it was begun with, or choose another adapter"
                    + " folder.");
        }
    }

    private static boolean isContent(String name) {
        return name.equals("model") || name.endsWith(".jsonl");
    }
}
