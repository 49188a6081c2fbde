package io.lethean.lem.evaluation.internal.reproduce;

import io.lethean.lem.evaluation.ab.AbSummary;
import io.lethean.lem.evaluation.ab.ScoredProbe;
import io.lethean.lem.evaluation.report.AnsweredProbe;
import io.lethean.lem.evaluation.report.ResultFile;
import io.lethean.lem.evaluation.score.Scorers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A folder of published result files, found by name at any depth; each is read once. */
final class RecordedFolder {

    private static final int DEPTH = 8;

    private final Map<String, Path> files = new HashMap<>();
    private final Map<String, AbFile> abFiles = new HashMap<>();
    private final Map<String, ScoreTree> scoreFiles = new HashMap<>();

    /** Lists a folder; where a name occurs several times the first path in the alphabet counts. */
    RecordedFolder(Path folder) throws IOException {
        if (Files.isRegularFile(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        try (Stream<Path> paths = Files.find(folder, DEPTH, (path, attributes) -> attributes.isRegularFile())) {
            paths.sorted().forEach(path -> files.putIfAbsent(path.getFileName().toString(), path));
        }
    }

    /**
     * An A/B file with the scores recorded in it and those of today's v2.
     *
     * @param recorded by probe, as the file has them
     * @param scored by probe, from the recorded answers
     * @param recordedScorer what made the recorded ones
     * @param problems lines that could not be read
     */
    record AbFile(List<ScoredProbe> recorded, List<ScoredProbe> scored, String recordedScorer, List<String> problems) {

        AbSummary recordedSummary() {
            return AbSummary.of(recorded);
        }

        AbSummary summary() {
            return AbSummary.of(scored);
        }
    }

    Optional<Path> find(String name) {
        return Optional.ofNullable(files.get(name));
    }

    /** An A/B file; null if the folder lacks it. */
    @Nullable
    AbFile abFile(String name) throws IOException {
        Path path = files.get(name);
        if (path != null && !abFiles.containsKey(name)) {
            ResultFile recorded = ResultFile.read(path);
            ResultFile scored = ResultFile.read(path, Scorers.named("v2"), Map.of());
            List<String> problems = Stream.concat(recorded.problems().stream(), recorded.notes().stream())
                    .toList();
            abFiles.put(name, new AbFile(probes(recorded), probes(scored), recorded.scorer(), problems));
        }
        return abFiles.get(name);
    }

    private static List<ScoredProbe> probes(ResultFile file) {
        List<ScoredProbe> probes = new ArrayList<>();
        for (AnsweredProbe probe : file.probes()) {
            Map<String, Double> scores = new LinkedHashMap<>();
            probe.answers()
                    .forEach((condition, answers) ->
                            answers.getFirst().score().ifPresent(score -> scores.put(condition, score)));
            probes.add(new ScoredProbe(probe.id(), probe.category(), scores));
        }
        return probes;
    }

    /** A file of ratings; null if the folder lacks it. */
    @Nullable
    ScoreTree scoreFile(String name) throws IOException {
        Path path = files.get(name);
        if (path != null && !scoreFiles.containsKey(name)) {
            scoreFiles.put(name, ScoreTree.read(path));
        }
        return scoreFiles.get(name);
    }
}
