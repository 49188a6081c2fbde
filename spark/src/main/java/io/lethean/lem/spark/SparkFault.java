package io.lethean.lem.spark;

import io.lethean.lem.evaluation.BenchmarkException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Spark throws, as sentences. Spark is written in Scala and throws checked exceptions that its methods do not declare, so
 * its callers catch {@link Exception}.
 */
final class SparkFault {

    /** How Spark names the task that made it give up. */
    private static final Pattern LOST = Pattern.compile("\\(TID \\d+\\) \\((\\S+) executor (\\S+)\\)");

    private SparkFault() {}

    /** Spark ended a job, or did not begin it. */
    static BenchmarkException ended(Throwable failure) {
        return new BenchmarkException(sentence(failure), failure);
    }

    static String sentence(Throwable failure) {
        String text = text(failure);
        if (text.contains("UnsupportedClassVersionError")) {
            return executor(text, "An executor")
                    + " runs an older Java than 25, for which LEM's classes are made; install JDK"
                    + " 25.0.3 or later on every machine, and name it by spark.executorEnv.JAVA_HOME.";
        }
        if (text.contains("ClassNotFoundException: io.lethean") || text.contains("NoClassDefFoundError: io/lethean")) {
            return executor(text, "An executor")
                    + " does not have the jars of LEM; name them by spark.jars, or by --jars of" + " spark-submit.";
        }
        if (text.contains("SparkContext was shut down")
                || text.contains("cancelled because SparkContext")
                || text.contains("stopped SparkContext")) {
            return "The Spark application was stopped before the job was complete.";
        }
        return "Spark ended the job: " + firstLine(failure);
    }

    private static String executor(String text, String otherwise) {
        Matcher lost = LOST.matcher(text);
        return lost.find() ? "Executor " + lost.group(2) + " at " + lost.group(1) : otherwise;
    }

    private static String text(Throwable failure) {
        StringBuilder text = new StringBuilder();
        for (Throwable each = failure; each != null; each = each.getCause()) {
            text.append(each).append('\n');
        }
        return text.toString();
    }

    /** The first line of a failure's message, with a full stop. */
    static String firstLine(Throwable failure) {
        if (failure instanceof ExecutionException && failure.getCause() != null) {
            return firstLine(failure.getCause());
        }
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        String line = message.lines().findFirst().orElse("").strip();
        return line.endsWith(".") ? line : line + ".";
    }
}
