package io.lethean.lem.evaluation.standard;

import io.lethean.lem.evaluation.ab.AbRuns;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.internal.io.JsonLineReader;
import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans and readings that the tests of the standard benchmarks share. */
final class StandardRuns {

    private StandardRuns() {}

    static StandardPlan plan(int questions) {
        return plan(StandardTasks.GSM8K, questions, questions, Optional.empty(), false);
    }

    static StandardPlan plan(StandardTask benchmark, int questions, int limit, Optional<Kernel> kernel, boolean plain) {
        return new StandardPlan(
                AbRuns.MODEL, benchmark, questions(questions), limit, kernel, plain, benchmark.publishedOptions());
    }

    static List<Question> questions(int count) {
        List<Question> questions = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            String prompt = "What is " + i + " + " + "1".repeat(i) + "?";
            questions.add(new Question(
                    "Q" + i,
                    prompt,
                    Map.of("question", prompt, "correct_answer", "5", "best_answer", "b", "risk_area", "r")));
        }
        return questions;
    }

    /** The lines of an output without what depends on the clock. */
    static List<String> timeless(Path output) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Map<String, Object> line : JsonLineReader.readAll(output)) {
            line.replace("ts", "");
            line.replace("elapsed_seconds", "");
            lines.add(PythonJson.write(line));
        }
        return lines;
    }
}
