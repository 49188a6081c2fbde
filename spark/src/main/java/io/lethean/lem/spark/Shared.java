package io.lethean.lem.spark;

import io.lethean.lem.spark.Portable.Box;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** A value that each executor gets once, until it is closed. */
record Shared<T>(SparkContext application, Broadcast<Box<T>> broadcast) implements AutoCloseable {

    static <T> Shared<T> of(JavaSparkContext context, Class<T> type, T value) {
        try {
            return new Shared<>(context.sc(), context.broadcast(new Box<>(type, value)));
        } catch (Exception failed) {
            throw SparkFault.ended(failed);
        }
    }

    @Override
    public void close() {
        unlessStopped(application, broadcast::destroy);
    }

    /** Removes something from an application; nothing is left in one that was stopped. */
    static void unlessStopped(SparkContext application, Runnable removal) {
        try {
            if (!application.isStopped()) {
                removal.run();
            }
        } catch (Exception failed) {
            if (!application.isStopped()) {
                throw failed;
            }
        }
    }
}
