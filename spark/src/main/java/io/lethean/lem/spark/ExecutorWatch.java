package io.lethean.lem.spark;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/**
 * Tells the user of a job that no executor runs anything: no worker may be alive, or each one has less free than an
 * executor needs. That is not a failure, because a worker may come. Used by the one thread that waits for the job.
 */
final class ExecutorWatch {

    /** How often a thread that waits looks. */
    static final Duration INTERVAL = Duration.ofSeconds(1);

    private final BooleanSupplier busy;
    private final String asked;
    private final Notices notices;
    private final LongSupplier nanoTime;
    private long since;
    private Duration due;

    ExecutorWatch(BooleanSupplier busy, String asked, Notices notices, LongSupplier nanoTime) {
        this.busy = busy;
        this.asked = asked;
        this.notices = notices;
        this.nanoTime = nanoTime;
        since = nanoTime.getAsLong();
        due = notices.first();
    }

    /** A watch of an application. */
    static ExecutorWatch of(SparkContext context, Notices notices) {
        return new ExecutorWatch(
                () -> context.isStopped()
                        || Arrays.stream(context.statusTracker().getExecutorInfos())
                                .anyMatch(executor -> executor.numRunningTasks() > 0),
                asked(context.getConf()),
                notices,
                System::nanoTime);
    }

    /** What an application asks of its cluster. */
    static String asked(SparkConf conf) {
        return String.format(
                Locale.ROOT,
                "The application asks the master %s for executors with %s and %s of memory%s",
                conf.get("spark.master", ""),
                conf.contains("spark.executor.cores")
                        ? conf.get("spark.executor.cores") + " cores"
                        : "the number of cores that is the cluster's default",
                conf.get("spark.executor.memory", "1g"),
                conf.contains("spark.executor.memoryOverhead")
                        ? " and " + conf.get("spark.executor.memoryOverhead") + " of overhead"
                        : "");
    }

    /** Something was answered. */
    void progressed() {
        since = nanoTime.getAsLong();
        due = notices.first();
    }

    /** Looks, and tells the user if it is time. */
    void look() {
        if (busy.getAsBoolean()) {
            progressed();
            return;
        }
        Duration idle = Duration.ofNanos(nanoTime.getAsLong() - since);
        if (idle.compareTo(due) >= 0) {
            due = idle.plus(notices.again());
            notices.user()
                    .accept(String.format(
                            Locale.ROOT,
                            "No executor has run a task for %d seconds. %s; look on the master's page whether a worker is alive"
                                    + " and has as much free, or ask for less with spark.executor.cores and"
                                    + " spark.executor.memory. The run continues as soon as there is an executor.",
                            idle.toSeconds(),
                            asked));
        }
    }
}
