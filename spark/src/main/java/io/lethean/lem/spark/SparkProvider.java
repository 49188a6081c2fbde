package io.lethean.lem.spark;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.AnswerCluster;
import io.lethean.lem.evaluation.run.AnswerSource;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.NamedModel;
import io.lethean.lem.model.LemModel;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** Opens a Spark application, for programs that know {@link AnswerCluster} only. */
public final class SparkProvider implements AnswerCluster.Provider {

    private static final String JARS = "spark.jars";
    private static final String MASTER = "spark.master";

    /** For {@link java.util.ServiceLoader}. */
    public SparkProvider() {}

    @Override
    public AnswerCluster open(AnswerCluster.Settings settings) {
        JavaVersions.require(Runtime.version(), "This process");
        SparkConf conf = new SparkConf();
        if (!settings.master().isEmpty()) {
            conf.setMaster(settings.master());
        }
        settings.settings().forEach(conf::set);
        if (settings.mixed()) {
            conf.set(SparkSettings.MIXED, "true");
        }
        return new Cluster(session(conf));
    }

    /** Opens an application; what the configuration leaves out gets the defaults of a command. */
    static SparkSession session(SparkConf conf) {
        prepare(conf);
        try {
            return SparkSession.builder().config(conf).getOrCreate();
        } catch (Exception failed) {
            throw new BenchmarkException(
                    "Spark could not be started with the master " + conf.get(MASTER) + ": "
                            + SparkFault.firstLine(failed)
                            + " A master is named as local[2], spark://host:7077, yarn or k8s://https://host:443.",
                    failed);
        }
    }

    /** Sets what a command needs and the user did not set. */
    static void prepare(SparkConf conf) {
        String master = conf.get(MASTER, "");
        if (master.isEmpty()) {
            throw new BenchmarkException("No Spark master is named; name one, such as local[2] or spark://host:7077.");
        }
        conf.setIfMissing("spark.app.name", "LEM");
        conf.setIfMissing("spark.log.level", "ERROR");
        // Spark counts the results of a whole job, but the driver writes each one down and forgets it.
        conf.setIfMissing("spark.driver.maxResultSize", "0");
        if (master.startsWith("local")) {
            // Nothing outside this process takes part, so nothing listens on the network.
            conf.setIfMissing("spark.driver.host", "127.0.0.1");
            conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
            conf.setIfMissing("spark.ui.enabled", "false");
        } else if (!conf.contains(JARS)) {
            conf.set(JARS, String.join(",", ownJars()));
        }
    }

    private record Cluster(SparkSession session, LemSpark spark) implements AnswerCluster {

        Cluster(SparkSession session) {
            this(
                    session,
                    new LemSpark(
                            session,
                            SparkSettings.of(session.sparkContext().conf()),
                            Notices.to(sentence -> System.err.println("lem: " + sentence))));
        }

        @Override
        public AnswerSource answers(NamedModel model, ModelIdentity identity) {
            return spark.answers(model, identity);
        }

        @Override
        public long writeTable(Path output, String name, String table) throws IOException {
            return spark.writeParquet(output, name, table);
        }

        @Override
        public void close() {
            session.stop();
        }
    }

    /** The jars that executors need and Spark does not have: all next to the core's jar, and this module's own. */
    static List<String> ownJars() {
        Set<String> jars = new LinkedHashSet<>();
        Path core = jarOf(LemModel.class);
        if (core != null) {
            try (Stream<Path> files = Files.list(Objects.requireNonNull(core.getParent()))) {
                files.filter(file -> file.toString().endsWith(".jar"))
                        .filter(file -> !file.getFileName().toString().startsWith("spark-"))
                        .sorted()
                        .forEach(file -> jars.add(file.toUri().toString()));
            } catch (IOException unreadable) {
                throw new BenchmarkException(
                        "The folder of " + core + " cannot be read: " + unreadable.getMessage(), unreadable);
            }
        }
        Path own = jarOf(SparkProvider.class);
        if (own != null) {
            jars.add(own.toUri().toString());
        }
        return new ArrayList<>(jars);
    }

    private static @Nullable Path jarOf(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            URI place = source == null ? null : source.getLocation().toURI();
            return place == null || !place.getPath().endsWith(".jar") ? null : new File(place).toPath();
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
