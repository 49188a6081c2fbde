package io.lethean.lem.evaluation.experiment;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An experiment that was run.
 *
 * @param experiment what it asks
 * @param answers the file of answers of each model, by the model's name, in the order in which they ran
 * @param asked how many questions were asked now; the others were recorded before
 */
public record ExperimentResult(Experiment experiment, Map<String, Path> answers, int asked) {

    /** Copies the map, so that later changes of it do not count. */
    public ExperimentResult {
        answers = Collections.unmodifiableMap(new LinkedHashMap<>(answers));
    }
}
