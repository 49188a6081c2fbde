package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.evaluation.distill.Lesson;
import io.lethean.lem.evaluation.distill.Lesson.Example;
import io.lethean.lem.evaluation.kernel.Kernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Examples of one file that a phase learns from, or is validated on.
 *
 * @param file JSON Lines in mlx-lm's chat format
 * @param first the first example that is taken, from 1
 * @param last the last example that is taken; {@link #TO_THE_END} for all
 * @param sandwich a kernel that is put before each first question, as in the published project's ethics lessons; empty for
 *     plain examples
 * @param sandwichFile the kernel's file; empty if it came from elsewhere
 */
public record LessonSource(Path file, int first, int last, Optional<Kernel> sandwich, Optional<Path> sandwichFile) {

    /** All examples of the file after the first one that is taken. */
    public static final int TO_THE_END = Integer.MAX_VALUE;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public LessonSource {
        if (first < 1 || last < first) {
            throw new IllegalArgumentException("The examples " + first + " to " + last + " of " + file
                    + " are asked for; the first is 1 or more, and the last is not before it.");
        }
    }

    /**
     * {@return all examples of a file, as they are}
     *
     * @param file a training file
     */
    public static LessonSource of(Path file) {
        return new LessonSource(file, 1, TO_THE_END, Optional.empty(), Optional.empty());
    }

    /** The files that it reads. */
    List<Path> files() {
        List<Path> files = new ArrayList<>(List.of(file));
        sandwichFile.ifPresent(files::add);
        return files;
    }

    /**
     * The examples as lines of a training file.
     *
     * @throws MalformedDataException if the file has a line that is not a conversation, or fewer examples
     */
    String lines() throws IOException {
        List<Example> examples = Lesson.examples(file);
        int end = last == TO_THE_END ? examples.size() : last;
        if (first > examples.size() || end > examples.size()) {
            throw new MalformedDataException(
                    file,
                    "the examples " + first + " to " + (last == TO_THE_END ? "the last" : last)
                            + " are asked for, and it has " + examples.size() + ".");
        }
        StringBuilder lines = new StringBuilder();
        for (Example example : examples.subList(first - 1, end)) {
            lines.append(sandwich.map(kernel -> example.sandwich(kernel, Optional.empty()))
                    .orElse(example)
                    .line());
        }
        return lines.toString();
    }
}
