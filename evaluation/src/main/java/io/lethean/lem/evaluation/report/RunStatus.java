package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.run.RunFiles;
import io.lethean.lem.internal.io.JsonLine;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is, read from its run log; the run may continue meanwhile.
 *
 * @param log the run log
 * @param model the name of the model
 * @param prompts the number of probes or questions; 0 if the log does not say
 * @param promptsId a short name of the probe set; empty if the log does not say
 * @param coverage the answers under each condition
 * @param machines the backends and CPU kernels that computed answers; empty if the log does not say
 * @param complete whether the run says that it is done
 * @param last when the last line was written; empty if the log has no complete line
 */
public record RunStatus(
        Path log,
        String model,
        long prompts,
        String promptsId,
        List<Coverage> coverage,
        List<String> machines,
        boolean complete,
        String last) {

    private static final int ID_LENGTH = 8;

    /** Copies the lists. */
    public RunStatus {
        coverage = List.copyOf(coverage);
        machines = List.copyOf(machines);
    }

    /**
     * The answers under one condition.
     *
     * @param condition its name
     * @param done questions with an answer
     * @param failed questions that were asked and have no answer; a resumed run asks them again
     * @param missing questions that were not asked yet; 0 in a run that does not say how many it has
     */
    public record Coverage(String condition, long done, long failed, long missing) {}

    /**
     * {@return the runs of a folder and the folders in it, in the order of their names; of a file, its run}
     *
     * @param place a folder, an output, or a run log
     * @throws IOException if a file cannot be read or is not a run log
     */
    public static List<RunStatus> of(Path place) throws IOException {
        if (Files.isDirectory(place)) {
            try (Stream<Path> files = Files.walk(place)) {
                List<RunStatus> runs = new ArrayList<>();
                for (Path log : files.filter(file -> file.toString().endsWith(RunFiles.LOG_SUFFIX))
                        .sorted()
                        .toList()) {
                    runs.add(read(log));
                }
                return runs;
            }
        }
        Path log = place.toString().endsWith(RunFiles.LOG_SUFFIX) ? place : RunFiles.logOf(place);
        if (!Files.exists(log)) {
            throw new NoSuchFileException(
                    log.toString(), null, log + " does not exist; name the folder or the output of a run.");
        }
        return List.of(read(log));
    }

    private static RunStatus read(Path log) throws IOException {
        Reading reading = new Reading();
        try (JsonLineReader reader = new JsonLineReader(log)) {
            for (JsonLine line = reader.next(); line != null && line.isComplete(); line = reader.next()) {
                Map<String, Object> fields = line.object();
                if (reading.identity == null && !(fields.get("identity") instanceof Map<?, ?>)) {
                    throw line.malformed("this is not the log of a run; expected \"identity\" on its first line.");
                }
                reading.add(fields);
            }
        }
        return reading.status(log);
    }

    /** What the lines of a log come to. */
    private static final class Reading {
        private @Nullable Map<?, ?> identity;
        private final Map<String, Set<Object>> done = new LinkedHashMap<>();
        private final Map<String, Set<Object>> failed = new LinkedHashMap<>();
        private final Set<String> machines = new LinkedHashSet<>();
        private String model = "";
        private String last = "";
        private boolean complete;
        /** As the last process that worked on the run saw it. */
        private List<String> conditions = List.of();

        private long questions;

        void add(Map<String, Object> line) {
            if (line.get("identity") instanceof Map<?, ?> recorded) {
                identity = recorded;
            }
            if (line.get("model") instanceof String name) {
                model = name;
            }
            if (line.get("ts") instanceof String time) {
                last = time;
            }
            complete = "done".equals(line.get("type"));
            String condition = String.valueOf(line.get("condition"));
            Object probe = line.get("probe");
            if (line.get("conditions") instanceof List<?> names && line.get("questions") instanceof Long count) {
                conditions = names.stream().map(String::valueOf).toList();
                questions = count;
            }
            if ("answer".equals(line.get("type")) || "scored".equals(line.get("type"))) {
                done.computeIfAbsent(condition, name -> new LinkedHashSet<>()).add(probe);
                addMachine(line.get("machine"));
            } else if ("failed".equals(line.get("type"))) {
                failed.computeIfAbsent(condition, name -> new LinkedHashSet<>()).add(probe);
            }
        }

        /** Logs of earlier versions say it in the identity alone, and only those of A/B benchmarks. */
        private void readScopeOf(Map<?, ?> run, long prompts) {
            if (run.get("conditions") instanceof List<?> names) {
                conditions = names.stream().map(String::valueOf).toList();
                questions = prompts * (run.get("samples") instanceof Long count ? count : 1) * conditions.size();
            }
        }

        private void addMachine(@Nullable Object machine) {
            if (machine instanceof Map<?, ?> fields) {
                machines.add(fields.get("backend") + ", " + fields.get("kernels"));
            }
        }

        RunStatus status(Path log) {
            Map<?, ?> run = identity == null ? Map.of() : identity;
            long prompts = run.get("number of prompts") instanceof Long count ? count : 0;
            if (conditions.isEmpty()) {
                readScopeOf(run, prompts);
            }
            long asked = conditions.isEmpty() ? 0 : questions / conditions.size();
            String prompted = run.get("prompts") instanceof String sum ? sum.replaceFirst("^sha256:", "") : "";
            Set<String> all = new LinkedHashSet<>(conditions);
            all.addAll(done.keySet());
            all.addAll(failed.keySet());
            List<Coverage> coverage = new ArrayList<>();
            for (String condition : all) {
                long answered = done.getOrDefault(condition, Set.of()).size();
                long without = failed.getOrDefault(condition, Set.of()).stream()
                        .filter(probe -> !done.getOrDefault(condition, Set.of()).contains(probe))
                        .count();
                coverage.add(new Coverage(condition, answered, without, Math.max(0, asked - answered - without)));
            }
            return new RunStatus(
                    log,
                    model,
                    prompts,
                    prompted.substring(0, Math.min(ID_LENGTH, prompted.length())),
                    coverage,
                    new ArrayList<>(machines),
                    complete,
                    last);
        }
    }

    /**
     * {@return the runs as one object for JSON, with sums over all of them}
     *
     * @param runs the runs
     */
    public static Map<String, Object> fields(List<RunStatus> runs) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("runs", runs.stream().map(RunStatus::fields).toList());
        fields.put("done", sum(runs, Coverage::done));
        fields.put("failed", sum(runs, Coverage::failed));
        fields.put("missing", sum(runs, Coverage::missing));
        return fields;
    }

    /** The name of the output. */
    private String fileName() {
        return log.getFileName().toString().replace(RunFiles.LOG_SUFFIX, "");
    }

    private Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("log", log.toString());
        fields.put("model", model);
        fields.put("prompts", prompts);
        fields.put("prompts_id", promptsId);
        fields.put("complete", complete);
        fields.put("last", last);
        fields.put("machines", machines);
        fields.put("conditions", coverage.stream().map(RunStatus::fields).toList());
        return fields;
    }

    private static Map<String, Object> fields(Coverage coverage) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("condition", coverage.condition());
        fields.put("done", coverage.done());
        fields.put("failed", coverage.failed());
        fields.put("missing", coverage.missing());
        return fields;
    }

    private static long sum(List<RunStatus> runs, ToLongFunction<Coverage> count) {
        return runs.stream()
                .flatMap(run -> run.coverage().stream())
                .mapToLong(count)
                .sum();
    }

    /**
     * {@return the runs as a table, with sums, ending with a line feed}
     *
     * @param runs the runs
     */
    public static String toText(List<RunStatus> runs) {
        List<List<String>> rows = new ArrayList<>();
        for (RunStatus run : runs) {
            for (Coverage each : run.coverage()) {
                rows.add(List.of(
                        run.fileName(),
                        each.condition(),
                        Long.toString(run.prompts()),
                        run.promptsId(),
                        Long.toString(each.done()),
                        Long.toString(each.failed()),
                        Long.toString(each.missing())));
            }
        }
        long done = sum(runs, Coverage::done);
        long failed = sum(runs, Coverage::failed);
        long missing = sum(runs, Coverage::missing);
        long all = done + failed + missing;
        StringBuilder text = new StringBuilder(
                new Table(List.of("run", "condition", "probes", "probe set", "done", "failed", "missing"), rows)
                        .toText());
        text.append(String.format(
                Locale.ROOT,
                "\n%d of %d runs complete; %d of %d questions answered (%.1f %%), %d failed, %d missing\n",
                runs.stream().filter(RunStatus::complete).count(),
                runs.size(),
                done,
                all,
                all == 0 ? 0.0 : 100.0 * done / all,
                failed,
                missing));
        runs.stream()
                .flatMap(run -> run.machines().stream())
                .distinct()
                .forEach(machine -> text.append("computed by ").append(machine).append('\n'));
        runs.stream()
                .filter(run -> run.machines().size() > 1)
                .forEach(run -> text.append(run.fileName())
                        .append(" has answers of ")
                        .append(run.machines().size())
                        .append(" kinds of machines; last digits may depend on which one answered\n"));
        return text.toString();
    }
}
