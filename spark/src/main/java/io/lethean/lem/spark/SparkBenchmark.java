package io.lethean.lem.spark;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.ab.AbPlan;
import io.lethean.lem.evaluation.ab.AbResult;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A/B benchmarks of several models under one protocol.
 *
 * @param models who answers, each with a name of its own; at least one
 * @param kernels the kernels that are compared with no kernel; may be empty
 * @param probes what is asked, at least one
 * @param options of every answer
 * @param samples answers to each probe under each condition
 * @param scorer of the answers
 */
public record SparkBenchmark(
        List<NamedModel> models,
        List<Kernel> kernels,
        List<Probe> probes,
        GenerationOptions options,
        int samples,
        Scorer scorer) {

    /**
     * Checks the values and copies the lists.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public SparkBenchmark {
        models = NamedModel.requireDistinctNames(List.copyOf(models));
        kernels = List.copyOf(kernels);
        probes = List.copyOf(probes);
        if (models.isEmpty()) {
            throw new IllegalArgumentException("A benchmark needs at least one model, but the list is empty.");
        }
    }

    AbPlan plan(NamedModel model) throws IOException {
        return new AbPlan(model.identity(), kernels, probes, options, samples, scorer);
    }

    /** The results of runs that have ended. */
    static Map<String, AbResult> results(Map<String, Future<AbResult>> running) throws IOException {
        Map<String, AbResult> results = new LinkedHashMap<>();
        Map<String, Throwable> failed = new LinkedHashMap<>();
        for (Map.Entry<String, Future<AbResult>> run : running.entrySet()) {
            try {
                results.put(run.getKey(), run.getValue().get());
            } catch (ExecutionException failure) {
                failed.put(run.getKey(), failure.getCause() == null ? failure : failure.getCause());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new BenchmarkException("The driver was interrupted; start the same run again to resume.");
            }
        }
        if (!failed.isEmpty()) {
            throw failure(failed, running.size());
        }
        return results;
    }

    private static BenchmarkException failure(Map<String, Throwable> failed, int models) {
        Map.Entry<String, Throwable> first = failed.entrySet().iterator().next();
        return new BenchmarkException(
                String.format(
                        Locale.ROOT,
                        "%d of %d models could not be benchmarked completely. %s: %s",
                        failed.size(),
                        models,
                        first.getKey(),
                        message(first.getValue())),
                first.getValue());
    }

    private static String message(@Nullable Throwable failure) {
        return failure == null || failure.getMessage() == null ? String.valueOf(failure) : failure.getMessage();
    }
}
