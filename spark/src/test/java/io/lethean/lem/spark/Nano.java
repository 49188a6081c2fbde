package io.lethean.lem.spark;

import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbRunner;
import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.run.OnDemandModel;
import io.lethean.lem.evaluation.run.RunListener;
import io.lethean.lem.evaluation.score.V2Scorer;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** The small model, its benchmark, and a Spark application that talks to this machine only. */
final class Nano {

    static final Path FILE = Path.of("models/lem-nano.gguf");

    static final GenerationOptions OPTIONS =
            GenerationOptions.builder().maxTokens(24).temperature(0.8).seed(7).build();

    private Nano() {}

    static NamedModel model() {
        return model(1);
    }

    static NamedModel model(int parallel) {
        return new NamedModel(
                "nano",
                FILE.toAbsolutePath(),
                List.of(),
                ModelOptions.builder()
                        .contextTokens(1024)
                        .threads(1)
                        .parallel(parallel)
                        .device("cpu")
                        .build());
    }

    static List<Probe> probes(int count) throws IOException {
        return ProbeFile.read(Path.of("seeds/P01-P20.json")).subList(0, count);
    }

    static List<Kernel> kernels() {
        return List.of(Kernel.ofText("kind", "Be kind, and say what you do not know."));
    }

    static SparkBenchmark benchmark(int probes, NamedModel... models) throws IOException {
        return new SparkBenchmark(List.of(models), kernels(), probes(probes), OPTIONS, 1, new V2Scorer());
    }

    /** What {@code lem benchmark} writes: the same plan, asked of a model in this process. */
    static List<String> local(NamedModel model, int probes, Path output) throws IOException {
        AbPlan plan = benchmark(probes, model).plan(model);
        try (OnDemandModel loaded = new OnDemandModel(model)) {
            new AbRunner(plan, loaded, RunListener.SILENT).run(output, false);
        }
        return AbRuns.timeless(output);
    }

    static SparkSession session(String master, Map<String, String> settings) {
        SparkConf conf = new SparkConf()
                .setMaster(master)
                .setAppName("LEM's tests")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.log.level", "ERROR")
                .set("spark.sql.shuffle.partitions", "2")
                .set(
                        "spark.sql.warehouse.dir",
                        Path.of("target/spark-warehouse").toAbsolutePath().toString());
        settings.forEach(conf::set);
        return SparkSession.builder().config(conf).getOrCreate();
    }
}
