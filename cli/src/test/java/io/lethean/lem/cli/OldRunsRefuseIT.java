package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A run of an earlier version is continued with only what decided its answers: every other value of every such
 * option is refused, and the files stay as they are.
 */
class OldRunsRefuseIT {

    @TempDir
    private Path folder;

    private void assertRefused(String name, List<String> command, String... said) throws IOException {
        OldRun run = OldRun.copy(name, folder);
        assertRefused(run, command, said);
    }

    private static void assertRefused(OldRun run, List<String> command, String... said) throws IOException {
        Map<String, String> before = run.contents();

        CommandRun refused = run.run(command);

        assertThat(refused.code()).as(refused.out()).isEqualTo(1);
        assertThat(refused.err()).contains(said);
        assertThat(run.contents()).isEqualTo(before);
    }

    private void edit(String file) throws IOException {
        Path path = folder.resolve(file);
        Files.writeString(path, Files.readString(path).replaceFirst("key|tea|secret|true", "dog"));
    }

    /** As the bundled model, of another name. */
    private Path otherModel() throws IOException {
        String bytes = Files.readString(OldRun.model(), StandardCharsets.ISO_8859_1);
        return Files.writeString(
                folder.resolve("other.gguf"), bytes.replaceFirst("lem-nano", "lem-nana"), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource({
        "--max-tokens 17, 16, 17",
        "--temperature 0.9, 0.8, 0.9",
        "--seed 8, 7, 8",
        "no --seed, 7, seed",
        "--samples 3, 2, 3",
        "no --parallel, parallel, 2",
        "--parallel 3, 2, 3",
        "--adapter inputs/adapter.gguf=0.25, 0.5, 0.25",
        "no --adapter, adapter 1, 0.5",
        "--kernel other=inputs/kind.txt, kind, other",
        "no --kernel, kind, baseline"
    })
    void benchmark(String change, String then, String now) throws IOException {
        assertRefused("samples", OldRun.changed(OldRunsResumeIT.SAMPLES, change), then, now);
    }

    @ParameterizedTest
    @CsvSource({
        "--max-tokens 25, 24, 25",
        "--temperature 0.4, 0.3, 0.4",
        "--seed 43, 42, 43",
        "--plain, plain, yes",
        "no --kernel, kernel, sha256",
        "--parallel 2, parallel, 2",
        "--benchmark toxigen, gsm8k, toxigen"
    })
    void standardBenchmark(String change, String then, String now) throws IOException {
        assertRefused("gsm8k", OldRun.changed(OldRunsResumeIT.GSM8K, change), then, now);
    }

    @ParameterizedTest
    @CsvSource({"--preamble inputs/kind.txt, preamble, lem-1", "--kernel kind=inputs/kind.txt, kernel, kind"})
    void likelihoods(String change, String then, String now) throws IOException {
        assertRefused("choices", OldRun.changed(OldRunsResumeIT.CHOICES, change), then, now);
    }

    @ParameterizedTest
    @CsvSource({
        "--max-tokens 25, 24, 25",
        "--temperature 0.7, 0.8, 0.7",
        "--top-p 0.9, 0.95, 0.9",
        "--seed 12, 11, 12",
        "no --kernel, kernel, sha256",
        "--parallel 2, parallel, 2"
    })
    void distillation(String change, String then, String now) throws IOException {
        assertRefused("distill", OldRun.changed(OldRunsResumeIT.DISTILL, change), then, now);
    }

    @ParameterizedTest
    @CsvSource({
        "--rank 2, rank, 2",
        "--scale 5, scale, 5",
        "--dropout 0.2, dropout, 0.2",
        "--num-layers 2, num-layers, 2",
        "'--targets q,k', targets, k",
        "--iters 41, iters, 41",
        "no --iters; --epochs 3, epochs, 3",
        "--batch-size 3, batch-size, 3",
        "--grad-accumulation-steps 2, grad-accumulation-steps, 2",
        "--optimizer sgd, optimizer, sgd",
        "--learning-rate 1e-4, learning-rate, 1.0E-4",
        "--lr-schedule linear, lr-schedule, linear",
        "--final-learning-rate 1e-6, final-learning-rate, 1.0E-6",
        "--warmup 3, warmup, 3",
        "--weight-decay 0.5, weight-decay, 0.5",
        "--clip-norm 1, clip-norm, 1",
        "--seed 5, seed, 5",
        "--max-seq-length 127, max-seq-length, 127",
        "no --truncate, truncate, false",
        "--pack, pack, true",
        "--mask-prompt, mask-prompt, true",
        "--steps-per-eval 11, steps-per-eval, 11",
        "--val-batches 2, val-batches, 2",
        "--patience 9, patience, 9"
    })
    void training(String change, String fact, String now) throws IOException {
        assertRefused("train", OldRun.changed(OldRunsResumeIT.TRAIN, change), fact, now);
    }

    @Test
    void otherDataAreRefused() throws IOException {
        for (String data : List.of("inputs/data/train.jsonl", "inputs/data/valid.jsonl")) {
            OldRun run = OldRun.copy("train", folder = Files.createTempDirectory(folder, "data"));
            edit(data);
            String file = data.substring(data.lastIndexOf('/') + 1);
            assertRefused(run, OldRunsResumeIT.TRAIN, file, "checkpoint-0000012.gguf");
        }
    }

    @Test
    void otherPromptsAndKernelsAreRefused() throws IOException {
        for (String input : List.of("inputs/probes.json", "inputs/kind.txt")) {
            Path inputs = folder = Files.createTempDirectory(folder, "inputs");
            OldRun run = OldRun.copy("benchmark", inputs);
            edit(input);
            assertRefused(run, OldRunsResumeIT.BENCHMARK, input.contains("probes") ? "prompts" : "kernel kind");
        }
    }

    @Test
    void anotherModelIsRefused() throws IOException {
        String other = otherModel().toString();

        List<String> train = OldRun.changed(OldRunsResumeIT.TRAIN, "--model " + other);
        assertRefused("train", train, "model", "checkpoint-0000012.gguf");
        folder = Files.createTempDirectory(folder, "benchmark");
        List<String> benchmark = OldRun.changed(OldRunsResumeIT.BENCHMARK, "--model " + other);
        assertRefused("benchmark", benchmark, "model", "sha256:", "ab.jsonl");
    }

    /** What decides no answer may change. */
    @ParameterizedTest
    @CsvSource({"--save-every 5", "--steps-per-report 1"})
    void trainingMayReportAndSaveAtOtherTimes(String change) throws IOException {
        OldRun run = OldRun.copy("train", folder);

        CommandRun done = run.run(OldRun.changed(OldRunsResumeIT.TRAIN, change));

        assertThat(done.code()).as(done.err()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"--threshold 0", "--samples 3", "--scorer v2", "--keep BEST", "--drop-flagged"})
    void distillationMayKeepOtherAnswersAndMore(String change) throws IOException {
        OldRun run = OldRun.copy("distill", folder);

        CommandRun done = run.run(OldRun.changed(OldRunsResumeIT.DISTILL, change));

        assertThat(done.code()).as(done.err()).isZero();
        run.assertGrown("d.jsonl.run.jsonl");
    }
}
