/**
 * LEM for Java: an ethics-tuned language model inside a Java process.
 *
 * <p>Start at {@code io.lethean.lem.model.LemModel}. Applications grant native access with
 * {@code --enable-native-access=io.lethean.lem}.
 */
module io.lethean.lem {
    requires static transitive org.jspecify;
    requires de.siegmar.fastcsv;
    requires info.picocli;
    requires java.net.http;
    requires org.apache.commons.statistics.distribution;
    requires tools.jackson.databind;

    exports io.lethean.lem;
    exports io.lethean.lem.adapter;
    exports io.lethean.lem.bench;
    exports io.lethean.lem.convert;
    exports io.lethean.lem.data;
    exports io.lethean.lem.judge;
    exports io.lethean.lem.model;
    exports io.lethean.lem.report;
    exports io.lethean.lem.score;
    exports io.lethean.lem.stats;
    exports io.lethean.lem.train;

    opens io.lethean.lem.cli to
            info.picocli;
}
