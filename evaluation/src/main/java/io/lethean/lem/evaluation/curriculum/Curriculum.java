package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.MalformedDataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Phases of a training, in their order.
 *
 * @param phases at least one, each with a name of its own. Rank, scale, layers and targets are options of the first one
 *     only; its adapter decides them for the others
 * @param probes how answers are scored; needed by gates and choices by score
 */
public record Curriculum(List<Phase> phases, Optional<ProbeSettings> probes) {

    /**
     * Checks the values and copies the list.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public Curriculum {
        phases = List.copyOf(phases);
        if (phases.isEmpty()) {
            throw new IllegalArgumentException("A curriculum needs at least one phase, and this one has no phases.");
        }
        Set<String> names = new HashSet<>();
        for (Phase phase : phases) {
            if (!names.add(phase.name())) {
                throw new IllegalArgumentException(
                        "Two phases have the name " + phase.name() + "; rename one of them.");
            }
            if (probes.isEmpty() && (phase.gates().needsScores() || phase.keep() == Keep.BEST_SCORE)) {
                throw new IllegalArgumentException("The phase " + phase.name() + " has a gate or a choice by score, and"
                        + " the curriculum has no \"probes\" to score with.");
            }
        }
        phases.stream().skip(1).forEach(Curriculum::requireFormOfFirst);
    }

    private static void requireFormOfFirst(Phase phase) {
        Set<String> form = new TreeSet<>(phase.options().keySet());
        form.retainAll(Phase.FORM);
        if (!form.isEmpty()) {
            throw new IllegalArgumentException("The phase " + phase.name() + " has the option "
                    + form.iterator().next() + ", and it starts from the adapter of the phase before, which decides"
                    + " that; give the option to the first phase.");
        }
    }

    /**
     * Reads a curriculum file and everything that it names but the examples; {@code docs/training.md} describes the
     * format. Paths in it are relative to its folder.
     *
     * @param file a JSON file
     * @return the curriculum
     * @throws MalformedDataException if it is not JSON or has a fault, naming the phase where there is one
     * @throws IOException if a file cannot be read
     */
    public static Curriculum read(Path file) throws IOException {
        return new CurriculumReader(file).read();
    }

    /** {@return all files that it reads} */
    public List<Path> files() {
        List<Path> files = new ArrayList<>();
        probes.ifPresent(settings -> files.add(settings.file()));
        phases.stream().map(Phase::files).flatMap(List::stream).distinct().forEach(files::add);
        return files;
    }

    /** Whether the answers after a phase are needed, by its own gates or by the next phase's. Phase -1 is the start. */
    boolean isScored(int phase) {
        boolean own = phase >= 0 && phases.get(phase).gates().needsScores();
        boolean next = phase + 1 < phases.size()
                && phases.get(phase + 1).gates().differenceAtLeast().isPresent();
        return own || next;
    }

    /** The name of a phase's folder; sorted by name they are in order. */
    String folder(int phase) {
        return String.format(
                Locale.ROOT, "%02d-%s", phase + 1, phases.get(phase).name());
    }
}
