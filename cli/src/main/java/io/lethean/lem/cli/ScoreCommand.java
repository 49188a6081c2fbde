package io.lethean.lem.cli;

import io.lethean.lem.evaluation.probe.Question;
import io.lethean.lem.evaluation.rescore.Rescorer;
import io.lethean.lem.evaluation.rescore.ScoreMeans;
import io.lethean.lem.evaluation.score.Sample;
import io.lethean.lem.evaluation.score.Scorer;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.internal.io.PythonJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lem score}: scores recorded answers. */
@Command(
        name = "score",
        description = {
            "Score recorded answers. Lines of an A/B benchmark are written again with new scores. For a line with id and"
                    + " response, a line with id, lek_score and heuristic is written, or with the fields of the scorer.",
            "Lines that cannot be read are reported and skipped. With a judge, an interrupted run resumes when the same"
                    + " command is run again."
        })
final class ScoreCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            required = true,
            description = "JSON Lines with answers.")
    private Path input = Path.of("");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "File for the scores; then the means are printed. Default: standard output.")
    private @Nullable Path output;

    @Option(
            names = "--scorer",
            paramLabel = "NAME",
            converter = ScorerNames.All.class,
            completionCandidates = ScorerNames.All.class,
            description = "Scorer: ${COMPLETION-CANDIDATES}. truthfulqa, do-not-answer, toxigen, semantic and content"
                    + " need a judge. Default: ${DEFAULT-VALUE}.")
    private String scorer = "v2";

    @Option(
            names = "--questions",
            paramLabel = "FILE",
            description = "Reference answers by id, for scorers that need them, such as gsm8k.")
    private @Nullable Path questions;

    @Mixin
    private JudgeArguments judge = new JudgeArguments();

    @Option(names = "--json", description = "Print the means as one JSON object; with --output only.")
    private boolean json;

    @Mixin
    private OverwriteOption overwrite = new OverwriteOption();

    /** A file of another kind would fill the screen. */
    private static final int MOST_PROBLEMS = 100;

    private final List<String> problems = new ArrayList<>();
    private final Map<String, ScoreMeans> means = new LinkedHashMap<>();

    ScoreCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Outputs outputs = new Outputs(spec).reads(input, questions);
        if (judge.judge != null) {
            outputs.continues(judge.memory(output == null ? input : output));
        }
        outputs.writes(overwrite.given, output);
        if (!Scorers.needsJudge(scorer)) {
            Scorer rules = Scorers.named(scorer);
            if (judge.judge != null) {
                throw Usage.error(
                        spec, String.format(Locale.ROOT, "The scorer '%s' needs no judge; leave out --judge.", scorer));
            }
            score(rules);
        } else if (judge.judge == null) {
            throw Usage.error(
                    spec,
                    String.format(
                            Locale.ROOT,
                            "The scorer '%s' needs a judge; name one with --judge gemini, --judge openai=URL"
                                    + " or --judge local=FILE.",
                            scorer));
        } else {
            if (!Files.exists(input)) {
                throw new NoSuchFileException(input.toString());
            }
            try (JudgeArguments.Opened opened = judge.open(judge.judge, output == null ? input : output)) {
                score(Scorers.judged(scorer, opened.judge()));
                console.note(String.format(
                        Locale.ROOT,
                        "%d questions put to the judge %s",
                        opened.memory().asked(),
                        opened.judge().name()));
            }
        }
        return problems.isEmpty() ? 0 : 1;
    }

    private void score(Scorer rules) throws IOException {
        Rescorer rescorer = new Rescorer(rules, references(), (condition, id, score) -> {
            means.computeIfAbsent(condition, name -> new ScoreMeans()).add(id, score);
            if (judge.judge != null) {
                judge.tell(console, id, score);
            }
        });
        Rescorer.Outcome outcome =
                output == null ? rescorer.rescore(input, console.out()) : rescorer.rescore(input, output);
        problems.addAll(outcome.problems());
        if (output != null) {
            printMeans();
        }
        console.out().flush();
        problems.stream().limit(MOST_PROBLEMS).forEach(problem -> console.note("lem: " + problem));
        if (problems.size() > MOST_PROBLEMS) {
            console.note(String.format(
                    Locale.ROOT,
                    "lem: %s: %d problems more; is it one JSON object a line?",
                    input,
                    problems.size() - MOST_PROBLEMS));
        }
        int unscored = means.values().stream().mapToInt(ScoreMeans::unscored).sum();
        console.note(String.format(
                Locale.ROOT,
                "%d answers scored with %s%s",
                outcome.answers() - unscored,
                scorer,
                output == null ? "" : " into " + output));
        if (unscored > 0) {
            console.note(String.format(Locale.ROOT, "%d answers not scored (excluded from the mean)", unscored));
        }
    }

    private Map<String, Sample> references() throws IOException {
        return questions == null
                ? Map.of()
                : Sample.byId(Question.readGood(questions, problem -> problems.add(problem.getMessage())));
    }

    private void printMeans() {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            means.forEach((condition, mean) -> fields.put(condition, mean.fields()));
            console.out().println(PythonJson.write(fields));
            return;
        }
        means.forEach((condition, mean) -> {
            if (!condition.isEmpty()) {
                console.out().println(condition);
            }
            console.out().print(mean);
        });
    }
}
