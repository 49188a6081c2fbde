package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs that an earlier version began and that were killed are accepted and continued, and end in its format.
 *
 * <p>The files and how they were made: src/test/resources/resume/README.md.
 */
class OldRunsResumeIT {

    static final List<String> BENCHMARK = OldRun.command("""
            benchmark --kernel kind=inputs/kind.txt --prompts inputs/probes.json --max-tokens 24 --output
            out/ab.jsonl --model models/lem-nano.gguf --threads 1
            """);
    static final List<String> SAMPLES = OldRun.command("""
            benchmark --kernel kind=inputs/kind.txt --prompts inputs/probes.json --max-tokens 16 --output
            out/ab.jsonl --samples 2 --temperature 0.8 --seed 7 --parallel 2 --adapter inputs/adapter.gguf=0.5
            --model models/lem-nano.gguf --threads 1
            """);
    static final List<String> GSM8K = OldRun.command("""
            standard --benchmark gsm8k --data inputs/sums.jsonl --kernel kind=inputs/kind.txt --max-tokens 24
            --output out/a.jsonl --model models/lem-nano.gguf --threads 1
            """);
    static final List<String> CHOICES = OldRun.command("""
            standard --benchmark truthfulqa-mc --data inputs/choices.json --output out/a.jsonl --model
            models/lem-nano.gguf --threads 1
            """);
    static final List<String> DISTILL = OldRun.command("""
            distill --kernel kind=inputs/kind.txt --prompts inputs/probes.json --samples 2 --seed 11 --threshold
            -100 --max-tokens 24 --output out/d.jsonl --model models/lem-nano.gguf --threads 1
            """);
    static final List<String> JUDGE = OldRun.command("""
            score --input inputs/answers.jsonl --scorer toxigen --judge local=models/lem-nano.gguf
            --judge-threads 1 --output out/s.jsonl
            """);
    static final List<String> TRAIN = OldRun.command("""
            train --data inputs/data --adapter-path out/a --iters 40 --batch-size 2 --rank 1 --scale 4
            --num-layers 1 --targets q,v --dropout 0.1 --max-seq-length 128 --truncate --save-every 4
            --steps-per-eval 10 --steps-per-report 2 --val-batches 1 --learning-rate 1e-3 --lr-schedule cosine
            --warmup 2 --optimizer adamw --seed 4 --model models/lem-nano.gguf --threads 1
            --resume
            """);
    static final List<String> PRETRAIN = OldRun.command("""
            pretrain inputs/bridges.txt --output out/m.gguf --work out/work --name mini --layers 1 --width 16
            --heads 1 --key-heads 1 --feed-forward 16 --vocabulary 270 --window 16 --context 128 --epochs 36
            --batch-size 4 --learning-rate 2e-3 --weight-decay 0.01 --max-seq-length 64 --seed 2 --threads 1
            """);

    @TempDir
    private Path folder;

    private OldRun resumed(String name, List<String> command) throws IOException {
        OldRun run = OldRun.copy(name, folder);
        CommandRun done = run.run(command);
        assertThat(done.code()).as(done.err()).isZero();
        return run;
    }

    @Test
    void benchmarkIsContinued() throws IOException {
        OldRun run = resumed("benchmark", BENCHMARK);

        assertContinued(run, "ab.jsonl", 5, 8);
        run.assertGrown("ab.jsonl");
        RecordedFormat.assertSame(run.finished("ab.jsonl"), run.file("ab.jsonl"));
    }

    @Test
    void benchmarkOfSamplesSideBySideWithAnAdapterIsContinued() throws IOException {
        OldRun run = resumed("samples", SAMPLES);

        assertContinued(run, "ab.jsonl", 7, 16);
        RecordedFormat.assertSame(run.finished("ab.jsonl"), run.file("ab.jsonl"));
    }

    @Test
    void standardBenchmarkIsContinued_andItsRecordedAnswersAreScoredAsBefore() throws IOException {
        OldRun run = resumed("gsm8k", GSM8K);

        assertContinued(run, "a.jsonl", 3, 6);
        run.assertGrown("a.jsonl");
        RecordedFormat.assertSame(run.finished("a.jsonl"), run.file("a.jsonl"));
        RecordedFormat.assertSame(run.finished("a.jsonl.scores.jsonl"), run.file("a.jsonl.scores.jsonl"));
        assertThat(Files.readAllLines(run.file("a.jsonl.scores.jsonl")).subList(0, 3))
                .isEqualTo(
                        Files.readAllLines(run.finished("a.jsonl.scores.jsonl")).subList(0, 3));
    }

    @Test
    void likelihoodsAreContinued() throws IOException {
        OldRun run = resumed("choices", CHOICES);

        assertContinued(run, "a.jsonl", 0, 0);
        assertThat(ofType(run.file("a.jsonl.run.jsonl"), "ask").size()
                        - ofType(run.interrupted("a.jsonl.run.jsonl"), "ask").size())
                .isEqualTo(2);
        run.assertGrown("a.jsonl");
        RecordedFormat.assertSame(run.finished("a.jsonl"), run.file("a.jsonl"));
    }

    @Test
    void distillationIsContinued() throws IOException {
        OldRun run = resumed("distill", DISTILL);

        assertContinued(run, "d.jsonl", 5, 8);
        run.assertGrown("d.jsonl");
        RecordedFormat.assertSame(run.finished("d.jsonl"), run.file("d.jsonl"));
    }

    @Test
    void whatAJudgeSaidIsNotAskedAgain_andRatedAsBefore() throws IOException {
        OldRun run = resumed("judge", JUDGE);

        run.assertGrown("s.jsonl.judge.jsonl");
        List<JsonNode> replies = RecordedFormat.lines(run.file("s.jsonl.judge.jsonl"));
        assertThat(replies.stream().map(reply -> reply.path("key").asString())).doesNotHaveDuplicates();
        List<String> scores = Files.readAllLines(run.file("s.jsonl"));
        assertThat(scores).hasSize(4);
        assertThat(scores.subList(0, 2))
                .isEqualTo(Files.readAllLines(run.finished("s.jsonl")).subList(0, 2));
    }

    @Test
    void trainingIsContinuedFromItsCheckpoint() throws IOException {
        OldRun run = resumed("train", TRAIN);

        assertTrained(run, "a/events.jsonl", 12, List.of("a/adapter.gguf", "a/best.gguf"));
        GgufFile checkpoint = GgufFile.read(run.file("a/checkpoint-0000040.gguf"));
        assertThat(checkpoint.metadata().asMap().keySet())
                .as("the type of stored transposes, which there are no longer, is not carried on")
                .contains("lem.train.fact.recomputed-layers")
                .doesNotContain("lem.train.fact.transposed");
    }

    @Test
    void pretrainingIsContinuedFromItsCheckpoint() throws IOException {
        OldRun run = resumed("pretrain", PRETRAIN);

        assertTrained(run, "work/run/events.jsonl", 500, List.of("m.gguf"));
    }

    /** The log holds one beginning, one resumption and each answer once, those of before byte for byte. */
    private static void assertContinued(OldRun run, String output, int recorded, int all) throws IOException {
        Path log = run.file(output + ".run.jsonl");
        Path finished = run.finished(output + ".run.jsonl");
        run.assertGrown(output + ".run.jsonl");
        assertThat(ofType(log, "run")).hasSize(1);
        assertThat(ofType(log, "resume")).hasSize(1);
        assertThat(ofType(log, "done")).hasSize(1);
        assertThat(ofType(run.interrupted(output + ".run.jsonl"), "answer")).hasSize(recorded);
        Map<String, JsonNode> answers = bySlot(log);
        assertThat(ofType(log, "answer")).hasSize(all);
        assertThat(answers.keySet()).isEqualTo(bySlot(finished).keySet());
        assertThat(answers.values().stream().filter(answer -> answer.has("machine")))
                .as("answers that name their machine, which earlier versions did not")
                .hasSize(all - recorded);
        bySlot(finished)
                .forEach((slot, answer) -> RecordedFormat.assertSame(answer, withoutMachine(answers.get(slot)), slot));
        RecordedFormat.assertSame(
                ofType(finished, "run").getFirst(), ofType(log, "run").getFirst(), "run");
        RecordedFormat.assertSame(
                ofType(finished, "done").getFirst(), ofType(log, "done").getFirst(), "done");
        assertThat(run.file(output + ".lock")).doesNotExist();
    }

    private static JsonNode withoutMachine(JsonNode answer) {
        ObjectNode copy = (ObjectNode) answer.deepCopy();
        copy.remove("machine");
        return copy;
    }

    private static List<JsonNode> ofType(Path log, String type) throws IOException {
        return RecordedFormat.lines(log).stream()
                .filter(line -> line.path("type").asString().equals(type))
                .toList();
    }

    private static Map<String, JsonNode> bySlot(Path log) throws IOException {
        return ofType(log, "answer").stream()
                .collect(Collectors.toMap(
                        line -> line.path("probe").asInt() + " "
                                + line.path("condition").asString(),
                        line -> line,
                        (first, second) -> second,
                        TreeMap::new));
    }

    /** On a processor that computes the same gradient, the files that come of it have the same bytes. */
    private static void assertTrained(OldRun run, String log, int from, List<String> files) throws IOException {
        run.assertGrown(log);
        List<JsonNode> started = events(run.file(log), "started");
        assertThat(started).hasSize(2);
        assertThat(started.getLast().path("iteration").asInt()).isEqualTo(from);
        assertThat(events(run.file(log), "finished")).isEqualTo(events(run.finished(log), "finished"));
        boolean sameProcessor = lastGradient(run.file(log)).equals(lastGradient(run.finished(log)));
        for (String file : files) {
            assertThat(header(run.file(file), sameProcessor))
                    .as(file)
                    .isEqualTo(header(run.finished(file), sameProcessor));
            if (sameProcessor) {
                assertThat(run.file(file)).hasSameBinaryContentAs(run.finished(file));
            }
        }
    }

    private static List<JsonNode> events(Path log, String event) throws IOException {
        return RecordedFormat.lines(log).stream()
                .filter(line -> line.path("event").asString().equals(event))
                .toList();
    }

    private static String lastGradient(Path log) throws IOException {
        JsonNode last = events(log, "train").getLast();
        return last.path("train_loss") + " " + last.path("gradient_norm");
    }

    /** Metadata and tensors of a GGUF file; where a training stands depends on the processor, in its losses. */
    private static JsonNode header(Path file, boolean sameProcessor) {
        CommandRun run = CommandRun.of("inspect", "--json", file.toString());
        assertThat(run.out()).as(run.err()).isNotEmpty();
        ObjectNode header = (ObjectNode) JsonMapper.shared().readTree(run.out());
        header.remove(List.of("path", "parts"));
        ObjectNode metadata = (ObjectNode) header.get("metadata");
        if (!sameProcessor) {
            List.copyOf(metadata.propertyNames()).stream()
                    .filter(name -> name.startsWith("lem.train.state."))
                    .forEach(name -> ((ObjectNode) metadata.get(name)).remove("value"));
        }
        return header;
    }
}
