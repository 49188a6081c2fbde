package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The rule for every file that a command writes: it is never one of the inputs, no two outputs are the same file, and an
 * existing file is replaced only with {@code --overwrite}.
 *
 * <p>Files are the same if the file system says so: through links, in another case, or under a second name.
 */
final class Outputs {

    private final CommandSpec command;
    private final List<Path> inputs = new ArrayList<>();
    private final List<Path> outputs = new ArrayList<>();

    Outputs(CommandSpec command) {
        this.command = command;
    }

    /** Adds files that the command reads; null for what is not given. */
    Outputs reads(@Nullable Path... files) {
        for (Path file : files) {
            if (file != null) {
                inputs.add(file);
            }
        }
        return this;
    }

    Outputs reads(Collection<Path> files) {
        inputs.addAll(files);
        return this;
    }

    /** Adds all files in a folder and the folders in it. */
    Outputs readsAll(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            inputs.addAll(files.filter(Files::isRegularFile).toList());
        }
        return this;
    }

    /** Adds files that options name as {@code NAME=FILE} or {@code FILE}; null for what is not given. */
    Outputs readsNamed(@Nullable String... options) {
        for (String option : options) {
            if (option != null) {
                inputs.add(Path.of(option.substring(option.indexOf('=') + 1)));
            }
        }
        return this;
    }

    /** Checks files that an earlier run of the same command may have begun, and that the command continues. */
    Outputs continues(@Nullable Path... files) throws IOException {
        for (Path file : files) {
            if (file != null) {
                requireNoInput(file);
                requireNoOutput(file);
                outputs.add(file);
            }
        }
        return this;
    }

    /** Checks files that the command creates; null for what is not given. */
    Outputs writes(boolean overwrite, @Nullable Path... files) throws IOException {
        for (Path file : files) {
            continues(file);
            if (file != null && !overwrite && Files.exists(file) && !Files.isDirectory(file)) {
                throw new FileAlreadyExistsException(
                        file.toString(),
                        null,
                        file + " exists already; choose another name, or replace it with --overwrite.");
            }
        }
        return this;
    }

    Outputs writes(boolean overwrite, Collection<Path> files) throws IOException {
        return writes(overwrite, files.toArray(Path[]::new));
    }

    /**
     * Checks a folder that the command fills or continues: no file in it with a name that the command may write is an
     * input, under that name or another.
     */
    Outputs fills(Path folder, Pattern names) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    if (names.matcher(file.getFileName().toString()).matches()) {
                        requireNoInput(file);
                    }
                }
            }
        }
        return this;
    }

    /** Checks a folder that the command fills with folders: no file in it is an input, under that name or another. */
    Outputs fillsAll(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    requireNoInput(file);
                }
            }
        }
        return this;
    }

    private void requireNoInput(Path output) throws IOException {
        for (Path input : inputs) {
            if (isSame(input, output)) {
                throw Usage.error(
                        command,
                        String.format(
                                Locale.ROOT,
                                "The output %s is the same file as the input %s; choose another output.",
                                output,
                                input));
            }
        }
    }

    private void requireNoOutput(Path output) throws IOException {
        for (Path other : outputs) {
            if (isSame(other, output)) {
                throw Usage.error(
                        command,
                        String.format(
                                Locale.ROOT, "Two outputs are the same file %s; choose different names.", output));
            }
        }
    }

    /** Whether two paths lead to one file, or would if it existed. */
    static boolean isSame(Path one, Path other) throws IOException {
        if (Files.exists(one) && Files.exists(other)) {
            return Files.isSameFile(one, other);
        }
        Path first = resolved(one);
        Path second = resolved(other);
        return first.equals(second) || isCaseInsensitive() && first.toString().equalsIgnoreCase(second.toString());
    }

    /** The real path of the nearest folder that exists, with the rest of the path after it. */
    private static Path resolved(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        for (Path folder = absolute; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder)) {
                return folder.toRealPath().resolve(folder.relativize(absolute)).normalize();
            }
            if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
                return absolute;
            }
        }
        return absolute;
    }

    private static boolean isCaseInsensitive() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        return system.contains("windows") || system.contains("mac");
    }
}
