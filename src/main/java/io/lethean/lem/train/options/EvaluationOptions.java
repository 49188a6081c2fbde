package io.lethean.lem.train.options;

/**
 * When a training reports, validates and saves.
 *
 * @param reportEvery iterations between reports, at least 1, default 10
 * @param evalEvery iterations between validations, at least 1, default 200; also before the first and after the last
 * @param validationBatches batches of a validation, always the same ones, at least 1, default 25; -1 for all
 * @param patience the training ends after this many validations in a row without a better loss; 0, the default,
 *     disables that
 * @param saveEvery iterations between checkpoints, at least 1, default 100; one is also saved at the end
 */
public record EvaluationOptions(int reportEvery, int evalEvery, int validationBatches, int patience, int saveEvery) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public EvaluationOptions {
        OptionCheck.requireAtLeast("number of iterations between reports", reportEvery, 1);
        OptionCheck.requireAtLeast("number of iterations between validations", evalEvery, 1);
        OptionCheck.requireCountOrAll("number of validation batches", validationBatches);
        OptionCheck.requireAtLeast("patience", patience, 0);
        OptionCheck.requireAtLeast("number of iterations between checkpoints", saveEvery, 1);
    }

    /** {@return the defaults of mlx-lm, without early stopping} */
    public static EvaluationOptions defaults() {
        return new EvaluationOptions(10, 200, 25, 0, 100);
    }
}
