package io.lethean.lem.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Measures how fast a training goes; time for validating and saving does not count. */
final class Pace {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String PEAK = "VmHWM:";

    private long nanos;
    private long totalNanos;
    private int iterations;
    private int totalIterations;
    private int tokens;

    void add(long elapsedNanos, int trainedIterations, int trainedTokens) {
        nanos += elapsedNanos;
        totalNanos += elapsedNanos;
        iterations += trainedIterations;
        totalIterations += trainedIterations;
        tokens += trainedTokens;
    }

    double tokensPerSecond() {
        return tokens / seconds(nanos);
    }

    double iterationsPerSecond() {
        return iterations / seconds(nanos);
    }

    /** By the mean over all iterations of this process. */
    double secondsLeft(int iterationsLeft) {
        return iterationsLeft * seconds(totalNanos) / Math.max(1, totalIterations);
    }

    /** Begins a new stretch. */
    void reset() {
        nanos = 0;
        iterations = 0;
        tokens = 0;
    }

    private static double seconds(long elapsed) {
        return Math.max(1, elapsed) / 1e9;
    }

    /** The most memory that this process had, in bytes; 0 where the system does not say. */
    static long peakMemoryBytes() {
        try {
            List<String> lines = Files.readAllLines(STATUS);
            return lines.stream()
                    .filter(line -> line.startsWith(PEAK))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException elsewhere) {
            return 0;
        }
    }
}
