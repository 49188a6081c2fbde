package io.lethean.lem.server.internal.api;

import io.lethean.lem.server.internal.http.ApiError;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Work of the library that an interrupt ends. */
final class Interruptible {

    private Interruptible() {}

    /**
     * Runs work in this thread, which the end of the server and its time limit interrupt.
     *
     * @throws ApiError if it fails or is ended
     */
    static <T> T run(ServedModel served, Supplier<T> work) {
        return run(served, served.timeLimit(), work);
    }

    /** @param left of the time limit */
    static <T> T run(ServedModel served, Optional<Duration> left, Supplier<T> work) {
        Thread thread = Thread.currentThread();
        TimeLimit limit = TimeLimit.start(left, thread::interrupt);
        try (limit;
                OpenAnswers.Work _ = served.open().begin(1, thread::interrupt)) {
            return LibraryErrors.told(served, work);
        } catch (ApiError failed) {
            throw limit.isOver() ? tooLate(served) : failed;
        } finally {
            if (served.open().hasEnded() || limit.isOver()) {
                // An interrupt would close the connection before the refusal is written.
                Thread.interrupted();
            }
        }
    }

    private static ApiError tooLate(ServedModel served) {
        double seconds = served.timeLimit().map(Duration::toMillis).orElse(0L) / 1e3;
        return new ApiError(
                503,
                "server_error",
                null,
                "time_limit",
                "The request took longer than " + seconds
                        + " seconds, the time limit of this server, so it was ended. Send fewer or shorter texts.");
    }
}
