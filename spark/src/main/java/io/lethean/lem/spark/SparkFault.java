package io.lethean.lem.spark;

/** Why Spark ended a job, as a sentence. */
final class SparkFault {

    private SparkFault() {}

    static String sentence(Throwable failure) {
        String text = text(failure);
        if (text.contains("UnsupportedClassVersionError")) {
            return "An executor runs an older Java than 25, for which LEM's classes are made; install JDK 25.0.3 or later on"
                    + " every machine, and name it by spark.executorEnv.JAVA_HOME.";
        }
        if (text.contains("ClassNotFoundException: io.lethean") || text.contains("NoClassDefFoundError: io/lethean")) {
            return "The executors do not have the jars of LEM; name them by spark.jars, or by --jars of spark-submit.";
        }
        if (text.contains("SparkContext was shut down") || text.contains("cancelled because SparkContext")) {
            return "The Spark application was stopped before the job was complete.";
        }
        return "Spark ended the job: " + firstLine(failure);
    }

    private static String text(Throwable failure) {
        StringBuilder text = new StringBuilder();
        for (Throwable each = failure; each != null; each = each.getCause()) {
            text.append(each).append('\n');
        }
        return text.toString();
    }

    private static String firstLine(Throwable failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        String line = message.lines().findFirst().orElse("").strip();
        return line.endsWith(".") ? line : line + ".";
    }
}
