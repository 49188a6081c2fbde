package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A copy of the files that a killed run of an earlier version left, of src/test/resources/resume.
 *
 * @param name of the run
 * @param folder holds {@code inputs} and, as {@code out}, what the killed run left
 */
record OldRun(String name, Path folder) {

    private static final String MODEL = "models/lem-nano.gguf";

    static OldRun copy(String name, Path folder) throws IOException {
        copyAll(resources().resolve("inputs"), folder.resolve("inputs"));
        copyAll(resources().resolve(name + "/interrupted"), folder.resolve("out"));
        return new OldRun(name, folder);
    }

    private static Path resources() {
        try {
            return Path.of(Objects.requireNonNull(OldRun.class.getResource("/resume/README.md"))
                            .toURI())
                    .getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void copyAll(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    /** Runs a command, in which paths below {@code inputs/}, {@code out/} and the model are found. */
    CommandRun run(List<String> command) {
        return CommandRun.of(command.stream().map(this::resolved).toArray(String[]::new));
    }

    private String resolved(String argument) {
        return argument.replaceFirst("^([a-z]+=)?(?=inputs/|out/)", "$1" + folder + "/")
                .replace(MODEL, model().toString());
    }

    /** In the working folder or above it, so that the tests of a module find it too. */
    static Path model() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
                .map(place -> place.resolve(MODEL))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
    }

    /** A file of the run, as it is now. */
    Path file(String file) {
        return folder.resolve("out").resolve(file);
    }

    /** A file as the killed run left it. */
    Path interrupted(String file) {
        return resources().resolve(name + "/interrupted").resolve(file);
    }

    /** A file as an undisturbed run left it. */
    Path finished(String file) {
        return resources().resolve(name + "/finished").resolve(file);
    }

    /** Asserts that every complete line that was there is there still, byte for byte, and that more follow. */
    void assertGrown(String file) throws IOException {
        String before = text(interrupted(file));
        String kept = before.substring(0, before.lastIndexOf('\n') + 1);
        String now = text(file(file));
        assertThat(now.length()).as("length of %s", file).isGreaterThan(kept.length());
        assertThat(now.substring(0, kept.length())).as("beginning of %s", file).isEqualTo(kept);
    }

    /** A distillation writes its output again, with the model's path as it is now given. */
    private static String text(Path file) throws IOException {
        return Files.readString(file).replaceAll("\"[^\"]*(?=" + MODEL + ")", "\"");
    }

    /** The content of all files but locks, by name. */
    Map<String, String> contents() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder.resolve("out"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.toString().endsWith(".lock")) {
                    contents.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        }
        return contents;
    }

    /** A command, split at spaces and line ends. */
    static List<String> command(String words) {
        return List.of(words.strip().split("\\s+"));
    }

    /**
     * A command with a change.
     *
     * @param change {@code --name value} sets an option, {@code --name} adds a flag, {@code no --name} takes an option
     *     with its value away
     */
    static List<String> changed(List<String> command, String change) {
        List<String> changed = new ArrayList<>(command);
        for (String each : change.split("; ")) {
            List<String> words = Arrays.asList(each.split(" "));
            int at = changed.indexOf(words.getFirst().equals("no") ? words.get(1) : words.getFirst());
            if (words.getFirst().equals("no")) {
                boolean flag = at + 1 == changed.size() || changed.get(at + 1).startsWith("--");
                changed.subList(at, at + (flag ? 1 : 2)).clear();
            } else if (at < 0) {
                changed.addAll(words);
            } else {
                changed.set(at + 1, words.get(1));
            }
        }
        return changed;
    }
}
