package io.lethean.lem.evaluation.curriculum;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of a curriculum.
 *
 * @param model the GGUF file; it is only read
 * @param folder where everything is written: a folder for each phase, {@code curriculum.json}, and at the end {@code
 *     adapter.gguf}
 * @param start the adapter that the first phase starts from; empty for a new one
 */
public record CurriculumFiles(Path model, Path folder, Optional<Path> start) {

    /**
     * Starts with a new adapter.
     *
     * @param model the GGUF model
     * @param folder the folder that receives all phases
     * @return the files
     */
    public static CurriculumFiles of(Path model, Path folder) {
        return new CurriculumFiles(model, folder, Optional.empty());
    }

    Path summary() {
        return folder.resolve("curriculum.json");
    }

    Path adapter() {
        return folder.resolve("adapter.gguf");
    }

    /**
     * Fails if a file that is read is in the folder that is filled.
     *
     * @throws IllegalArgumentException naming both
     */
    void requireNoneWritten(List<Path> inputs) throws IOException {
        List<Path> read = new ArrayList<>(inputs);
        read.add(model);
        start.ifPresent(read::add);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> written = Files.walk(folder)) {
            for (Path file : written.filter(Files::exists).toList()) {
                for (Path input : read) {
                    if (Files.exists(input) && Files.isSameFile(input, file)) {
                        throw new IllegalArgumentException("The input " + input + " is the file " + file
                                + " in the folder that the curriculum fills; choose another folder.");
                    }
                }
            }
        }
    }
}
