package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.internal.io.OutputLock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What one process holds of a run: the lock on its output, and its log, which is of the same run. */
public final class RunSession implements Closeable {

    private final OutputLock lock;
    private final RunLog log;

    private RunSession(OutputLock lock, RunLog log) {
        this.lock = lock;
        this.log = log;
    }

    /**
     * Takes an output for this process, and creates its folder if it is missing.
     *
     * @param overwrite delete the output and its log first
     * @throws BenchmarkException if another process writes it, or its log is of another run
     */
    public static RunSession open(Path output, boolean overwrite, RunIdentity identity) throws IOException {
        if (Files.isDirectory(output)) {
            throw new FileSystemException(output.toString(), null, "it is a folder, and the output must be a file");
        }
        Files.createDirectories(output.toAbsolutePath().getParent());
        OutputLock lock = OutputLock.acquire(output);
        try {
            if (overwrite) {
                Files.deleteIfExists(output);
                Files.deleteIfExists(RunFiles.logOf(output));
            }
            RunLog log = new RunLog(RunFiles.logOf(output));
            log.requireSame(identity, output);
            return new RunSession(lock, log);
        } catch (IOException | RuntimeException | Error failed) {
            lock.close();
            throw failed;
        }
    }

    public RunLog log() {
        return log;
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            log.close();
        }
    }
}
