package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.adapter.RandomAdapter;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.internal.gguf.RandomVocabulary;
import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem experiment} with a trained model of 260 thousand weights. */
class ExperimentCommandIT {

    @TempDir
    private Path folder;

    private Path probes;
    private Path kind;
    private Path axioms;

    @BeforeEach
    void write() throws IOException {
        probes = Files.writeString(folder.resolve("probes.json"), "[\"Who may decide?\", \"What is owed?\"]");
        kind = Files.writeString(folder.resolve("kind.txt"), "Be kind to all that can feel, and say what is true.\n");
        axioms = Files.writeString(
                folder.resolve("axioms.json"),
                "{\"axioms\": [{\"id\": 1, \"name\": \"care\"}, {\"id\": 2, \"name\": \"truth\"}]}");
    }

    private static String model(String type) {
        return Fixtures.require("models/stories260K-" + type + ".gguf").toString();
    }

    private CommandRun experiment(String name, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "experiment",
                name,
                "--prompts",
                probes.toString(),
                "--output",
                folder.resolve(name).toString(),
                "--max-tokens",
                "6",
                "--threads",
                "1"));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray(String[]::new));
    }

    @Test
    void realignment_givesEachModelAFileAndGoesOnAfterwards() throws IOException {
        String[] more = {
            "--kernel", "kind=" + kind, "--models", "small=" + model("q4_0"), "middle=" + model("q8_0"), "--json"
        };

        CommandRun first = experiment("realignment", more);
        CommandRun second = experiment("realignment", more);

        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.err()).contains("8 questions asked");
        assertThat(second.err()).contains("0 questions asked");
        assertThat(second.out()).isEqualTo(first.out());
        JsonNode json = JsonMapper.shared().readTree(first.out());
        assertThat(json.get("comparisons").size()).isEqualTo(2);
        assertThat(json.at("/comparisons/1/arm/model").asString()).isEqualTo("middle");
        Path output = folder.resolve("realignment");
        assertThat(Files.readAllLines(output.resolve("small.jsonl"))).hasSize(3);
        assertThat(output.resolve("realignment.txt")).content().contains("small: kind against baseline");
        assertThat(output.resolve("realignment.html")).content().contains("<svg");
        assertThat(output.resolve("realignment.md")).exists();
        assertThat(JsonMapper.shared()
                        .readTree(output.resolve("realignment.json").toFile()))
                .isEqualTo(json);
    }

    @Test
    void lineage_needsNoKernel() {
        CommandRun run = experiment("lineage", "--models", model("q4_0"), model("f32"));

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("stories260K-f32 against stories260K-q4_0: baseline");
        assertThat(experiment("lineage", "--models", model("f32")).err())
                .isEqualTo("lem experiment lineage: A lineage needs at least two --models.\n");
    }

    @Test
    void isolation_keepsTheTextsItMade() {
        CommandRun run = experiment("isolation", "--kernel", "json=" + axioms, "--model", model("q8_0"));

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("12 questions asked");
        assertThat(run.out())
                .contains(
                        "stories260K-q8_0: only-care against baseline", "stories260K-q8_0: without-truth against json");
        assertThat(folder.resolve("isolation/kernels/only-truth.txt"))
                .hasContent("{\"axioms\": [{\"id\": 2, \"name\": \"truth\"}]}");
    }

    @Test
    void length_givesEveryPromptTheSameNumberOfTokens() throws IOException {
        CommandRun run = experiment("length", "--kernel", "kind=" + kind, "--models", "m=" + model("q8_0"));

        assertThat(run.code()).as(run.err()).isZero();
        assertEqualPromptTokens();
        assertThat(run.out()).contains("m: kind against neutral-kind");
        assertThat(folder.resolve("length/kernels/m.neutral-kind.txt"))
                .content()
                .startsWith("The box on shelf 4");
    }

    /** A template that trims what it is given, and one that refuses system turns, so that they become user turns. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}</{{ m.role }}>{% endfor %}",
                "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('none') }}{% endif %}"
                        + "[{{ m.content }}]{% endfor %}"
            })
    void length_countsTokensWhereTheTemplatePutsThem(String template) throws IOException {
        Path model = folder.resolve("random.gguf");
        RandomModel.llama(1, 32, 2, 2, 48, 600)
                .tokenizer(RandomVocabulary.Kind.BYTE_PAIR)
                .contextLength(512)
                .chatTemplate(template)
                .write(model, 2);

        CommandRun run = experiment("length", "--kernel", "kind=" + kind, "--models", "m=" + model);

        assertThat(run.code()).as(run.err()).isZero();
        assertEqualPromptTokens();
    }

    private void assertEqualPromptTokens() throws IOException {
        List<Map<String, Object>> lines = JsonLineReader.readAll(folder.resolve("length/m.jsonl"));
        assertThat(lines).hasSize(3);
        assertThat(lines.subList(0, 2)).allSatisfy(line -> {
            Map<?, ?> conditions = (Map<?, ?>) line.get("conditions");
            Object kernel = ((Map<?, ?>) conditions.get("kind")).get("prompt_tokens");
            assertThat(((Map<?, ?>) conditions.get("neutral-kind")).get("prompt_tokens"))
                    .isEqualTo(kernel);
            assertThat((Long) kernel)
                    .isGreaterThan((Long) ((Map<?, ?>) conditions.get("baseline")).get("prompt_tokens"));
        });
    }

    @Test
    void scale_setsTunedModelsBesideThoseOfTheirSize() {
        CommandRun run = experiment(
                "scale",
                "--models",
                "b=" + model("q8_0"),
                "a=" + model("q4_0"),
                "--tuned",
                "b=" + model("f32"),
                "--limit",
                "1");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("b-tuned against b: baseline");
        assertThat(run.err()).contains("3 questions asked");
    }

    @Test
    void adaptersMakeATunedModelOfABaseModel() throws IOException {
        Path base = Fixtures.require("models/stories260K-f32.gguf");
        Path adapter = RandomAdapter.write(folder.resolve("tuned.gguf"), base, 0.4, 7);

        CommandRun run = experiment("lineage", "--models", "base=" + base, "tuned=" + base + "+" + adapter);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(Files.readString(folder.resolve("lineage/tuned.jsonl"))).contains("tuned.gguf");
        assertThat(answers("base")).isNotEqualTo(answers("tuned"));
    }

    private List<Object> answers(String model) throws IOException {
        return JsonLineReader.readAll(folder.resolve("lineage/" + model + ".jsonl")).stream()
                .filter(line -> line.containsKey("prompt"))
                .map(line -> ((Map<?, ?>) ((Map<?, ?>) line.get("conditions")).get("baseline")).get("response"))
                .map(Object.class::cast)
                .toList();
    }

    @Test
    void severalSamples_countAsOneProbe() {
        CommandRun run = experiment(
                "realignment",
                "--kernel",
                "kind=" + kind,
                "--models",
                "m=" + model("q8_0"),
                "--samples",
                "3",
                "--temperature",
                "0.8",
                "--seed",
                "5");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern("m +kind +6 ").containsPattern("m: kind against baseline +2 ");
    }

    @Test
    void reproduce_runsModelsOfThePublishedTables() throws IOException {
        String[] command = {
            "reproduce",
            "--models",
            "Gemma 3 4B=" + model("q8_0"),
            "base-1b=" + model("q4_0"),
            "--kernel",
            "txt=" + kind,
            "--p20",
            probes.toString(),
            "--p100",
            probes.toString(),
            "--output",
            folder.resolve("again").toString(),
            "--max-tokens",
            "5",
            "--threads",
            "1"
        };

        CommandRun run = CommandRun.of(command);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(folder.resolve("again/ab-base-gemma3-4b-mlxlm.jsonl")).exists();
        assertThat(folder.resolve("again/ab-p100-gemma3-4b-mlxlm.jsonl")).exists();
        assertThat(folder.resolve("again/ab-base-1b-mlxlm.jsonl")).exists();
        assertThat(run.out())
                .containsPattern("Gemma3 4B +baseline +21.12 +-?[0-9.]+ +-?[0-9.]+ +differs +the file holds 2 of 101")
                .containsPattern("Gemma 3 4B +json +21.65 .*no data +the file has no such condition")
                .doesNotContain("LEK-4B", "GSM8K");
        assertThat(run.err())
                .contains("the kernel 'txt' is not the one of the published numbers")
                .doesNotContain("our own probes");
        assertThat(CommandRun.of(command).err()).contains("0 questions asked").doesNotContain("4 questions asked");
    }

    @Test
    void badInput_isOneSentenceBeforeAnythingIsRun() throws IOException {
        Path poem = Files.writeString(folder.resolve("poem.json"), "{\"verses\": []}");
        String model = "m=" + model("q8_0");

        assertSentence(experiment("realignment", "--models", model), "needs at least one --kernel NAME=FILE.");
        assertSentence(
                experiment("realignment", "-k", "k=nowhere.txt", "--models", model), "kernel 'k' does not exist");
        assertSentence(experiment("lineage", "--models", model, "x=none.gguf"), "The model none.gguf does not exist");
        assertSentence(experiment("lineage", "--models", model, model), "Two models are named 'm'");
        assertSentence(experiment("lineage", "--models", "../m=" + model("q8_0"), model), "does not exist");
        assertSentence(
                experiment("isolation", "-k", "k=" + poem, "--models", model), "poem.json: it has no \"axioms\"");
        assertSentence(experiment("scale", "--models", model), "compares something at each size");
        assertSentence(
                experiment("scale", "--models", model, "--tuned", "z=" + model("f32")),
                "has the name of the tuned model 'z'");
        Files.writeString(probes, "[{\"id\": \"P1\"}]");
        assertSentence(
                experiment("lineage", "--models", model, "n=" + model("f32")),
                "probes.json: the probe at index 0 (counted from 0) has no \"prompt\" text.");
        assertThat(CommandRun.of("experiment").err()).contains("Which experiment? Choose realignment");
    }

    private static void assertSentence(CommandRun run, String part) {
        assertThat(run.code()).isEqualTo(run.err().startsWith("lem: ") ? 1 : 2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err()).startsWith("lem").contains(part);
    }
}
