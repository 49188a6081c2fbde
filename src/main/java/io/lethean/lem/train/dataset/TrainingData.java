package io.lethean.lem.train.dataset;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The examples of a folder as mlx-lm lays it out: {@code train.jsonl}, and where they exist {@code valid.jsonl} and
 * {@code test.jsonl}.
 *
 * @param train what is learned from, never empty
 * @param valid what the training is measured on; empty where there is no such file
 * @param test what the result is measured on; empty where there is no such file
 */
public record TrainingData(List<TrainingExample> train, List<TrainingExample> valid, List<TrainingExample> test) {

    private static final System.Logger LOG = System.getLogger(TrainingData.class.getName());

    /** Copies the lists, so that later changes of them do not count. */
    public TrainingData {
        train = List.copyOf(train);
        valid = List.copyOf(valid);
        test = List.copyOf(test);
    }

    /**
     * Reads a folder.
     *
     * @param folder a folder with {@code train.jsonl}, and perhaps {@code valid.jsonl} and {@code test.jsonl}
     * @return the examples
     * @throws MalformedDataException naming the file and line of the first malformed example, or a file without
     *     examples
     * @throws IOException if there is no {@code train.jsonl}, or a file cannot be read
     */
    public static TrainingData read(Path folder) throws IOException {
        Path train = folder.resolve("train.jsonl");
        if (!Files.exists(train)) {
            throw new NoSuchFileException(
                    train.toString(),
                    null,
                    "The file " + train + " does not exist; training needs it, with one example a line.");
        }
        return new TrainingData(
                readFile(train), readIfThere(folder.resolve("valid.jsonl")), readIfThere(folder.resolve("test.jsonl")));
    }

    private static List<TrainingExample> readIfThere(Path file) throws IOException {
        return Files.exists(file) ? readFile(file) : List.of();
    }

    /**
     * Reads one file. A warning in the log names the members that are ignored.
     *
     * @param file a file of JSON lines
     * @return the examples in the order of the file
     * @throws MalformedDataException naming the line of the first malformed example, or saying that the file is empty
     * @throws IOException if the file cannot be read
     */
    public static List<TrainingExample> readFile(Path file) throws IOException {
        List<TrainingExample> examples = new ArrayList<>();
        IgnoredMembers ignored = new IgnoredMembers();
        try (JsonLineReader reader = new JsonLineReader(file)) {
            for (JsonLine line = reader.next(); line != null; line = reader.next()) {
                examples.add(new ExampleReader(file, line.number(), ignored).read(line.object()));
            }
        }
        if (examples.isEmpty()) {
            throw new MalformedDataException(file, "the file holds no examples; expected one a line, as JSON.");
        }
        if (!ignored.isEmpty()) {
            LOG.log(Level.WARNING, ignored.sentence(file));
        }
        return examples;
    }
}
