package io.lethean.lem.train;

import io.lethean.lem.TrainingException;
import io.lethean.lem.train.options.FineTuneType;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of a training, locked against another process while this is open.
 *
 * <p>{@code adapter.gguf} is the result, {@code best.gguf} the adapter of the best validation, {@code
 * 0000100_adapter.gguf} the adapter after 100 iterations; where all weights are trained they are models, and named so.
 * And {@code checkpoint-0000100.gguf} what is needed to resume
 * there; the newest two checkpoints are kept.
 */
final class AdapterFolder implements AutoCloseable {

    static final String BEST = "best.gguf";
    static final String EVENTS = "events.jsonl";

    private static final String CHECKPOINT = "checkpoint-";
    private static final String SUFFIX = ".gguf";
    private static final String LOCK = "train.lock";
    private static final int KEPT_CHECKPOINTS = 2;

    private final Path folder;
    private final FineTuneType type;
    private final FileChannel lock;

    private AdapterFolder(Path folder, FineTuneType type, FileChannel lock) {
        this.folder = folder;
        this.type = type;
        this.lock = lock;
    }

    /**
     * Locks the folder, and creates it if it is missing.
     *
     * @throws TrainingException if another training has locked it
     */
    static AdapterFolder open(Path folder, FineTuneType type) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(channel)) {
            channel.close();
            throw new TrainingException(
                    "Another training is writing to " + folder + "; wait for it, or choose another adapter folder.");
        }
        AdapterFolder open = new AdapterFolder(folder, type, channel);
        open.deleteHalfWritten();
        return open;
    }

    /** The names of all files that a training writes into its folder. */
    static Pattern writtenNames(FineTuneType type) {
        return Pattern.compile("((checkpoint-\\d+|(\\d+_)?" + type.resultName() + "|best)\\.gguf|"
                + Pattern.quote(EVENTS) + "|" + Pattern.quote(LOCK) + ")(\\..+\\.part)?");
    }

    /**
     * Fails if a file that a training may write is an input, under that name or another.
     *
     * @throws IllegalArgumentException naming both
     */
    static void requireWritesNoneOf(List<Path> inputs, Path folder, FineTuneType type) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Pattern names = writtenNames(type);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (!names.matcher(file.getFileName().toString()).matches()) {
                    continue;
                }
                for (Path input : inputs) {
                    if (Files.exists(file) && Files.isSameFile(file, input)) {
                        throw new IllegalArgumentException("The input " + input + " is the file " + file
                                + " in the adapter folder, which a training may overwrite; choose another adapter"
                                + " folder.");
                    }
                }
            }
        }
    }

    /** What a killed training was writing. */
    private void deleteHalfWritten() throws IOException {
        for (Path file : files("(checkpoint-\\d+|\\d+_adapter|adapter|\\d+_model|model|best)\\.gguf\\..+\\.part")) {
            Files.delete(file);
        }
    }

    private List<Path> files(String pattern) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches(pattern))
                    .filter(Files::isRegularFile)
                    .toList();
        }
    }

    /** The lock ends with the process, however it ends; its file stays, because deleting it would let two in. */
    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException heldHere) {
            return false;
        }
    }

    Path result() {
        return folder.resolve(type.resultName() + SUFFIX);
    }

    Path best() {
        return folder.resolve(BEST);
    }

    Path result(int iteration) {
        return folder.resolve(String.format(Locale.ROOT, "%07d_", iteration) + type.resultName() + SUFFIX);
    }

    Path checkpoint(int iteration) {
        return folder.resolve(CHECKPOINT + String.format(Locale.ROOT, "%07d", iteration) + SUFFIX);
    }

    Path events() {
        return folder.resolve(EVENTS);
    }

    /** The checkpoint to resume from. */
    Optional<Path> newest() throws IOException {
        List<Path> all = checkpoints();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    /** Refuses to overwrite what a training left here; empty, because there is nothing to resume. */
    Optional<Path> requireUnused() throws IOException {
        Optional<Path> left = newest().or(() -> Optional.of(result()).filter(Files::exists));
        if (left.isPresent()) {
            throw new TrainingException("The folder " + folder + " holds a training already ("
                    + left.get().getFileName() + "); resume it, or choose another adapter folder.");
        }
        return Optional.empty();
    }

    /** The checkpoint to resume from; empty in a folder without a training. */
    Optional<Path> toResume() throws IOException {
        Optional<Path> newest = newest();
        if (newest.isEmpty()) {
            requireNoResult();
        }
        return newest;
    }

    /** Refuses to begin again over a result that is there without a checkpoint, so from elsewhere. */
    private void requireNoResult() {
        if (Files.exists(result())) {
            throw new TrainingException("The folder " + folder + " holds " + result().getFileName()
                    + " and no checkpoint, so there is nothing to resume; choose another adapter folder.");
        }
    }

    /**
     * Writes a checkpoint and drops the ones before the last.
     *
     * @param good the last iteration with a state known to be good; the newest checkpoint up to it stays too
     */
    Path save(Checkpoint checkpoint, int good) throws IOException {
        Path file = checkpoint(checkpoint.state().iteration());
        checkpoint.write(file);
        List<Path> all = checkpoints();
        Optional<Path> lastGood =
                all.stream().filter(each -> iteration(each) <= good).reduce((first, second) -> second);
        for (Path old : all.subList(0, Math.max(0, all.size() - KEPT_CHECKPOINTS))) {
            if (!lastGood.equals(Optional.of(old))) {
                Files.delete(old);
            }
        }
        return file;
    }

    /** Drops checkpoints of later iterations. */
    void deleteAfter(int iteration) throws IOException {
        for (Path checkpoint : checkpoints()) {
            if (iteration(checkpoint) > iteration) {
                Files.delete(checkpoint);
            }
        }
    }

    /** Oldest first. */
    private List<Path> checkpoints() throws IOException {
        return files(CHECKPOINT + "\\d{7,9}\\" + SUFFIX).stream()
                .sorted(Comparator.comparingInt(AdapterFolder::iteration))
                .toList();
    }

    private static int iteration(Path checkpoint) {
        String name = checkpoint.getFileName().toString();
        return Integer.parseInt(name.substring(CHECKPOINT.length(), name.length() - SUFFIX.length()));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
