package io.lethean.lem.evaluation.report;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.evaluation.stats.ProbeScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Recorded answers of one model: an A/B file, or lines with {@code response}, or lines with scores alone.
 *
 * @param name the file's name
 * @param model the model, where the file names it, else the file's name
 * @param scorer what the scores are, such as {@code v2 1}, or {@code v2, as recorded}
 * @param probes in the file's order
 * @param problems one sentence for each line that could not be read
 * @param notes one sentence for each recorded value that cannot be used, such as a score that is NaN; an answer with
 *     such a score is unscored
 */
public record ResultFile(
        String name,
        String model,
        String scorer,
        List<AnsweredProbe> probes,
        List<String> problems,
        List<String> notes) {

    /** Copies the lists, so that later changes of them do not count. */
    public ResultFile {
        probes = List.copyOf(probes);
        problems = List.copyOf(problems);
        notes = List.copyOf(notes);
    }

    /**
     * Reads a file with the scores that are recorded in it.
     *
     * @param file the output of a run
     * @return the answers with their scores
     * @throws IOException if the file cannot be read, or is not the output of a run
     */
    public static ResultFile read(Path file) throws IOException {
        return new ResultFileReader(file, Optional.empty(), Map.of()).read();
    }

    /**
     * Reads a file and scores its answers again.
     *
     * @param file the output of a run
     * @param scorer scores the answers again
     * @param questions reference answers by id, for scorers that need them
     * @return the answers with their scores
     * @throws IOException if the file cannot be read, or is not the output of a run
     */
    public static ResultFile read(Path file, Scorer scorer, Map<String, Sample> questions) throws IOException {
        return new ResultFileReader(file, Optional.of(scorer), questions).read();
    }

    /** {@return the names of the conditions in the order of their first occurrence} */
    public List<String> conditions() {
        Set<String> names = new LinkedHashSet<>();
        probes.forEach(probe -> names.addAll(probe.answers().keySet()));
        return List.copyOf(names);
    }

    /** {@return the condition that others are compared with: {@code baseline}, else the first} */
    public String baseline() {
        List<String> names = conditions();
        return names.isEmpty() || names.contains(Kernel.BASELINE) ? Kernel.BASELINE : names.getFirst();
    }

    /** {@return the categories in the order of their first occurrence} */
    public List<String> categories() {
        return probes.stream()
                .map(AnsweredProbe::category)
                .filter(c -> !c.isEmpty())
                .distinct()
                .toList();
    }

    /**
     * {@return the scores of a condition, by probe}
     *
     * @param condition the name of the condition
     */
    public ProbeScores scores(String condition) {
        return scores(condition, answer -> true);
    }

    /**
     * {@return the scores of those answers of a condition that carry no flag}
     *
     * @param condition the name of the condition
     */
    public ProbeScores unflaggedScores(String condition) {
        return scores(condition, answer -> answer.flags().isEmpty());
    }

    private ProbeScores scores(String condition, Predicate<ScoredAnswer> wanted) {
        ProbeScores scores = new ProbeScores();
        for (AnsweredProbe probe : probes) {
            probe.answers(condition).stream().filter(wanted).forEach(answer -> add(scores, probe.id(), answer));
        }
        return scores;
    }

    private static void add(ProbeScores scores, String probe, ScoredAnswer answer) {
        if (answer.verdict() && answer.score().isPresent()) {
            scores.addVerdict(probe, answer.score().getAsDouble() == 1);
        } else {
            scores.add(probe, answer.score());
        }
    }

    /** The problems and notes as a report shows them: with the file's name instead of its path. */
    List<String> remarks() {
        return Stream.concat(problems.stream(), notes.stream())
                .map(remark -> name.isEmpty() ? remark : remark.substring(Math.max(0, remark.indexOf(name + ":"))))
                .toList();
    }
}
