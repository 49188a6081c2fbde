package io.lethean.lem.spark;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;

/** How many tasks an executor runs at a time, as far as the settings tell. */
final class Slots {

    private static final Pattern LOCAL = Pattern.compile("local(?:\\[\\s*(\\d+|\\*)\\s*(?:,.*)?])?");

    private Slots() {}

    /**
     * The cores of an executor; empty if it takes all that its worker has free.
     *
     * @param present processors of this machine, for {@code local[*]}
     */
    static OptionalInt cores(SparkConf conf, int present) {
        String master = conf.get("spark.master", "");
        Matcher local = LOCAL.matcher(master);
        if (local.matches()) {
            String given = local.group(1) == null ? "1" : local.group(1);
            return OptionalInt.of(given.equals("*") ? present : Integer.parseInt(given));
        }
        if (conf.contains("spark.executor.cores")) {
            return OptionalInt.of(conf.getInt("spark.executor.cores", 1));
        }
        return master.equals("yarn") || master.startsWith("k8s:") ? OptionalInt.of(1) : OptionalInt.empty();
    }

    /**
     * What is idle because tasks and the sequences of a model do not match, as a sentence; empty if nothing is, or if the number
     * of slots is not known.
     *
     * @param parallel questions that a model answers at a time
     * @param perTask questions of a task
     */
    static Optional<String> mismatch(SparkConf conf, int present, int parallel, int perTask) {
        OptionalInt cores = cores(conf, present);
        if (cores.isEmpty()) {
            return Optional.empty();
        }
        int slots = Math.max(1, cores.getAsInt() / conf.getInt("spark.task.cpus", 1));
        boolean more = slots > parallel;
        if (!more && (long) slots * perTask >= parallel) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "The task slots of an executor (%d) are %s than the questions that its model answers at a time (parallel, %d), so"
                        + " %s. Make both numbers equal, by the cores of the executor or the parallel of the model.",
                slots,
                more ? "more" : "fewer",
                parallel,
                more ? "tasks wait" : "sequences of the model are idle"));
    }
}
