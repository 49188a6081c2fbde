package io.lethean.lem.train;

import io.lethean.lem.internal.engine.EngineOptions;
import io.lethean.lem.internal.engine.LossSum;

/**
 * The state of a training in addition to the adapter and its moments; everything else follows from options and seed.
 *
 * @param iteration the last one that is done
 * @param firstLoss mean of the first batch; 0 before it
 * @param lossScale what gradients are multiplied by in half precision
 * @param updates of the optimizer so far
 * @param trainedTokens so far
 * @param unreported loss since the last report
 * @param bestLoss of all validations; infinite before the first
 * @param bestIteration when that was
 * @param notBetter validations since then
 * @param guessing iterations in a row, up to this one, with a loss no better than guessing where it once was
 */
record RunState(
        int iteration,
        double firstLoss,
        float lossScale,
        int updates,
        long trainedTokens,
        LossSum unreported,
        double bestLoss,
        int bestIteration,
        int notBetter,
        int guessing) {

    static final RunState START = new RunState(
            0, 0, EngineOptions.defaults().lossScale(), 0, 0, LossSum.NONE, Double.POSITIVE_INFINITY, 0, 0, 0);

    /**
     * After another batch.
     *
     * @param isGuess true if its loss is that of guessing where it once was better
     */
    RunState trained(LossSum loss, boolean isGuess) {
        return new RunState(
                iteration + 1,
                iteration == 0 ? loss.mean() : firstLoss,
                lossScale,
                updates,
                trainedTokens + loss.tokens(),
                unreported.plus(loss),
                bestLoss,
                bestIteration,
                notBetter,
                isGuess ? guessing + 1 : 0);
    }

    RunState updated() {
        return new RunState(
                iteration,
                firstLoss,
                lossScale,
                updates + 1,
                trainedTokens,
                unreported,
                bestLoss,
                bestIteration,
                notBetter,
                guessing);
    }

    RunState reported() {
        return new RunState(
                iteration,
                firstLoss,
                lossScale,
                updates,
                trainedTokens,
                LossSum.NONE,
                bestLoss,
                bestIteration,
                notBetter,
                guessing);
    }

    RunState validated(double loss) {
        return loss < bestLoss
                ? new RunState(
                        iteration,
                        firstLoss,
                        lossScale,
                        updates,
                        trainedTokens,
                        unreported,
                        loss,
                        iteration,
                        0,
                        guessing)
                : new RunState(
                        iteration,
                        firstLoss,
                        lossScale,
                        updates,
                        trainedTokens,
                        unreported,
                        bestLoss,
                        bestIteration,
                        notBetter + 1,
                        guessing);
    }

    RunState withLossScale(float scale) {
        return new RunState(
                iteration,
                firstLoss,
                scale,
                updates,
                trainedTokens,
                unreported,
                bestLoss,
                bestIteration,
                notBetter,
                guessing);
    }
}
