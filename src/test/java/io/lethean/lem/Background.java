package io.lethean.lem;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Work that runs while a test continues, each piece in its own thread. The common pool has one or two threads on small machines: a test that
 * blocks them would stop every later test that uses it.
 */
public final class Background {

    private Background() {}

    public static <T> CompletableFuture<T> call(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, Background::start);
    }

    public static CompletableFuture<Void> run(Runnable work) {
        return CompletableFuture.runAsync(work, Background::start);
    }

    private static void start(Runnable work) {
        Thread.ofPlatform().daemon().start(work);
    }
}
