package io.lethean.lem.spark;

import io.lethean.lem.evaluation.BenchmarkException;
import java.util.Locale;
import java.util.Optional;

/** Which Java Spark and LEM run on together. */
final class JavaVersions {

    private static final Runtime.Version OLDEST = Runtime.Version.parse("25.0.3");

    private JavaVersions() {}

    /** What is wrong with a version, as a sentence; empty if nothing is. */
    static Optional<String> fault(Runtime.Version version, String where) {
        if (version.compareToIgnoreOptional(OLDEST) >= 0) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "%s runs Java %s, and LEM on Spark needs %s or later: until then G1 may move heap arrays that native code"
                        + " has pinned, and Spark's libraries pin some (JDK-8377811). Install a newer JDK 25 there, and name it"
                        + " by JAVA_HOME or spark.executorEnv.JAVA_HOME.",
                where,
                version,
                OLDEST));
    }

    static void require(Runtime.Version version, String where) {
        fault(version, where).ifPresent(sentence -> {
            throw new BenchmarkException(sentence);
        });
    }
}
