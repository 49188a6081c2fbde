package io.lethean.lem.spark;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.spark.Executor.Refusal;
import java.io.Serial;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;

/** A task that finds out which machine its executor is, given the device that is asked for. */
final class FindMachine implements Function<String, byte[]>, Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    /** What the task sends to the driver. */
    record Found(Optional<Machine> machine, String refusal) {}

    @Override
    public byte[] call(String device) {
        try {
            return Portable.write(new Found(Optional.of(Executor.machine(device)), ""));
        } catch (Refusal refused) {
            return Portable.write(new Found(Optional.empty(), String.valueOf(refused.getMessage())));
        }
    }

    /** The machine of some executor, which all others must answer as. */
    static Machine anywhere(JavaSparkContext context, String device, ExecutorWatch watch) {
        byte[] result;
        try {
            result = first(
                    context.parallelize(List.of(device), 1)
                            .map(new FindMachine())
                            .collectAsync(),
                    watch);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("The driver was interrupted before the first question.");
        } catch (Exception failed) {
            throw SparkFault.ended(failed);
        }
        Found found = Portable.read(Found.class, result);
        return found.machine().orElseThrow(() -> new BenchmarkException(found.refusal()));
    }

    private static byte[] first(Future<List<byte[]>> job, ExecutorWatch watch) throws Exception {
        try {
            while (true) {
                try {
                    return job.get(ExecutorWatch.INTERVAL.toMillis(), TimeUnit.MILLISECONDS)
                            .getFirst();
                } catch (TimeoutException waiting) {
                    watch.look();
                }
            }
        } finally {
            job.cancel(true);
        }
    }
}
