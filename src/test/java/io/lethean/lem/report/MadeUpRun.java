package io.lethean.lem.report;

import io.lethean.lem.data.PythonJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes A/B files with answers made for a test. */
final class MadeUpRun {

    private final StringBuilder lines = new StringBuilder();

    MadeUpRun probe(String id, String category, String prompt, Map<String, String> answers) {
        Map<String, Object> conditions = new LinkedHashMap<>();
        answers.forEach((condition, answer) -> conditions.put(condition, Map.of("response", answer, "lek_score", 1.5)));
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("type", "probe");
        line.put("id", id);
        line.put("category", category);
        line.put("prompt", prompt);
        line.put("conditions", conditions);
        return line(PythonJson.write(line));
    }

    MadeUpRun line(String line) {
        lines.append(line).append('\n');
        return this;
    }

    Path write(Path file) throws IOException {
        return Files.writeString(file, lines);
    }

    /** Twelve probes in three categories under three conditions, with an answer for every flag. */
    static MadeUpRun large() {
        MadeUpRun run = new MadeUpRun();
        List<String> categories = List.of("identity", "health", "<b>&amp;</b>");
        String sober = "Consent is a process, not one signature. ";
        String warm = "However, from her own perspective the tension remains: it is like a door that both sides hold"
                + " and nobody opens. Imagine the courage it takes; I believe in her dignity.\n\nWhat would you ask her?";
        for (int i = 0; i < 12; i++) {
            Map<String, String> answers = new LinkedHashMap<>();
            answers.put("baseline", sober.repeat(1 + i % 3));
            answers.put("json", i == 3 ? "<pad>" : i == 5 ? "Yes.<|eot_id|>" : warm);
            answers.put("txt", i == 7 ? "" : i % 2 == 0 ? warm + "\n\n" + sober : sober.repeat(3));
            run.probe("P%02d".formatted(i + 1), categories.get(i % 3), "Question " + (i + 1) + "?", answers);
        }
        return run.line("{\"type\": \"summary\", \"model\": \"made-up\", \"total_probes\": 12}");
    }
}
