package io.lethean.lem.cli;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.AnswerCluster;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of commands that can let Spark's executors answer their questions. */
@Heading("Spark")
final class ClusterArguments {

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Option(
            names = "--spark",
            paramLabel = "MASTER",
            description =
                    "Let the executors of Spark answer: local[N] for N tasks at a time in this process, or a cluster's"
                            + " address such as spark://host:7077. Needs the module lem-spark, see docs/spark.md.")
    private @Nullable String master;

    @Option(
            names = "--spark-conf",
            paramLabel = "KEY=VALUE",
            description = "A setting of Spark, such as spark.executor.cores=1; repeatable.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(
            names = "--spark-mixed",
            description =
                    "Allow executors with different backends or CPU kernels, which differ in the last bits of answers.")
    private boolean mixed;

    @Option(
            names = "--spark-parquet",
            paramLabel = "ADDRESS",
            description =
                    "Write the answers as Parquet too, to a folder named by a path or address that Spark knows; replaces the rows of"
                            + " this model there.")
    private @Nullable String table;

    /** What opens the cluster; empty if the model of this process answers. */
    Optional<AnswerCluster.Provider> provider() {
        if (master == null) {
            if (mixed || table != null || !settings.isEmpty()) {
                throw Usage.error(
                        command, "--spark-conf, --spark-mixed and --spark-parquet need --spark MASTER; add it.");
            }
            return Optional.empty();
        }
        Optional<AnswerCluster.Provider> found = AnswerCluster.provider();
        if (found.isEmpty()) {
            throw new BenchmarkException(
                    "--spark needs the module lem-spark and Apache Spark, and they are not on the class"
                            + " path. 'make spark' collects them in target/spark; then start LEM_CLASS_PATH='target/spark/*' ./lem"
                            + " benchmark ... See docs/spark.md.");
        }
        return found;
    }

    AnswerCluster.Settings settings() {
        return new AnswerCluster.Settings(master == null ? "" : master, settings, mixed);
    }

    Optional<String> table() {
        return Optional.ofNullable(table);
    }
}
