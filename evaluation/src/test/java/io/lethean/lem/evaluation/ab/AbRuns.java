package io.lethean.lem.evaluation.ab;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.model.GenerationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Plans and readings that the tests of the A/B benchmark share. */
public final class AbRuns {

    public static final ModelIdentity MODEL = new ModelIdentity("models/fake.gguf", "ab".repeat(32), "fake 1");

    private AbRuns() {}

    public static AbPlan plan(int probes) {
        List<Kernel> kernels = List.of(Kernel.ofText("json", "{\"a\": 1}"), Kernel.ofText("txt", "Be kind.\n"));
        return new AbPlan(MODEL, kernels, probes(probes), AbPlan.publishedOptions());
    }

    public static List<Probe> probes(int count) {
        List<Probe> probes = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            probes.add(new Probe("P" + i, i % 2 == 0 ? "payment" : "identity", "Prompt " + "\u00e9".repeat(i)));
        }
        return probes;
    }

    public static AbPlan with(AbPlan plan, GenerationOptions options) {
        return new AbPlan(plan.model(), plan.kernels(), plan.probes(), options);
    }

    /** The lines of an output without what depends on the clock. */
    public static List<String> timeless(Path output) throws IOException {
        return JsonLineReader.readAll(output).stream().map(AbRuns::timeless).toList();
    }

    private static String timeless(Map<String, Object> line) {
        line.replace("ts", "");
        line.replace("duration", "");
        if (line.get("type").equals("probe")) {
            ((Map<?, ?>) line.get("conditions")).values().forEach(answer -> ((Map<?, ?>) answer).remove("time_s"));
        }
        return PythonJson.write(line);
    }

    public static List<Map<String, Object>> logLines(Path output, String type) throws IOException {
        return JsonLineReader.readAll(RunFiles.logOf(output)).stream()
                .filter(line -> line.get("type").equals(type))
                .toList();
    }
}
