package io.lethean.lem.evaluation.internal.reproduce;

import io.lethean.lem.evaluation.internal.reproduce.PublishedTable.Kind;
import io.lethean.lem.evaluation.internal.reproduce.PublishedTable.Row;
import io.lethean.lem.evaluation.kernel.Kernel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * An A/B benchmark that the published project ran and that can be run again with the model.
 *
 * @param file the name of its file
 * @param labels what tables call the model
 */
public record PublishedRun(String file, List<String> labels) {

    private static final Set<Kind> KINDS =
            Set.of(Kind.AB_MEANS, Kind.AB_COUNTS, Kind.AB_DELTAS, Kind.AB_EFFECT, Kind.AB_PROBE);

    /** SHA-256 of the kernels of the published numbers, by the name of their condition. */
    private static final Map<String, String> KERNELS = Map.of(
            "json", "1cffb13ab8a9ca9cc444f16bd3b9a6c0556be71c93b19a61ac44a531a652b3f7",
            "txt", "25e9c2783d6542c07208b5dcc4c016b2b70589ba9aefde944db25080f36081e5");

    public PublishedRun {
        labels = List.copyOf(labels);
    }

    /** All that can be run, in the order of the tables. */
    public static List<PublishedRun> all() {
        Map<String, Set<String>> labels = new LinkedHashMap<>();
        for (PublishedTable table : PublishedTable.all()) {
            if (KINDS.contains(table.kind())) {
                for (Row row : table.rows()) {
                    labels.computeIfAbsent(row.file(), file -> new LinkedHashSet<>())
                            .add(model(row.label()));
                }
            }
        }
        List<PublishedRun> runs = new ArrayList<>();
        labels.forEach((file, names) -> runs.add(new PublishedRun(file, List.copyOf(names))));
        return runs;
    }

    /** A label reduced to the name of the model. */
    private static String model(String label) {
        int end = label.indexOf(',');
        String name = end < 0 ? label : label.substring(0, end);
        return name.endsWith(" on P100") ? name.substring(0, name.length() - 8) : name;
    }

    /**
     * The runs of a model, which may be one over 20 probes and one over 100.
     *
     * @param name as a table or a file has it, such as {@code LEK-1B} or {@code p100-lek-gemma3-1b}; case, spaces and
     *     punctuation do not matter
     * @throws IllegalArgumentException if no file has it; the message lists the names
     */
    public static List<PublishedRun> named(String name) {
        String wanted = plain(name);
        List<PublishedRun> runs = all().stream()
                .filter(run -> plain(run.stem()).equals(wanted)
                        || run.labels().stream().anyMatch(label -> plain(label).equals(wanted)))
                .toList();
        if (runs.isEmpty()) {
            Set<String> names = new LinkedHashSet<>();
            all().forEach(run -> names.addAll(run.labels()));
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "No published table has a model '%s'; the models are %s.",
                    name,
                    String.join(", ", names)));
        }
        return runs;
    }

    private String stem() {
        return file.replaceAll("^ab-|(-mlxlm)?\\.jsonl$", "");
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /** Whether it is over the hundred probes, and not over the first twenty. */
    public boolean isOverHundredProbes() {
        return file.startsWith("ab-p100-");
    }

    /** Whether a kernel is, byte for byte, the one of the published numbers of its condition. */
    public static boolean isPublished(Kernel kernel) {
        return kernel.sha256().equals(KERNELS.get(kernel.name()));
    }
}
