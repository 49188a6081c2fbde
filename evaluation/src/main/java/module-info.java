/** Evaluation of language models: kernels, probes, scorers, judges, statistics, benchmarks and reports. */
module io.lethean.lem.evaluation {
    requires static org.jspecify;
    requires transitive io.lethean.lem;
    requires de.siegmar.fastcsv;
    requires java.net.http;
    requires org.apache.commons.statistics.distribution;
    requires tools.jackson.databind;

    uses io.lethean.lem.evaluation.run.AnswerCluster.Provider;

    exports io.lethean.lem.evaluation;
    exports io.lethean.lem.evaluation.ab;
    exports io.lethean.lem.evaluation.curriculum;
    exports io.lethean.lem.evaluation.distill;
    exports io.lethean.lem.evaluation.experiment;
    exports io.lethean.lem.evaluation.judge;
    exports io.lethean.lem.evaluation.kernel;
    exports io.lethean.lem.evaluation.probe;
    exports io.lethean.lem.evaluation.report;
    exports io.lethean.lem.evaluation.rescore;
    exports io.lethean.lem.evaluation.run;
    exports io.lethean.lem.evaluation.score;
    exports io.lethean.lem.evaluation.standard;
    exports io.lethean.lem.evaluation.stats;
    exports io.lethean.lem.evaluation.internal.reproduce to
            io.lethean.lem.cli;
}
