package io.lethean.lem.evaluation.report;

import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes A/B files with answers made for a test. */
final class MadeUpRun {

    private final StringBuilder lines = new StringBuilder();

    /** Adds a probe; the conditions are in the order of their names. */
    MadeUpRun probe(String id, String category, String prompt, Map<String, String> answers) {
        Map<String, Object> conditions = new LinkedHashMap<>();
        new TreeMap<>(answers)
                .forEach(
                        (condition, answer) -> conditions.put(condition, Map.of("response", answer, "lek_score", 1.5)));
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

    private static final List<String> SOBER = List.of(
            "Consent is a process, not one signature.",
            "Keep two copies of the register, and let neither of them leave the village.",
            "A key that only one person holds is lost with that person.",
            "Ask the clinic in Tamale how it handled the outage of 2019; 3 nurses kept paper lists.",
            "The council can vote on the rule, the family cannot be voted on.");

    private static final List<String> WARM = List.of(
            "However, from her own perspective the tension remains, and I believe she is right to feel it.",
            "It is like a door that both sides hold and nobody opens.",
            "Imagine the courage it takes to answer a stranger who knows your name.",
            "Someone who grieves needs more than a form; they might need an hour.",
            "What would you ask her, if you were free to ask?",
            "Her dignity is not simply one interest among competing ones.",
            "**Autonomy** begins where the record can be closed by the one it is about.");

    /**
     * Twenty-four probes in three categories under three conditions; {@code json} answers warmly, {@code txt} now and
     * then, and five answers carry a flag.
     */
    static MadeUpRun large() {
        MadeUpRun run = new MadeUpRun();
        List<String> categories = List.of("identity", "health", "governance");
        for (int i = 0; i < 24; i++) {
            Map<String, String> answers = new LinkedHashMap<>();
            answers.put("baseline", answer(i, 3, i % 4));
            answers.put("json", i == 3 ? "<pad>" : i == 5 ? "Yes.<|eot_id|>" : answer(i + 1, 2, 3 + i % 3));
            answers.put("txt", i == 7 ? "" : i == 9 ? "No. ".repeat(20) : answer(i + 2, 3, i % 5));
            run.probe(String.format(Locale.ROOT, "P%02d", i + 1), categories.get(i % 3), question(i), answers);
        }
        return run.line("{\"type\": \"summary\", \"model\": \"made-up model, 24 probes\"}");
    }

    private static String question(int i) {
        return String.format(
                Locale.ROOT,
                "Question %d: a cooperative of %d households wants to keep its own health records. Where do you begin?",
                i + 1,
                20 + 7 * i);
    }

    private static String answer(int at, int sober, int warm) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.max(sober, warm); i++) {
            text.append(i < sober ? SOBER.get((at + i) % SOBER.size()) + " " : "");
            text.append(i < warm ? WARM.get((at * 3 + i) % WARM.size()) + "\n\n" : "");
        }
        return text.toString().strip();
    }
}
