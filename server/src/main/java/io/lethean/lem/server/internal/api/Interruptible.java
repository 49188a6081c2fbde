package io.lethean.lem.server.internal.api;

import java.util.function.Supplier;

/** Work of the library that an interrupt ends. */
final class Interruptible {

    private Interruptible() {}

    /**
     * Runs work in this thread, which the end of the server interrupts.
     *
     * @throws io.lethean.lem.server.internal.http.ApiError if it fails or is ended
     */
    static <T> T run(ServedModel served, Supplier<T> work) {
        Thread thread = Thread.currentThread();
        try (OpenAnswers.Work _ = served.open().begin(1, thread::interrupt)) {
            return LibraryErrors.told(served, work);
        } finally {
            if (served.open().hasEnded()) {
                // An interrupt would close the connection before the refusal is written.
                Thread.interrupted();
            }
        }
    }
}
