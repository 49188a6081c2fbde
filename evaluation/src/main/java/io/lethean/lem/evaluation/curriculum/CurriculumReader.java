package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.MalformedDataException;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.internal.io.DataFile;
import io.lethean.lem.internal.io.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.core.JacksonException;

/** Reads the JSON of a curriculum. Each fault is a sentence with the name of the phase. */
final class CurriculumReader {

    private static final int MAX_TOKENS = 256;

    private final Path file;

    CurriculumReader(Path file) {
        this.file = file;
    }

    Curriculum read() throws IOException {
        try {
            JsonMembers root = new JsonMembers("the curriculum", parsed());
            Map<String, String> common = options(root);
            Optional<ProbeSettings> probes = probes(root);
            List<Phase> phases = phases(root, common);
            root.requireAllRead();
            return new Curriculum(phases, probes);
        } catch (IllegalArgumentException fault) {
            throw (MalformedDataException)
                    new MalformedDataException(file, String.valueOf(fault.getMessage())).initCause(fault);
        }
    }

    private Object parsed() throws IOException {
        try {
            Object root = Json.parse(new String(DataFile.readAll(file), StandardCharsets.UTF_8));
            return root == null ? "" : root;
        } catch (JacksonException e) {
            throw new MalformedDataException(file, "it is not JSON: " + Json.problem(e) + ".");
        }
    }

    private List<Phase> phases(JsonMembers root, Map<String, String> common) throws IOException {
        List<Phase> phases = new ArrayList<>();
        for (Object element : root.list("phases")) {
            phases.add(phase(phases.size(), element, common));
        }
        return phases;
    }

    private Phase phase(int index, Object element, Map<String, String> common) throws IOException {
        JsonMembers unnamed = new JsonMembers("the phase " + (index + 1), element);
        String name = unnamed.text("name").orElseThrow(() -> unnamed.fault("has no \"name\""));
        JsonMembers phase = unnamed.renamed("the phase " + name);
        Map<String, String> options = new LinkedHashMap<>(common);
        if (index > 0) {
            options.keySet().removeAll(Phase.FORM);
        }
        options.putAll(options(phase));
        Keep keep = phase.text("keep").map(word -> keep(phase, word)).orElse(Keep.LAST);
        Phase read = new Phase(
                name, sources(phase, "train"), sources(phase, "valid"), options, keep, gates(phase.object("gates")));
        phase.requireAllRead();
        return read;
    }

    private static Keep keep(JsonMembers phase, String word) {
        for (Keep keep : Keep.values()) {
            if (keep.name().toLowerCase(Locale.ROOT).equals(word)) {
                return keep;
            }
        }
        throw phase.fault("has \"keep\": \"" + word + "\", which is last, best_loss or best_score");
    }

    private static Map<String, String> options(JsonMembers owner) {
        Map<String, String> options = new LinkedHashMap<>();
        JsonMembers given = owner.object("options");
        if (given.has("iters") && given.has("epochs")) {
            throw given.fault("has iters and epochs, which both say how long to train; keep one of them");
        }
        for (String name : given.names()) {
            options.put(name.replace('_', '-'), given.value(name));
        }
        return options;
    }

    private List<LessonSource> sources(JsonMembers phase, String set) throws IOException {
        List<LessonSource> sources = new ArrayList<>();
        for (Object element : phase.list(set)) {
            sources.add(
                    element instanceof String path
                            ? LessonSource.of(resolved(path))
                            : source(new JsonMembers(phase.where() + ", in \"" + set + "\",", element)));
        }
        return sources;
    }

    private LessonSource source(JsonMembers members) throws IOException {
        Path lessons = resolved(members.text("file").orElseThrow(() -> members.fault("has a source without \"file\"")));
        List<Integer> lines = members.integers("examples");
        if (!lines.isEmpty() && lines.size() != 2) {
            throw members.fault(
                    "has \"examples\": " + lines + ", which should be the numbers of the first and the last one");
        }
        Optional<Path> kernel = members.text("kernel").map(this::resolved);
        members.requireAllRead();
        return new LessonSource(
                lessons,
                lines.isEmpty() ? 1 : lines.getFirst(),
                lines.isEmpty() ? LessonSource.TO_THE_END : lines.getLast(),
                kernel.isEmpty() ? Optional.empty() : Optional.of(Kernel.read("sandwich", kernel.get())),
                kernel);
    }

    private static Gates gates(JsonMembers members) {
        try {
            Gates gates = new Gates(
                    gate(members, "val_loss_at_most"),
                    gate(members, "val_loss_at_most_of_start"),
                    gate(members, "score_at_least"),
                    gate(members, "worst_score_at_least"),
                    gate(members, "score_difference_at_least"));
            members.requireAllRead();
            return gates;
        } catch (IllegalArgumentException bad) {
            String sentence = String.valueOf(bad.getMessage());
            throw sentence.startsWith("The gate") ? members.fault("is wrong: " + sentence, bad) : bad;
        }
    }

    private static OptionalDouble gate(JsonMembers members, String name) {
        return members.number(name);
    }

    private Optional<ProbeSettings> probes(JsonMembers root) throws IOException {
        if (!root.has("probes")) {
            return Optional.empty();
        }
        JsonMembers members = root.object("probes");
        Path probes = resolved(members.text("file").orElseThrow(() -> members.fault("has no \"file\"")));
        List<Probe> all = ProbeFile.read(probes);
        int first = members.integer("first").orElse(all.size());
        if (first < 1 || first > all.size()) {
            throw members.fault("has \"first\": " + first + ", and " + probes + " has " + all.size() + " probes");
        }
        String scorer = members.text("scorer").orElse("v2");
        int maxTokens = members.integer("max_tokens").orElse(MAX_TOKENS);
        members.requireAllRead();
        return Optional.of(new ProbeSettings(probes, all.subList(0, first), Scorers.named(scorer), maxTokens));
    }

    private Path resolved(String path) {
        Path folder = file.toAbsolutePath().getParent();
        return folder == null ? Path.of(path) : folder.resolve(path).normalize();
    }
}
