package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.experiment.Arm;
import io.lethean.lem.evaluation.experiment.Experiment;
import io.lethean.lem.evaluation.report.ExperimentReport.ArmMean;
import io.lethean.lem.evaluation.report.ExperimentReport.ComparedArms;
import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.internal.io.PythonJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The report of an experiment as JSON; what is not there is null. */
final class ExperimentJson {

    private ExperimentJson() {}

    static String of(
            Experiment experiment,
            Bootstrap bootstrap,
            Map<String, ResultFile> runs,
            List<ArmMean> arms,
            List<ComparedArms> comparisons) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("experiment", experiment.name());
        json.put("question", experiment.question());
        json.put("bootstrap", StatisticsJson.of(bootstrap));
        Map<String, Object> files = new LinkedHashMap<>();
        runs.forEach((model, run) -> files.put(model, StatisticsJson.of(run)));
        json.put("models", files);
        json.put("means", arms.stream().map(ExperimentJson::json).toList());
        json.put("comparisons", comparisons.stream().map(ExperimentJson::json).toList());
        return PythonJson.write(json) + "\n";
    }

    private static Map<String, @Nullable Object> json(ArmMean mean) {
        Map<String, @Nullable Object> json = json(mean.arm());
        json.put("answers", (long) mean.answers());
        json.put("all", StatisticsJson.of(mean.mean()));
        json.put("unflagged", StatisticsJson.of(mean.unflaggedMean()));
        json.put("flags", StatisticsJson.of(mean.flags()));
        return json;
    }

    private static Map<String, @Nullable Object> json(ComparedArms compared) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("arm", json(compared.contrast().arm()));
        json.put("against", json(compared.contrast().against()));
        json.put("difference", StatisticsJson.of(compared.difference()));
        json.put("difference_unflagged", StatisticsJson.of(compared.unflaggedDifference()));
        json.put("p_holm", compared.correctedP());
        return json;
    }

    private static Map<String, @Nullable Object> json(Arm arm) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("model", arm.model());
        json.put("condition", arm.condition());
        return json;
    }
}
