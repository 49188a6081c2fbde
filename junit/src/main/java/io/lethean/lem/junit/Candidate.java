package io.lethean.lem.junit;

import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import io.lethean.lem.evaluation.probe.ProbeFile;
import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.TextGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link LemTest} compares with its record: the probes, how they are asked, who answers, and who scores.
 *
 * <p>JUnit gives it to a test method that has a parameter of this type, filled from the annotation. What the method sets replaces what
 * the annotation says. The probes are asked after the method has returned. A candidate serves one thread.
 */
public final class Candidate {

    private List<Probe> probes = List.of();
    private Map<String, Sample> references = Map.of();
    private Optional<Kernel> kernel = Optional.empty();
    private GenerationOptions options;
    private int samples;
    private String scorerName;
    private @Nullable Scorer scorer;
    private @Nullable Judge judge;
    private @Nullable Generator generator;

    /** Something that answers, and its identity. */
    record Generator(ModelIdentity identity, TextGenerator generator) {}

    Candidate(GenerationOptions options, int samples, String scorer) {
        this.options = options;
        this.samples = samples;
        this.scorerName = scorer;
    }

    /**
     * Asks the probes of a file: a JSON array, or one JSON object a line.
     *
     * @param file the file
     * @return this candidate
     * @throws IOException if it cannot be read or is something else
     */
    public Candidate probes(Path file) throws IOException {
        return probes(ProbeFile.read(file));
    }

    /**
     * Asks probes. One without an id gets its number in the list, from 1.
     *
     * @param list the probes in the order in which they are asked
     * @return this candidate
     * @throws IllegalArgumentException if the list is empty, or two have the same id
     */
    public Candidate probes(List<Probe> list) {
        List<Probe> named = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (Probe probe : list) {
            String id = probe.id().isEmpty() ? Integer.toString(named.size() + 1) : probe.id();
            if (!ids.add(id)) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT, "Two probes have the id '%s'; ids pair the answers, so each must be unique.", id));
            }
            named.add(new Probe(id, probe.category(), probe.prompt()));
        }
        if (named.isEmpty()) {
            throw new IllegalArgumentException("The list of probes is empty; a test needs at least one.");
        }
        probes = List.copyOf(named);
        references = Map.of();
        return this;
    }

    /**
     * Asks prompts; their ids are their numbers, from 1.
     *
     * @param texts at least one
     * @return this candidate
     */
    public Candidate prompts(String... texts) {
        return probes(List.of(texts).stream()
                .map(text -> new Probe("", Probe.UNCATEGORISED, text))
                .toList());
    }

    /**
     * Asks the questions of a file and gives the scorer their reference answers.
     *
     * @param file the file, in one of the forms that {@link Question#readAll} reads
     * @return this candidate
     * @throws IOException if it cannot be read or is something else
     */
    public Candidate questions(Path file) throws IOException {
        return questions(Question.readAll(file));
    }

    /**
     * Asks questions and gives the scorer their reference answers.
     *
     * @param list the questions in the order in which they are asked
     * @return this candidate
     * @throws IllegalArgumentException if the list is empty, or two have the same id
     */
    public Candidate questions(List<Question> list) {
        probes(list.stream()
                .map(question -> new Probe(question.id(), Probe.UNCATEGORISED, question.prompt()))
                .toList());
        references = Map.copyOf(Sample.byId(list));
        return this;
    }

    /**
     * Asks with a kernel as the system turn.
     *
     * @param with the kernel; its name is that of the condition
     * @return this candidate
     */
    public Candidate kernel(Kernel with) {
        kernel = Optional.of(with);
        return this;
    }

    /**
     * Asks with a kernel from a file; its condition is named after the file.
     *
     * @param file the file, in UTF-8
     * @return this candidate
     * @throws IOException if it cannot be read or is not UTF-8 text
     */
    public Candidate kernel(Path file) throws IOException {
        return kernel(Kernel.read(file.toAbsolutePath().toString()));
    }

    /**
     * Asks without a kernel.
     *
     * @return this candidate
     */
    public Candidate withoutKernel() {
        kernel = Optional.empty();
        return this;
    }

    /**
     * Sets the options of every answer.
     *
     * @param value the options
     * @return this candidate
     */
    public Candidate options(GenerationOptions value) {
        options = Objects.requireNonNull(value, "options");
        return this;
    }

    /**
     * Sets the number of answers per probe.
     *
     * @param value at least 1; more than 1 only above temperature 0
     * @return this candidate
     */
    public Candidate samples(int value) {
        samples = value;
        return this;
    }

    /**
     * Scores with a scorer of {@code lem score}; a suite needs a judge.
     *
     * @param name such as {@code v2}
     * @return this candidate
     */
    public Candidate scorer(String name) {
        scorerName = Objects.requireNonNull(name, "name");
        scorer = null;
        return this;
    }

    /**
     * Scores with any scorer; its name and version are recorded.
     *
     * @param value the scorer
     * @return this candidate
     */
    public Candidate scorer(Scorer value) {
        scorer = Objects.requireNonNull(value, "scorer");
        return this;
    }

    /**
     * Rates with a judge; its name is recorded as a part of the scorer's version.
     *
     * @param value the judge, which stays the caller's
     * @return this candidate
     */
    public Candidate judge(Judge value) {
        judge = Objects.requireNonNull(value, "judge");
        return this;
    }

    /**
     * Asks something other than a model file, such as the application as a whole.
     *
     * @param name recorded as the model; a record with another name is of another model
     * @param value called on the test's thread; it stays the caller's
     * @return this candidate
     */
    public Candidate generator(String name, TextGenerator value) {
        generator = new Generator(new ModelIdentity(name, "", "generator of the test"), value);
        return this;
    }

    List<Probe> probes() {
        return probes;
    }

    Map<String, Sample> references() {
        return references;
    }

    Optional<Kernel> kernel() {
        return kernel;
    }

    GenerationOptions options() {
        return options;
    }

    int samples() {
        return samples;
    }

    String scorerName() {
        return scorerName;
    }

    Optional<Scorer> scorer() {
        return Optional.ofNullable(scorer);
    }

    Optional<Judge> judge() {
        return Optional.ofNullable(judge);
    }

    Optional<Generator> generator() {
        return Optional.ofNullable(generator);
    }
}
