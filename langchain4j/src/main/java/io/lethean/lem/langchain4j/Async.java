package io.lethean.lem.langchain4j;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Work on a virtual thread of its own. */
final class Async {

    private Async() {}

    /** The result; cancelling the future interrupts the work. */
    static <T> CompletableFuture<T> run(Supplier<T> work) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread worker = Thread.ofVirtual().name("lem-langchain4j-answer").unstarted(() -> {
            try {
                future.complete(work.get());
            } catch (RuntimeException | Error failed) {
                future.completeExceptionally(failed);
            }
        });
        var unused = future.whenComplete((result, error) -> {
            if (future.isCancelled()) {
                worker.interrupt();
            }
        });
        worker.start();
        return future;
    }
}
