package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.score.AnswerFlag;
import io.lethean.lem.evaluation.stats.ConditionMean;
import io.lethean.lem.evaluation.stats.PairedComparison;
import java.util.Map;
import java.util.Optional;

/**
 * The statistics of one condition of a run.
 *
 * @param name the condition
 * @param answers how many answers were recorded
 * @param mean over all answers
 * @param unflaggedMean over the answers without a flag
 * @param flags how many answers carry each flag that occurs
 * @param difference from the baseline; empty for the baseline itself and without a baseline
 * @param unflaggedDifference the same over the answers without a flag on both sides
 * @param correctedP the p-value of the difference, corrected by Holm for the number of conditions; 1 for the
 *     baseline
 */
public record ConditionStatistics(
        String name,
        int answers,
        ConditionMean mean,
        ConditionMean unflaggedMean,
        Map<AnswerFlag, Integer> flags,
        Optional<PairedComparison> difference,
        Optional<PairedComparison> unflaggedDifference,
        double correctedP) {}
