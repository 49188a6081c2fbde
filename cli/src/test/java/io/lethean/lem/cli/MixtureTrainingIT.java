package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.gguf.Architecture;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.GgufTensor;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code lem train} of a small random mixture of experts, and what the other commands do with its adapter. */
class MixtureTrainingIT {

    private static final String TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}";
    private static final String DATA =
            "{\"prompt\": \"Why is the sky blue?\", \"completion\": \"Because of the air.\"}\n"
                    + "{\"prompt\": \"Who are you?\", \"completion\": \"A mixture of experts.\"}\n";
    private static final int LAYERS = 2;
    private static final long EXPERTS = 4;
    private static final int RANK = 3;

    @TempDir
    Path folder;

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private static CommandRun ok(CommandRun run) {
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    private void write(Architecture architecture) throws IOException {
        RandomModel.of(architecture, LAYERS, 64, 4, 2, 96, 400)
                .experts((int) EXPERTS, 2)
                .chatTemplate(TEMPLATE)
                .write(folder.resolve("model.gguf"), 3);
        Files.createDirectory(folder.resolve("d"));
        Files.writeString(folder.resolve("d/train.jsonl"), DATA);
        Files.writeString(folder.resolve("d/valid.jsonl"), DATA);
    }

    private String train(String into, String... more) {
        Stream<String> usual = Stream.of("--learning-rate", "2e-2", "--mask-prompt");
        CommandRun run = ok(CommandRun.train(
                folder, into, Stream.concat(usual, Stream.of(more)).toArray(String[]::new)));
        return run.out() + run.err();
    }

    private void convert(String from, String format, String to) {
        ok(CommandRun.of(
                "adapter",
                "convert",
                "--model",
                path("model.gguf"),
                "--adapter-path",
                path(from),
                "--format",
                format,
                "--save-path",
                path(to)));
    }

    private String generate(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "generate",
                "--prompt",
                "user: Who are you?\nassistant: ",
                "--max-tokens",
                "16",
                "--temperature",
                "0",
                "--threads",
                "1"));
        arguments.addAll(List.of(more));
        return ok(CommandRun.of(arguments.toArray(String[]::new))).out();
    }

    @ParameterizedTest
    @EnumSource(
            value = Architecture.class,
            names = {"LLAMA", "QWEN3MOE", "GPT_OSS"})
    void mixtureIsTrained_resumed_convertedToEveryForm_mergedAndUsed(Architecture architecture) throws IOException {
        write(architecture);
        String[] options = {
            "--iters",
            "12",
            "--save-every",
            "6",
            "--rank",
            "" + RANK,
            "--num-layers",
            "-1",
            "--targets",
            "q,k,v,o,gate,up,down,router"
        };
        String log = train("a", options);
        assertThat(loss(log, "Iter 12: Val loss ")).isLessThan(0.9 * loss(log, "Iter 0: Val loss "));
        GgufFile adapter = GgufFile.read(folder.resolve("a/adapter.gguf"));
        for (int layer = 0; layer < LAYERS; layer++) {
            assertThat(dims(adapter, layer, "attn_q.weight.lora_a")).containsExactly(64L, (long) RANK);
            assertThat(dims(adapter, layer, "ffn_gate_inp.weight.lora_b")).containsExactly((long) RANK, EXPERTS);
            assertThat(dims(adapter, layer, "ffn_up_exps.weight.lora_b")).containsExactly((long) RANK, 96L, EXPERTS);
            assertThat(dims(adapter, layer, "ffn_down_exps.weight.lora_a")).containsExactly(96L, (long) RANK, EXPERTS);
        }

        Files.createDirectory(folder.resolve("b"));
        Files.copy(folder.resolve("a/checkpoint-0000006.gguf"), folder.resolve("b/checkpoint-0000006.gguf"));
        String[] resumed = Arrays.copyOf(options, options.length + 1);
        resumed[options.length] = "--resume";
        assertThat(train("b", resumed)).contains("Resuming after iteration 6 of 12");
        assertThat(folder.resolve("b/adapter.gguf")).hasSameBinaryContentAs(folder.resolve("a/adapter.gguf"));

        for (String form : List.of("peft", "mlx")) {
            convert("a", form, form);
            convert(form, "gguf", form + ".gguf");
            assertThat(folder.resolve(form + ".gguf")).hasSameBinaryContentAs(folder.resolve("a/adapter.gguf"));
            assertThat(train("from-" + form, "--iters", "1", "--resume-adapter-file", path(form)))
                    .contains("rank " + RANK + ", scale 20.0, " + 8 * LAYERS + " matrices");
        }

        ok(CommandRun.of(
                "fuse",
                "--model",
                path("model.gguf"),
                "--adapter-path",
                path("peft"),
                "--save-path",
                path("merged.gguf"),
                "--threads",
                "1"));
        String answer = generate("--model", path("model.gguf"), "--adapter", path("mlx"));
        assertThat(answer).isNotEqualTo(generate("--model", path("model.gguf")));
        assertThat(generate("--model", path("merged.gguf"))).isEqualTo(answer);
    }

    private static List<Long> dims(GgufFile adapter, int layer, String name) {
        return adapter.tensor("blk." + layer + "." + name).map(GgufTensor::dims).orElseThrow();
    }

    private static double loss(String log, String before) {
        int at = log.indexOf(before) + before.length();
        return Double.parseDouble(log.substring(at, log.indexOf(',', at)));
    }
}
