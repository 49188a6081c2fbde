package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.adapter.Adapter;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.LoraPair;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufFile;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem fuse}, {@code lem quantize} and {@code lem adapter convert} with a small random model. */
class ConvertCommandsIT {

    @TempDir
    Path folder;

    @BeforeEach
    void prepare() throws IOException {
        RandomModel.llama(2, 64, 4, 2, 96, 400).type(GgmlType.F32).write(folder.resolve("model.gguf"), 1);
        Files.createDirectory(folder.resolve("a"));
        RandomAdapter.write(folder.resolve("a/adapter.gguf"), folder.resolve("model.gguf"), 0.02, 1);
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private CommandRun fuse(String... more) {
        return run(List.of("fuse", "--model", path("model.gguf"), "--adapter-path", path("a"), "--threads", "1"), more);
    }

    private static CommandRun run(List<String> command, String... more) {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray(String[]::new));
    }

    @Test
    void mergingEndsWithTheReportAndTheComparison() {
        CommandRun run = fuse("--save-path", path("merged.gguf"));

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("16 tensors merged, 5 copied unchanged")
                .contains("update |dW| ", "merged against base + adapter over ", "KL ", "perplexity ")
                .doesNotContain("warning");
        assertThat(run.err()).contains("21 of 21 tensors written", "Comparing " + path("merged.gguf"));
    }

    @Test
    void comparisonInJsonIsWithinTheBound_andTypesAreThoseAskedFor() throws IOException {
        CommandRun run = fuse("--save-path", path("merged.gguf"), "--type", "attn_v=f16,keep", "--json");

        JsonNode report = JsonMapper.shared().readTree(run.out());
        assertThat(report.path("parity").path("positions").asInt()).isGreaterThan(200);
        assertThat(report.path("parity").path("max_logit_difference").asDouble())
                .isBetween(1e-9, 2e-3);
        assertThat(report.path("parity").path("kl_divergence").asDouble()).isBetween(-1e-9, 1e-5);
        assertThat(report.path("merged").size()).isEqualTo(16);
        GgufFile merged = GgufFile.read(folder.resolve("merged.gguf"));
        assertThat(merged.tensor("blk.0.attn_v.weight").orElseThrow().type()).isEqualTo(GgmlType.F16);
        assertThat(merged.tensor("blk.0.attn_q.weight").orElseThrow().type()).isEqualTo(GgmlType.F32);
    }

    @Test
    void quantizationThatEatsTheAdapter_isWarnedOf() throws IOException {
        RandomAdapter.write(folder.resolve("faint.gguf"), folder.resolve("model.gguf"), 2e-4, 2);

        CommandRun faint = run(
                List.of("fuse", "--model", path("model.gguf"), "--adapter-path", path("faint.gguf"), "-t", "1"),
                "--type",
                "q4_0",
                "--save-path",
                path("merged.gguf"),
                "--no-parity");

        assertThat(faint.out())
                .contains("warning: Quantization error is large compared with the adapter's update: ")
                .doesNotContain("KL");
    }

    @Test
    void typeThatATensorCannotHave_isReplacedAndSaid_unlessItWasAskedForByName() throws IOException {
        CommandRun all = fuse("--type", "q4_K", "--save-path", path("merged.gguf"), "--no-parity");
        CommandRun named = fuse("--type", "attn_v=q4_K", "--save-path", path("other.gguf"), "--no-parity");

        assertThat(all.out()).contains("are not whole blocks of q4_K, so they are written as q5_0.");
        assertThat(GgufFile.read(folder.resolve("merged.gguf"))
                        .tensor("blk.0.attn_v.weight")
                        .orElseThrow()
                        .type())
                .isEqualTo(GgmlType.Q5_0);
        assertThat(named.err()).contains("and q4_K has blocks of 256; give this tensor another type");
        assertThat(folder.resolve("other.gguf")).doesNotExist();
    }

    @Test
    void textToCompareOnIsTheOneNamed_andRefusedBeforeMergingIfItIsNone() throws IOException {
        Files.writeString(folder.resolve("text.txt"), "A few words.");
        Files.write(folder.resolve("bytes.txt"), new byte[] {(byte) 0xC3, 0x28});

        CommandRun named = run(
                List.of("fuse", "--model", path("model.gguf"), "--adapter-path", path("a"), "--threads", "64"),
                "--save-path",
                path("merged.gguf"),
                "--parity-text",
                path("text.txt"));
        CommandRun bytes = fuse("--save-path", path("other.gguf"), "--parity-text", path("bytes.txt"));

        assertThat(named.out()).containsPattern("over \\d{1,2} positions");
        assertThat(bytes.err())
                .isEqualTo("lem: " + path("bytes.txt") + " is not UTF-8 text; convert it, or name another file.\n");
        assertThat(folder.resolve("other.gguf")).doesNotExist();
    }

    @Test
    void inputsAreNeverOverwritten() throws IOException {
        byte[] adapter = Files.readAllBytes(folder.resolve("a/adapter.gguf"));
        byte[] model = Files.readAllBytes(folder.resolve("model.gguf"));

        CommandRun overModel = fuse("--save-path", path("model.gguf"));
        CommandRun overAdapter = fuse("--save-path", path("a/adapter.gguf"));
        CommandRun overQuantized = run(
                List.of("quantize", "--model", path("model.gguf"), "--type", "q8_0"),
                "--save-path",
                path("model.gguf"));

        for (CommandRun run : List.of(overModel, overAdapter, overQuantized)) {
            assertThat(run.code()).isEqualTo(2);
            assertThat(run.err()).contains("is the same file as the input").endsWith("; choose another output.\n");
        }
        assertThat(folder.resolve("model.gguf")).hasBinaryContent(model);
        assertThat(folder.resolve("a/adapter.gguf")).hasBinaryContent(adapter);
    }

    @Test
    void adapterOfAnotherModel_isOneSentenceAndNoFile() throws IOException {
        RandomModel.gemma3(2, 64, 4, 2, 96, 400).write(folder.resolve("gemma.gguf"), 1);
        RandomModel.llama(2, 96, 4, 2, 96, 400).write(folder.resolve("wider.gguf"), 1);

        CommandRun architecture = run(
                List.of("fuse", "--model", path("gemma.gguf"), "--adapter-path", path("a")),
                "--save-path",
                path("merged.gguf"));
        CommandRun shape = run(
                List.of("fuse", "--model", path("wider.gguf"), "--adapter-path", path("a")),
                "--save-path",
                path("merged.gguf"));
        CommandRun type = fuse("--type", "q9_9", "--save-path", path("merged.gguf"));

        assertThat(architecture.err()).contains("was made for a model of architecture llama, and gemma.gguf is of");
        assertThat(shape.err()).contains("the adapter was made for another model.");
        assertThat(type.err()).contains("'q9_9' is not a type that tensors can be written in");
        assertThat(List.of(architecture.code(), shape.code(), type.code())).containsExactly(1, 1, 2);
        assertThat(folder.resolve("merged.gguf")).doesNotExist();
    }

    @Test
    void quantizedModelIsThere_withWhatItLost() throws IOException {
        CommandRun run = run(
                List.of("quantize", "--model", path("model.gguf"), "--type", "attn_v=keep,q8_0", "-t", "1"),
                "--save-path",
                path("small.gguf"),
                "--json");

        JsonNode report = JsonMapper.shared().readTree(run.out());
        assertThat(report.path("relative_error").asDouble()).isBetween(1e-4, 1e-2);
        GgufFile small = GgufFile.read(folder.resolve("small.gguf"));
        assertThat(small.tensor("blk.1.ffn_down.weight").orElseThrow().type()).isEqualTo(GgmlType.Q8_0);
        assertThat(small.tensor("blk.1.attn_v.weight").orElseThrow().type()).isEqualTo(GgmlType.F32);
        assertThat(run.err()).contains("21 of 21 tensors written");
    }

    @Test
    void tensorsInAnotherType_areOneLinePerReason_andALineEachWithVerbose() throws IOException {
        List<String> command = List.of("quantize", "--model", path("model.gguf"), "--type", "Q4_k_M", "-t", "1");

        CommandRun few = run(command, "--save-path", path("few.gguf"));
        CommandRun all = run(command, "--save-path", path("all.gguf"), "--verbose");

        assertThat(few.err().lines().filter(line -> line.startsWith("lem:")))
                .containsExactly("lem: Model " + path("model.gguf") + ", named by --model.");
        assertThat(few.out().lines().filter(line -> line.contains("whole blocks")))
                .hasSizeBetween(2, 4)
                .allMatch(
                        line -> line.matches("\\d+ tensors? ha(ve|s) rows of \\d+ values, which are not whole blocks of"
                                + " q[46]_K, so (they are|it is) written as (q5_0|q8_0)\\."));
        assertThat(few.out())
                .contains(" tensors converted (")
                .contains(" to q5_0")
                .contains("--verbose prints a line");
        assertThat(all.out())
                .contains("blk.0.attn_q.weight has rows of 64 values")
                .doesNotContain("tensors have");
        assertThat(Files.readAllBytes(folder.resolve("few.gguf")))
                .isEqualTo(Files.readAllBytes(folder.resolve("all.gguf")));
    }

    private CommandRun convert(String from, String to, String... more) {
        return run(
                List.of(
                        "adapter",
                        "convert",
                        "--model",
                        path("model.gguf"),
                        "--adapter-path",
                        path(from),
                        "--save-path",
                        path(to)),
                more);
    }

    @Test
    void adapterGoesThroughEveryFormatAndComesBackTheSame() throws IOException {
        assertThat(convert("a", "peft", "--format", "peft", "--base", "some/model")
                        .out())
                .contains("16 tensors of rank 3, alpha 12.0: " + path("peft"));
        assertThat(convert("peft", "mlx", "--format", "mlx").code()).isZero();
        assertThat(convert("mlx", "back.gguf").code()).isZero();

        ModelOutline model = ModelOutline.read(folder.resolve("model.gguf"));
        Adapter first = AdapterFiles.read(folder.resolve("a"), model);
        Adapter last = AdapterFiles.read(folder.resolve("back.gguf"), model);
        assertThat(last.alpha()).isEqualTo(first.alpha());
        assertThat(last.pairs()).hasSameSizeAs(first.pairs());
        for (LoraPair pair : first.pairs()) {
            LoraPair other = last.pair(pair.tensor()).orElseThrow();
            assertThat(other.a().values()).isEqualTo(pair.a().values());
            assertThat(other.b().values()).isEqualTo(pair.b().values());
        }
        assertThat(folder.resolve("peft/adapter_config.json")).content().contains("some/model");
    }

    @Test
    void conversionThatWouldLoseAnAdapter_isRefused() throws IOException {
        convert("a", "peft", "--format", "peft");

        CommandRun overItself = convert("a", "a/adapter.gguf");
        CommandRun intoItsFolder = convert("peft", "peft", "--format", "mlx", "--overwrite");
        CommandRun intoAnother = convert("a", "peft", "--format", "mlx", "--overwrite");
        CommandRun unsaid = convert("a", "somewhere");

        assertThat(overItself.err()).contains("is the same file as the input");
        assertThat(intoItsFolder.err()).contains("is the same file as the input");
        assertThat(intoAnother.err()).contains("holds an adapter already, adapter_model.safetensors");
        assertThat(unsaid.code()).isEqualTo(2);
        assertThat(folder.resolve("peft/adapters.safetensors")).doesNotExist();
    }
}
