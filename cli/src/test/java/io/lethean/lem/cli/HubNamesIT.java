package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterFormat;
import io.lethean.lem.adapter.ModelOutline;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.hub.HubRepo;
import io.lethean.lem.hub.HubServer;
import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names on the hub wherever commands take a model or an adapter. */
class HubNamesIT {

    private static final String MODEL = "hf:org/model:Q8_0";

    @TempDir
    Path folder;

    private HubServer server;
    private HubProcess lem;
    private HubRepo models;
    private Path model;
    private Path adapter;

    @BeforeEach
    void start() throws IOException {
        server = new HubServer();
        lem = new HubProcess(server, folder, Map.of());
        model = folder.resolve("local.gguf");
        RandomModel.llama(2, 64, 4, 2, 96, 400).type(GgmlType.F32).write(model, 1);
        adapter = RandomAdapter.write(folder.resolve("local-adapter.gguf"), model, 0.3, 1);
        models = server.repo("org/model")
                .large("model-Q8_0.gguf", Files.readAllBytes(model))
                .large("model-F16.gguf", new byte[10]);
        Path peft = folder.resolve("peft");
        AdapterFiles.convert(adapter, ModelOutline.read(model), AdapterFormat.PEFT, peft, "org/base");
        server.repo("org/adapter")
                .small("adapter_config.json", Files.readString(peft.resolve("adapter_config.json")))
                .large("adapter_model.safetensors", Files.readAllBytes(peft.resolve("adapter_model.safetensors")));
        server.repo("org/tensors")
                .small("config.json", "{}")
                .small("tokenizer.json", "{}")
                .large("model.safetensors", new byte[500]);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CommandRun generate(HubProcess process, String... more) throws Exception {
        String[] command = {"generate", "--prompt", "Hello", "-n", "6", "-t", "1", "--temp", "0"};
        String[] all = Arrays.copyOf(command, command.length + more.length);
        System.arraycopy(more, 0, all, command.length, more.length);
        return process.run(all);
    }

    @Test
    void modelAndAdapter_generateAsTheLocalFilesDo() throws Exception {
        CommandRun local = generate(lem, "--model", model.toString());
        CommandRun adapted = generate(lem, "--model", model.toString(), "--adapter", adapter + "=0.5");
        assertThat(server.newLines()).as("a path uses no network").isEmpty();
        assertThat(local.out()).isNotEqualTo(adapted.out());

        CommandRun named = generate(lem, "--model", MODEL);
        assertThat(named.code()).as(named.err()).isZero();
        assertThat(named.out()).isEqualTo(local.out());
        assertThat(named.err())
                .contains("model-Q8_0.gguf: ")
                .contains("lem: Model " + lem.cache().resolve("models--org--model/snapshots/" + models.commit())
                        + "/model-Q8_0.gguf, named by --model.");
        assertThat(generate(lem, "--model", MODEL, "--adapter", "hf:org/adapter=0.5")
                        .out())
                .isEqualTo(adapted.out());
    }

    @Test
    void variableAndConfiguration_mayNameTheHub() throws Exception {
        String expected = generate(lem, "--model", model.toString()).out();

        CommandRun variable = generate(lem.with("LEM_MODEL", MODEL));
        assertThat(variable.out()).as(variable.err()).isEqualTo(expected);
        assertThat(variable.err()).contains("model-Q8_0.gguf, named by the variable LEM_MODEL.");
        Files.writeString(folder.resolve("lem.config.json"), "{\"default_model\": \"" + MODEL + "\"}");
        CommandRun configured = generate(lem.with("HF_HUB_OFFLINE", "1"));
        assertThat(configured.out()).as(configured.err()).isEqualTo(expected);
        assertThat(configured.err()).contains("model-Q8_0.gguf, named by lem.config.json.");
    }

    @Test
    void otherCommands_takeNamesToo() throws Exception {
        CommandRun inspect = lem.run("inspect", MODEL);
        assertThat(inspect.code()).as(inspect.err()).isZero();
        CommandRun converted = lem.run(
                "adapter", "convert", "--model", MODEL, "--adapter", "hf:org/adapter", "--output", "out/a.gguf");
        assertThat(converted.out()).as(converted.err()).contains("tensors of rank 3");
        CommandRun fused = lem.run(
                "fuse", "--model", MODEL, "--adapter", "hf:org/adapter", "--output", "merged.gguf", "--no-parity");
        assertThat(fused.out()).as(fused.err()).contains("tensors merged");
        CommandRun quantized = lem.run("quantize", "--model", MODEL, "--type", "f16", "--output", "f16.gguf");
        assertThat(quantized.code()).as(quantized.err()).isZero();
    }

    @Test
    void trainingAndBenchmarks_takeNamesToo() throws Exception {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data/train.jsonl"), "{\"text\": \"Be kind to the stranger.\"}\n".repeat(4));
        CommandRun trained = lem.run(
                "train", "--model", MODEL, "--data", "data", "--iters", "1", "--adapter-path", "out", "--threads", "1");
        assertThat(trained.code()).as(trained.err()).isZero();
        Files.writeString(folder.resolve("p.json"), "[{\"id\": \"P1\", \"domain\": \"d\", \"prompt\": \"Why?\"}]");
        Files.writeString(folder.resolve("k.txt"), "Be kind.");
        server.newLines();

        CommandRun lineage = lem.run(
                "experiment",
                "lineage",
                "--models",
                "plain=" + MODEL,
                "tuned=" + MODEL + "+hf:org/adapter=0.5",
                "--prompts",
                "p.json",
                "--kernel",
                "k=k.txt",
                "--max-tokens",
                "4",
                "--threads",
                "1",
                "--output",
                "lineage");

        assertThat(lineage.code()).as(lineage.err()).isZero();
        assertThat(folder.resolve("lineage/tuned.jsonl")).exists();
        assertThat(server.newLines())
                .as("each name is asked for once")
                .filteredOn(line -> line.contains("/revision/main"))
                .isEqualTo(List.of(
                        "GET /api/models/org/model/revision/main",
                        "GET /api/models/org/model/revision/main",
                        "GET /api/models/org/adapter/revision/main"));
    }

    @Test
    void safetensorsAsAModel_nameTheConversion() throws Exception {
        CommandRun run = generate(lem, "--model", "hf:org/tensors");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .isEqualTo("lem: hf:org/tensors has no GGUF file; it has safetensors, which 'lem convert --model"
                        + " hf:org/tensors --save-path FILE.gguf' downloads and converts.\n");
        assertThat(server.newLines()).noneMatch(line -> line.contains("/cdn/"));
    }

    @Test
    void adapterAsAModel_andModelAsAnAdapter_areSentences() throws Exception {
        assertThat(generate(lem, "--model", "hf:org/adapter").err())
                .contains("hf:org/adapter is a LoRA adapter, not a model;")
                .contains("'--model MODEL --adapter hf:org/adapter'");
        assertThat(generate(lem, "--model", model.toString(), "--adapter", "hf:org/tensors")
                        .err())
                .contains("hf:org/tensors is not a LoRA adapter");
    }
}
