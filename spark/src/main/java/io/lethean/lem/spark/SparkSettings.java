package io.lethean.lem.spark;

import java.util.Locale;
import java.util.OptionalInt;
import org.apache.spark.SparkConf;

/**
 * How questions are spread over a cluster.
 *
 * @param mixed whether executors with different backends or CPU kernels may answer; false refuses such a mix, because the last
 *     bits of answers would depend on where a question was asked. Default false
 * @param tasks tasks of a model's job, 1 or more; empty, the default, makes one for each question, at most 10,000. A driver or an
 *     executor that is killed loses the answers of its present tasks
 */
public record SparkSettings(boolean mixed, OptionalInt tasks) {

    static final String MIXED = "spark.lem.mixed";
    static final String TASKS = "spark.lem.tasks";

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public SparkSettings {
        if (tasks.isPresent() && tasks.getAsInt() < 1) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "The number of tasks is %d and must be 1 or more.", tasks.getAsInt()));
        }
    }

    /** {@return machines of one kind, and a task for each question} */
    public static SparkSettings defaults() {
        return new SparkSettings(false, OptionalInt.empty());
    }

    /**
     * {@return what a Spark configuration says by {@code spark.lem.mixed} and {@code spark.lem.tasks}}
     *
     * @param conf the configuration of the application
     */
    public static SparkSettings of(SparkConf conf) {
        return new SparkSettings(
                conf.getBoolean(MIXED, false),
                conf.contains(TASKS) ? OptionalInt.of(conf.getInt(TASKS, 1)) : OptionalInt.empty());
    }
}
