package io.lethean.lem.evaluation.ab;

import java.nio.file.Path;
import java.util.List;

/**
 * What an A/B benchmark came to.
 *
 * @param summary the comparison
 * @param probes the scores it was made of, in the plan's order
 * @param asked questions that this run put to the model; 0 if everything was recorded already
 * @param output the file with the answers
 * @param log the run log, a file next to the output
 */
public record AbResult(AbSummary summary, List<ScoredProbe> probes, int asked, Path output, Path log) {

    /** Copies the list, so that later changes of it do not count. */
    public AbResult {
        probes = List.copyOf(probes);
    }
}
