package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.TrainingException;
import io.lethean.lem.evaluation.stats.Bootstrap;
import io.lethean.lem.evaluation.stats.PairedComparison;
import io.lethean.lem.internal.io.AtomicFile;
import io.lethean.lem.internal.io.PythonJson;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.ModelOptions;
import io.lethean.lem.train.LemTrainer;
import io.lethean.lem.train.TrainingEnd;
import io.lethean.lem.train.TrainingResult;
import io.lethean.lem.train.options.ResourceOptions;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Trains the phases of a curriculum, each from the adapter of the phase before, and measures each against its gates.
 *
 * <p>A curriculum that was cancelled, killed or stopped by a gate resumes: what is trained and answered is used again,
 * and on one thread every adapter has the bytes of an uninterrupted run. A runner serves one thread.
 */
public final class CurriculumRunner {

    private final Curriculum curriculum;
    private final CurriculumFiles files;
    private final ResourceOptions resources;
    private final CurriculumListener listener;

    /**
     * A runner of one curriculum; nothing is read or computed yet.
     *
     * @param curriculum the phases
     * @param files model and folders
     * @param resources device, threads and memory
     * @param listener receives the progress
     */
    public CurriculumRunner(
            Curriculum curriculum, CurriculumFiles files, ResourceOptions resources, CurriculumListener listener) {
        this.curriculum = curriculum;
        this.files = files;
        this.resources = resources;
        this.listener = listener;
    }

    /**
     * Checks all phases, then trains them.
     *
     * @param resume whether the folder may contain this curriculum already
     * @param cancellation ends the training after the update that is being computed
     * @return how far it came; a gate that fails is a result, not an exception
     * @throws IllegalArgumentException if a phase cannot be trained, naming it, or a file that is read is in the folder
     * @throws TrainingException as {@link LemTrainer#resume}, and if the folder holds a curriculum that is not to be
     *     resumed
     * @throws IOException if a file cannot be read or written
     */
    public CurriculumResult run(boolean resume, Cancellation cancellation) throws IOException {
        files.requireNoneWritten(curriculum.files());
        if (!resume && Files.exists(files.summary())) {
            throw new TrainingException("The folder " + files.folder() + " holds a curriculum already ("
                    + files.summary().getFileName() + "); resume it, or choose another adapter folder.");
        }
        requireTrainable();
        List<PhaseResult> done = new ArrayList<>();
        write(CurriculumResult.fields("running", done));
        Optional<ProbeAnswers> before = answersAtTheStart();
        for (int i = 0; i < curriculum.phases().size(); i++) {
            listener.phaseStarted(
                    i + 1, curriculum.phases().size(), curriculum.phases().get(i));
            TrainingResult trained = new LemTrainer(options(i)).resume(listener.training(), cancellation);
            if (trained.end() == TrainingEnd.CANCELLED) {
                return ended(CurriculumResult.End.CANCELLED, done);
            }
            Optional<ProbeAnswers> answers = keep(i, trained);
            PhaseResult result = result(i, trained, before, answers);
            done.add(result);
            listener.phaseEnded(result);
            if (result.failure().isPresent()) {
                return ended(CurriculumResult.End.GATE_FAILED, done);
            }
            write(CurriculumResult.fields("running", done));
            before = answers;
        }
        copy(adapter(curriculum.phases().size() - 1), files.adapter());
        return ended(CurriculumResult.End.COMPLETE, done);
    }

    /** Reads every phase's data and options, and writes the data where the trainings read it. */
    private void requireTrainable() throws IOException {
        List<String[]> data = new ArrayList<>();
        for (int i = 0; i < curriculum.phases().size(); i++) {
            Phase phase = curriculum.phases().get(i);
            options(i);
            data.add(new String[] {phase.lines(phase.train()), phase.lines(phase.valid())});
        }
        for (int i = 0; i < data.size(); i++) {
            Path folder = Files.createDirectories(data(i));
            AtomicFile.writeText(folder.resolve("train.jsonl"), data.get(i)[0]);
            if (data.get(i)[1].isEmpty()) {
                Files.deleteIfExists(folder.resolve("valid.jsonl"));
            } else {
                AtomicFile.writeText(folder.resolve("valid.jsonl"), data.get(i)[1]);
            }
        }
        for (int i = 0; i < data.size(); i++) {
            checkOnTheModel(i);
        }
    }

    private void checkOnTheModel(int phase) throws IOException {
        TrainingOptions.Builder builder = builder(phase);
        files.start().ifPresent(builder::resumeAdapterFile);
        Map<String, String> first = curriculum.phases().getFirst().options();
        for (String name : Phase.FORM) {
            if (first.containsKey(name)) {
                builder.option(name, first.get(name));
            }
        }
        Phase checked = curriculum.phases().get(phase);
        checked.requireTrainable(new LemTrainer(checked.complete(builder)));
    }

    private TrainingOptions.Builder builder(int phase) {
        Path folder = folder(phase);
        return TrainingOptions.builder(files.model(), data(phase), folder)
                .device(resources.device())
                .threads(resources.threads())
                .maxMemoryBytes(resources.maxMemoryBytes());
    }

    private TrainingOptions options(int phase) {
        TrainingOptions.Builder builder = builder(phase);
        (phase == 0 ? files.start() : Optional.of(adapter(phase - 1))).ifPresent(builder::resumeAdapterFile);
        return curriculum.phases().get(phase).complete(builder);
    }

    private Path folder(int phase) {
        return files.folder().resolve(curriculum.folder(phase));
    }

    private Path data(int phase) {
        return folder(phase).resolve("data");
    }

    /** The adapter of a phase that is kept. */
    private Path adapter(int phase) {
        return folder(phase)
                .resolve(
                        switch (curriculum.phases().get(phase).keep()) {
                            case LAST -> "adapter.gguf";
                            case BEST_LOSS -> "best.gguf";
                            case BEST_SCORE -> "best-score.gguf";
                        });
    }

    private PhaseScorer scorer() {
        ModelOptions options =
                ModelOptions.builder().threads(resources.threadsOrDefault()).build();
        return new PhaseScorer(files.model(), curriculum.probes().orElseThrow(), options, listener.answers());
    }

    private Optional<ProbeAnswers> answersAtTheStart() throws IOException {
        return curriculum.isScored(-1)
                ? Optional.of(scorer().score(files.start(), files.folder().resolve("00-start/probes.jsonl")))
                : Optional.empty();
    }

    /** Chooses the adapter of a phase, and asks it if a gate needs that. */
    private Optional<ProbeAnswers> keep(int phase, TrainingResult trained) throws IOException {
        if (curriculum.phases().get(phase).keep() == Keep.BEST_SCORE) {
            return Optional.of(bestByScore(phase, trained.iterations()));
        }
        return curriculum.isScored(phase)
                ? Optional.of(scorer().score(
                                Optional.of(adapter(phase)), folder(phase).resolve("probes.jsonl")))
                : Optional.empty();
    }

    private ProbeAnswers bestByScore(int phase, int iterations) throws IOException {
        Path best = adapter(phase);
        ProbeAnswers bestAnswers = null;
        int every = options(phase).evaluation().saveEvery();
        for (int iteration = 1; iteration <= iterations; iteration++) {
            Path saved = folder(phase).resolve(String.format(Locale.ROOT, "%07d_adapter.gguf", iteration));
            if ((iteration % every != 0 && iteration != iterations) || !Files.exists(saved)) {
                continue;
            }
            Path output = folder(phase).resolve(String.format(Locale.ROOT, "probes-%07d.jsonl", iteration));
            ProbeAnswers answers = scorer().score(Optional.of(saved), output);
            if (bestAnswers == null || answers.mean() > bestAnswers.mean()) {
                bestAnswers = answers;
                copy(saved, best);
            }
        }
        if (bestAnswers == null) {
            throw new TrainingException("The folder " + folder(phase) + " has no saved adapter to score.");
        }
        return bestAnswers;
    }

    private static void copy(Path from, Path to) throws IOException {
        byte[] bytes = Files.readAllBytes(from);
        AtomicFile.write(to, part -> Files.write(part, bytes));
    }

    private PhaseResult result(
            int phase, TrainingResult trained, Optional<ProbeAnswers> before, Optional<ProbeAnswers> answers)
            throws IOException {
        Phase of = curriculum.phases().get(phase);
        ValidationLosses losses = ValidationLosses.read(folder(phase).resolve("events.jsonl"));
        return new PhaseResult(
                of,
                adapter(phase),
                trained.iterations(),
                losses.first(),
                of.keep() == Keep.BEST_LOSS ? trained.bestLoss() : losses.last(),
                answers.map(found -> PhaseScores.of(
                        found,
                        before.map(earlier ->
                                PairedComparison.of(earlier.scores(), found.scores(), Bootstrap.defaults())))));
    }

    private CurriculumResult ended(CurriculumResult.End end, List<PhaseResult> done) throws IOException {
        CurriculumResult result = new CurriculumResult(
                end, done, end == CurriculumResult.End.COMPLETE ? Optional.of(files.adapter()) : Optional.empty());
        write(result.fields());
        return result;
    }

    private void write(Map<String, Object> summary) throws IOException {
        AtomicFile.writeText(files.summary(), PythonJson.write(summary) + "\n");
    }
}
