package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.train.LemTrainer;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One training of a curriculum.
 *
 * @param name part of its folder's name: letters, digits, hyphen, dot, underscore
 * @param train what is learned, at least one source
 * @param valid what the validation loss is measured on; may be empty
 * @param options options of the training under the names of {@link TrainingOptions#named()}; what is missing has its
 *     default
 * @param keep which adapter is kept
 * @param gates what the kept adapter must reach
 */
public record Phase(
        String name,
        List<LessonSource> train,
        List<LessonSource> valid,
        Map<String, String> options,
        Keep keep,
        Gates gates) {

    /** What the adapter of the first phase decides for all. */
    static final Set<String> FORM = Set.of("rank", "scale", "num-layers", "targets");

    private static final Set<String> OWN = Set.of(
            "model",
            "data",
            "adapter-path",
            "resume-adapter-file",
            "fine-tune-type",
            "device",
            "threads",
            "max-memory-bytes");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*");

    /**
     * Checks the values and copies the lists and maps.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public Phase {
        train = List.copyOf(train);
        valid = List.copyOf(valid);
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("A phase cannot be named '" + name
                    + "', because its folder has this name; use letters, digits, hyphens, dots and underscores.");
        }
        require(!train.isEmpty(), name, "has no data: it needs at least one source of examples in \"train\".");
        require(
                !valid.isEmpty() || !gates.needsLoss() && keep != Keep.BEST_LOSS,
                name,
                "has a gate or a choice by validation loss, and no data to validate on in \"valid\".");
        for (String option : options.keySet()) {
            require(
                    !OWN.contains(option),
                    name,
                    "has the option " + option
                            + ", which a phase cannot have; the curriculum or the command decides it.");
        }
    }

    private static void require(boolean holds, String name, String problem) {
        if (!holds) {
            throw new IllegalArgumentException("The phase " + name + " " + problem);
        }
    }

    /** All files that it reads. */
    List<Path> files() {
        return Stream.concat(train.stream(), valid.stream())
                .flatMap(source -> source.files().stream())
                .distinct()
                .toList();
    }

    /**
     * Sets the options of the training.
     *
     * @throws IllegalArgumentException naming the phase and the option that does not exist or is out of range
     */
    TrainingOptions complete(TrainingOptions.Builder builder) {
        try {
            options.forEach(builder::option);
            return builder.build();
        } catch (IllegalArgumentException mistake) {
            throw new IllegalArgumentException("The phase " + name + ": " + mistake.getMessage(), mistake);
        }
    }

    /**
     * Checks on the model that the phase can be trained.
     *
     * @throws IllegalArgumentException naming the phase and what keeps it from being trained
     */
    void requireTrainable(LemTrainer trainer) throws IOException {
        try {
            trainer.check();
        } catch (MalformedDataException unfit) {
            throw new IllegalArgumentException(
                    "The phase " + name + " cannot be trained: " + unfit.getMessage(), unfit);
        }
    }

    /** The examples of some sources as a training file. */
    String lines(List<LessonSource> sources) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (LessonSource source : sources) {
            try {
                lines.append(source.lines());
            } catch (IOException unreadable) {
                throw new IOException("The phase " + name + " cannot be trained: " + sentence(unreadable), unreadable);
            }
        }
        return lines.toString();
    }

    private static String sentence(IOException unreadable) {
        return unreadable instanceof NoSuchFileException missing
                ? "the file " + missing.getFile() + " does not exist."
                : String.valueOf(unreadable.getMessage());
    }
}
