package io.lethean.lem.evaluation.run;

import io.lethean.lem.evaluation.BenchmarkException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Machines that answer the questions of runs. The module lem-spark has one; it is found by {@link ServiceLoader}, so that
 * programs without a cluster do not carry a cluster's libraries.
 */
public interface AnswerCluster extends AutoCloseable {

    /**
     * The answers of a model on the cluster.
     *
     * @param model who answers; its file is at the same path on every machine
     * @param identity of the files on this machine; a machine with other files is refused
     * @return the source of the answers; valid until the cluster is closed
     */
    AnswerSource answers(NamedModel model, ModelIdentity identity);

    /**
     * Writes the answers of a complete A/B benchmark as a table, a row for each answer.
     *
     * @param output the JSON Lines file of the benchmark
     * @param name of the model in the table
     * @param table where the cluster writes
     * @return rows that were written
     * @throws BenchmarkException if the benchmark is not complete
     * @throws IOException if a file cannot be read
     */
    long writeTable(Path output, String name, String table) throws IOException;

    /** Leaves the cluster. */
    @Override
    void close();

    /**
     * What is needed to reach a cluster.
     *
     * @param master the address, such as {@code local[2]} or {@code spark://host:7077}
     * @param settings of the cluster's own, by name
     * @param mixed whether machines with different backends or CPU kernels may answer
     */
    record Settings(String master, Map<String, String> settings, boolean mixed) {

        /** Copies the map. */
        public Settings {
            settings = Map.copyOf(settings);
        }
    }

    /** Opens clusters of one kind. */
    interface Provider {

        /**
         * Opens a cluster.
         *
         * @param settings where it is
         * @return the caller's to close
         * @throws BenchmarkException if it cannot be reached or used
         */
        AnswerCluster open(Settings settings);
    }

    /** {@return the provider that is present; empty if no module has one} */
    static Optional<Provider> provider() {
        return ServiceLoader.load(Provider.class).findFirst();
    }
}
