package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.score.Scorer;
import java.nio.file.Path;
import java.util.List;

/**
 * How the model is asked and scored after a phase: greedily, without a kernel, each probe once.
 *
 * @param file where the probes came from
 * @param probes what is asked, at least one
 * @param scorer of the answers
 * @param maxTokens of an answer, at least 1
 */
public record ProbeSettings(Path file, List<Probe> probes, Scorer scorer, int maxTokens) {

    /**
     * Checks the values and copies the list.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ProbeSettings {
        probes = List.copyOf(probes);
        if (probes.isEmpty() || maxTokens < 1) {
            throw new IllegalArgumentException(
                    "A curriculum is scored by at least one probe and answers of at least one" + " token; it has "
                            + probes.size() + " probes and " + maxTokens + " tokens.");
        }
    }
}
