/** Evaluation of language models: kernels, probes, scorers, judges, statistics, benchmarks and reports. */
module io.lethean.lem.evaluation {
    requires static transitive org.jspecify;
    requires transitive io.lethean.lem;
    requires de.siegmar.fastcsv;
    requires java.net.http;
    requires org.apache.commons.statistics.distribution;
    requires tools.jackson.databind;

    exports io.lethean.lem.evaluation;
    exports io.lethean.lem.evaluation.bench;
    exports io.lethean.lem.evaluation.judge;
    exports io.lethean.lem.evaluation.kernel;
    exports io.lethean.lem.evaluation.lesson;
    exports io.lethean.lem.evaluation.probe;
    exports io.lethean.lem.evaluation.report;
    exports io.lethean.lem.evaluation.score;
    exports io.lethean.lem.evaluation.stats;
}
