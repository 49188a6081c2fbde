/**
 * LEM for Java: language models inside a Java process.
 *
 * <p>Start at {@code io.lethean.lem.model.LemModel}. Applications grant native access with
 * {@code --enable-native-access=io.lethean.lem}.
 */
module io.lethean.lem {
    requires static org.jspecify;
    requires java.net.http;
    requires jdk.jfr;
    requires tools.jackson.databind;

    exports io.lethean.lem;
    exports io.lethean.lem.adapter;
    exports io.lethean.lem.convert;
    exports io.lethean.lem.hub;
    exports io.lethean.lem.model;
    exports io.lethean.lem.quantize;
    exports io.lethean.lem.train;
    exports io.lethean.lem.train.dataset;
    exports io.lethean.lem.train.options;
    exports io.lethean.lem.internal.gguf to
            io.lethean.lem.cli,
            io.lethean.lem.evaluation;
    exports io.lethean.lem.internal.math to
            io.lethean.lem.cli;
    exports io.lethean.lem.internal.io to
            io.lethean.lem.cli,
            io.lethean.lem.evaluation,
            io.lethean.lem.junit;
}
