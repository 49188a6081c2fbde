package io.lethean.lem.cli;

import io.lethean.lem.train.options.LearningRateSchedule;
import io.lethean.lem.train.options.OptimizerMethod;
import io.lethean.lem.train.options.TrainingOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How the weights are updated. */
@Command(optionListHeading = "%nOptimizer:%n")
final class TrainOptimizerArguments {

    /** mlx-lm's weight decay of {@code adamw}. */
    private static final double DECAY_OF_ADAMW = 0.01;

    /** The optimizers by the names that users know. */
    enum OptimizerName {
        ADAM,
        ADAMW,
        SGD,
        ADAFACTOR,
        MUON
    }

    private final TrainingOptions.Builder options;

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            description = "adam, adamw, sgd, adafactor or muon (adapters only). Default: ${DEFAULT-VALUE}.",
            defaultValue = "adam")
    private OptimizerName optimizer = OptimizerName.ADAM;

    @Option(names = "--weight-decay", paramLabel = "X", description = "Default: 0.01 for adamw, as in mlx-lm, else 0.")
    private @Nullable Double weightDecay;

    TrainOptimizerArguments(TrainingOptions.Builder options) {
        this.options = options;
    }

    @Option(names = "--learning-rate", paramLabel = "X", description = "Peak learning rate. Default: ${DEFAULT-VALUE}.")
    void learningRate(double value) {
        options.learningRate(value);
    }

    @Option(
            names = "--lr-schedule",
            paramLabel = "NAME",
            description = "constant, linear or cosine. Default: ${DEFAULT-VALUE}.")
    void schedule(LearningRateSchedule value) {
        options.schedule(value);
    }

    @Option(
            names = "--final-learning-rate",
            paramLabel = "X",
            description = "Learning rate at the end of linear and cosine schedules. Default: ${DEFAULT-VALUE}.")
    void finalLearningRate(double value) {
        options.finalLearningRate(value);
    }

    @Option(
            names = "--warmup",
            paramLabel = "N",
            description = "Updates over which the learning rate rises. Default: ${DEFAULT-VALUE}.")
    void warmup(int value) {
        options.warmupUpdates(value);
    }

    @Option(
            names = "--clip-norm",
            paramLabel = "X",
            description = "Clip gradients to this global norm; 0 disables clipping. Default: ${DEFAULT-VALUE}.")
    void clipNorm(double value) {
        options.clipNorm(value);
    }

    /** The library's AdamW without weight decay is what mlx-lm calls adam. */
    void addWeightDecay() {
        double usual = optimizer == OptimizerName.ADAMW ? DECAY_OF_ADAMW : 0;
        options.optimizer(
                        switch (optimizer) {
                            case ADAM, ADAMW -> OptimizerMethod.ADAMW;
                            case SGD -> OptimizerMethod.SGD;
                            case ADAFACTOR -> OptimizerMethod.ADAFACTOR;
                            case MUON -> OptimizerMethod.MUON;
                        })
                .weightDecay(weightDecay != null ? weightDecay : usual);
    }
}
