package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem train} with a random model of a few thousand numbers. */
class TrainCommandIT {

    private static final String CHAT = "{\"messages\": [{\"role\": \"user\", \"content\": \"Why?\"},"
            + " {\"role\": \"assistant\", \"content\": \"Because.\"}]}\n";

    @TempDir
    Path folder;

    @BeforeEach
    void prepare() throws IOException {
        RandomModel.llama(2, 32, 4, 2, 48, 400).write(folder.resolve("model.gguf"), 3);
        Files.createDirectory(folder.resolve("d"));
        data("train", CHAT.repeat(3));
        data("valid", CHAT);
    }

    private void data(String name, String lines) throws IOException {
        Files.writeString(folder.resolve("d/" + name + ".jsonl"), lines);
    }

    private CommandRun train(String... more) {
        return trainInto("a", more);
    }

    private CommandRun trainInto(String adapter, String... more) {
        String[] arguments =
                Stream.concat(Stream.of("--rank", "2"), Stream.of(more)).toArray(String[]::new);
        return CommandRun.train(folder, adapter, arguments);
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void trainingPrintsItsLossesAndWhereTheAdapterIs() {
        CommandRun run = train(
                "--iters",
                "4",
                "--steps-per-report",
                "2",
                "--learning-rate",
                "1e-2",
                "--lr-schedule",
                "linear",
                "--targets",
                "q,v",
                "--num-layers",
                "1");

        assertThat(run.err())
                .contains(
                        "3 samples to train on, 1 to validate on",
                        "Training 4 iterations",
                        "Iter 0: Val loss ",
                        "Iter 2: Train loss ",
                        "Learning Rate 7.500e-03",
                        "Iter 4: Val loss ");
        assertThat(run.out()).contains("Best validation loss ", "Trained 4 iterations: " + path("a/adapter.gguf"));
        assertThat(run.code()).isZero();
        assertThat(folder.resolve("a/adapter.gguf")).exists();
    }

    @Test
    void secondTrainingInTheSameFolder_isRefused_andResumingAFinishedOneIsNot() {
        assertThat(train("--iters", "2").code()).isZero();

        CommandRun again = train("--iters", "2");
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("holds a training already (checkpoint-0000002.gguf)");
        CommandRun resumed = train("--iters", "2", "--resume");
        assertThat(resumed.err()).contains("Resuming after iteration 2 of 2");
        assertThat(resumed.code()).isZero();
        CommandRun longer = train("--iters", "3", "--resume");
        assertThat(longer.code()).isEqualTo(1);
        assertThat(longer.err()).contains("iters was 2 and is 3");
    }

    @Test
    void trainingFromAnAdapter_takesItsFormFromTheFile_andRefusesAnotherOne() throws IOException {
        assertThat(trainInto("first", "--iters", "2", "--targets", "q,v", "--scale", "10")
                        .code())
                .isZero();
        String adapter = path("first/adapter.gguf");

        CommandRun from = train("--iters", "2", "--resume-adapter-file", adapter);
        assertThat(from.err()).contains("Starting from " + adapter + " (rank 2, scale 10.0, 4 matrices)");
        assertThat(from.code()).isZero();
        CommandRun other = trainInto("b", "--iters", "2", "--resume-adapter-file", adapter, "--targets", "q");
        assertThat(other.err()).contains("The set of targets is given as [q], and the adapter " + adapter);
        assertThat(other.code()).isEqualTo(1);
        Path config = Files.writeString(
                folder.resolve("start.yaml"), "resume_adapter_file: " + adapter + "\nlora_parameters: {scale: 5}\n");
        assertThat(trainInto("c", "--iters", "2", "--config", config.toString()).err())
                .contains("The scale is given as 5.0");
        Files.writeString(config, "resume_adapter_file: " + adapter + "\n");
        assertThat(trainInto("c", "--iters", "2", "--config", config.toString()).err())
                .contains("Starting from " + adapter + " (rank 2, scale 10.0, 4 matrices)");
        assertThat(train("--resume-adapter-file", path("absent.gguf")).err())
                .contains("The adapter " + path("absent.gguf") + " does not exist");
    }

    @Test
    void test_measuresTheResult_afterTheTrainingAndLater() throws IOException {
        assertThat(train("--iters", "2", "--test").err())
                .contains("The file " + path("d/test.jsonl") + " does not exist, and --test measures on it.");
        assertThat(folder.resolve("a")).doesNotExist();
        data("test", CHAT);
        data("valid", CHAT);

        CommandRun run = train("--iters", "4", "--learning-rate", "1e-2", "--test", "--grad-checkpoint");

        assertThat(run.code()).isZero();
        String valid = run.err().replaceAll("(?s).*Iter 4: Val loss (\\S+),.*", "$1");
        assertThat(run.err()).containsPattern("Test loss " + valid + ", Test ppl \\d+\\.\\d+\\.\n");
        Path config = Files.writeString(folder.resolve("test.yaml"), "test: true\ntest_batches: -1\n");
        CommandRun later = train("--iters", "4", "--learning-rate", "1e-2", "--resume", "--config", config.toString());
        assertThat(later.err()).contains("Test loss " + valid).doesNotContain("Iter 4: Train loss");
        assertThat(Files.readString(folder.resolve("a/events.jsonl"))).contains("\"event\": \"test\"");
    }

    @Test
    void reportOfATraining_showsItsCurves() throws IOException {
        assertThat(train("--iters", "4", "--steps-per-report", "1").code()).isZero();
        Path page = folder.resolve("curves.html");

        CommandRun shown = CommandRun.of("report", path("a"));
        CommandRun written = CommandRun.of("report", path("a"), "--output", page.toString());

        assertThat(shown.out()).contains("a: 4 iterations, complete, validation loss ", "train loss", "tokens/s");
        assertThat(written.code()).isZero();
        assertThat(page).content().contains("<polyline", "<title>Loss</title>");
        assertThat(CommandRun.of("report", path("a"), "--output", path("a/best.gguf") + ".json")
                        .code())
                .isZero();
        CommandRun over = CommandRun.of("report", path("a"), "--overwrite", "--output", path("a/best.gguf.json"));
        assertThat(over.err()).contains("is the same file as the input");
        assertThat(CommandRun.of("report", path("d")).err()).contains("contains no events.jsonl");
    }

    private Path curriculum(String gates) throws IOException {
        return Files.writeString(folder.resolve("c.json"), """
                {"options": {"iters": 2, "batch_size": 2, "rank": 2, "steps_per_report": 1},
                 "phases": [
                   {"name": "P0", "train": ["d/train.jsonl"], "valid": ["d/valid.jsonl"], "gates": {%s}},
                   {"name": "P1", "train": ["d/train.jsonl"]}]}
                """.formatted(gates));
    }

    private CommandRun phases(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "train",
                "--model",
                path("model.gguf"),
                "--adapter-path",
                path("phases"),
                "--threads",
                "1",
                "--curriculum",
                path("c.json")));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray(String[]::new));
    }

    @Test
    void curriculum_printsItsPhases_andAGateThatFailsIsASentence() throws IOException {
        curriculum("\"val_loss_at_most\": 0.5");
        CommandRun stopped = phases();
        assertThat(stopped.out())
                .contains("Phase P0: 2 iterations, validation loss ")
                .contains("The phase P0 does not pass its gate: the validation loss is ", "at most 0.5 is wanted");
        assertThat(stopped.code()).isEqualTo(1);

        curriculum("\"val_loss_at_most\": 50");
        assertThat(phases().err()).contains("holds a curriculum already (curriculum.json); resume it");
        CommandRun resumed = phases("--resume");
        assertThat(resumed.err()).contains("Phase 1 of 2: P0", "Resuming after iteration 2 of 2", "Phase 2 of 2: P1");
        assertThat(resumed.out()).contains("All 2 phases passed: " + path("phases/adapter.gguf"));
        assertThat(resumed.code()).isZero();
    }

    @Test
    void optionsThatBelongIntoTheCurriculum_areRefusedOnTheCommandLine() throws IOException {
        curriculum("");

        CommandRun run = phases("--iters", "3");
        assertThat(run.err())
                .contains("--iters cannot be given with --curriculum; write it into " + path("c.json") + ".");
        assertThat(run.code()).isEqualTo(2);
        Files.writeString(folder.resolve("c.json"), "{\"phases\": [{\"name\": \"P0\"}]}");
        assertThat(phases().err()).contains("The phase P0 has no data").doesNotContain("\tat ");
    }

    @Test
    void showMaskPrintsWhatIsLearnedAndTrainsNothing() {
        CommandRun run = train("--mask-prompt", "--show-mask");

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("Why?").contains("⟦Because.");
        assertThat(folder.resolve("a")).doesNotExist();
        assertThat(train("--show-mask").out()).containsPattern("⟦[^⟧]*Why");
    }

    @Test
    void showMask_showsTurnsWithWeightZeroAsNotLearned() throws IOException {
        data(
                "train",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\":"
                        + " \"do not learn this\", \"weight\": 0}, {\"role\": \"user\", \"content\": \"c\"},"
                        + " {\"role\": \"assistant\", \"content\": \"learn\"}]}\n");

        assertThat(train("--mask-prompt", "--show-mask").out())
                .contains("do not learn this")
                .containsPattern("(?s)^[^\u27e6]*do not learn this[^\u27e6]*\u27e6learn[^\u27e7]*\u27e7\\s*$");
        assertThat(train("--show-mask").out()).containsPattern("\u27e7[^\u27e6]*do not learn this[^\u27e6]*\u27e6");
    }

    @Test
    void verifyPrintsEveryCheckAndNeedsNoData() throws IOException {
        CommandRun run = CommandRun.of("train", "--model", path("model.gguf"), "--data", path("nowhere"), "--verify");

        assertThat(run.out())
                .startsWith("Gradients of 2 layers on ")
                .contains("ok: ")
                .doesNotContain("FAILED");
        assertThat(run.code()).isZero();
    }

    @Test
    void configurationFile_givesOptionsThatTheCommandLineOverrides() throws IOException {
        Path config = Files.writeString(folder.resolve("config.json"), """
                {"model": "nowhere.gguf", "iters": 9, "learning_rate": 1e-2, "mask_prompt": true, "train": true,
                 "lora_parameters": {"rank": 4, "scale": 10.0, "dropout": 0.0}, "resume_adapter_file": null,
                 "targets": ["q", "o"], "save_every": 2}
                """);

        CommandRun run = train("--config", config.toString(), "--iters", "2", "--mask-prompt");

        assertThat(run.err())
                .contains("Training 2 iterations", "Saved " + path("a/checkpoint-0000002.gguf"))
                .contains("0.001M trainable");
        assertThat(run.code()).isZero();
    }

    @Test
    void flagsOfAConfigurationFile_holdWithAndWithoutTheSameOneOnTheCommandLine() throws IOException {
        Path config = Files.writeString(folder.resolve("config.json"), "{\"mask_prompt\": true, \"targets\": [\"q\"]}");
        String masked = train("--mask-prompt", "--show-mask").out();

        assertThat(masked).contains("⟦Because.");
        assertThat(train("--config", config.toString(), "--show-mask").out()).isEqualTo(masked);
        assertThat(train("--config", config.toString(), "--mask-prompt", "--show-mask")
                        .out())
                .isEqualTo(masked);
        Files.writeString(config, "{\"mask_prompt\": false}");
        assertThat(train("--config", config.toString(), "--mask-prompt", "--show-mask")
                        .out())
                .isEqualTo(masked);
        assertThat(train("--config", config.toString(), "--show-mask").out()).isNotEqualTo(masked);
    }

    @Test
    void epochsOnTheCommandLine_overrideTheIterationsOfAConfigurationFile() throws IOException {
        Path config = Files.writeString(folder.resolve("config.json"), "{\"iters\": 9}");

        assertThat(train("--config", config.toString(), "--epochs", "1").err()).contains("Training 2 iterations");
        Files.writeString(config, "{\"iters\": 9, \"epochs\": 2}");
        assertThat(train("--config", config.toString()).err()).contains("has both iters and epochs");
    }

    @Test
    void yamlOfMlx_trainsAsItsJsonTwin() throws IOException {
        Path yaml = Files.writeString(folder.resolve("lora.yaml"), """
                # As mlx-lm's example has it
                model: "nowhere/at-all"
                train: true
                test: false
                fine_tune_type: lora
                optimizer: adamw
                optimizer_config:
                  adam: {}
                  adamw:
                    weight_decay: 0.1
                iters: 4
                learning_rate: 1e-5
                resume_adapter_file: null
                grad_checkpoint: false
                mask_prompt: true
                lora_parameters:
                  keys: ["self_attn.q_proj", "self_attn.o_proj"]
                  rank: 4
                  scale: 10.0
                  dropout: 0.0
                lr_schedule:
                  name: cosine_decay
                  warmup: 1
                  warmup_init: 0
                  arguments: [1e-2, 4, 1e-4]
                save_every: 2
                """);
        Path json = Files.writeString(folder.resolve("lora.json"), """
                {"optimizer": "adamw", "weight_decay": 0.1, "iters": 4, "mask_prompt": true, "targets": ["q", "o"],
                 "rank": 4, "scale": 10.0, "dropout": 0.0, "lr_schedule": "cosine", "warmup": 1,
                 "learning_rate": 1e-2, "final_learning_rate": 1e-4, "save_every": 2}
                """);

        CommandRun run = trainInto("y", "--config", yaml.toString());
        CommandRun twin = trainInto("j", "--config", json.toString());

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(twin.code()).isZero();
        assertThat(folder.resolve("y/adapter.gguf"))
                .hasBinaryContent(Files.readAllBytes(folder.resolve("j/adapter.gguf")));
    }

    @Test
    void membersOfMlxThatCannotBeUsed_areRefusedByName() throws IOException {
        assertConfig("lr_schedule: {name: exponential_decay, arguments: [1, 2]}", "names exponential_decay, and only");
        assertConfig(
                "iters: 100\nlr_schedule: {name: cosine_decay, arguments: [1e-5, 50]}",
                "falls over 50 steps, and the training has 100 updates");
        assertConfig(
                "iters: 9\nlr_schedule: {name: linear_schedule, arguments: [1e-5, 0, 9], warmup_init: 1e-7}",
                "lr_schedule has warmup_init 1.0E-7");
        assertConfig("lr_schedule: {name: cosine_decay, arguments: [fast, 2]}", "should be two or three numbers");
        assertConfig("lr_schedule: {name: cosine_decay, speed: 2}", "lr_schedule has a member speed");
        assertConfig("optimizer_config: {adam: {betas: [0.9, 0.98]}}", "optimizer_config has a member betas");
        assertConfig("lora_parameters: {keys: [mixer.in_proj]}", "has the key mixer.in_proj, which is not one of");
        assertConfig("test: often", "as test, which should be true or false");
        assertConfig("- iters", "should contain one object with the options of a training");
    }

    private void assertConfig(String yaml, String sentence) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.yml"), yaml);
        CommandRun run = train("--config", file.toString());
        assertThat(run.err()).contains("bad.yml").contains(sentence).doesNotContain("\tat ");
        assertThat(run.code()).isEqualTo(1);
    }

    @Test
    void configurationFileWithAnUnknownOption_isRefusedByName() throws IOException {
        Path config = Files.writeString(folder.resolve("config.json"), "{\"learning_rat\": 1e-2}");
        assertThat(train("--config", config.toString()).err())
                .contains("config.json has a member learning_rat, which is not an option of a training");

        Files.writeString(config, "{\"iters\": \"many\"}");
        assertThat(train("--config", config.toString()).err())
                .contains("config.json: ")
                .contains("--iters")
                .contains("many");
        Files.writeString(config, "{");
        assertThat(train("--config", config.toString()).err()).contains("config.json cannot be read as JSON");
    }

    @Test
    void reportsAreLinesOfJson_andAnOlderFileIsKept() throws IOException {
        Path report = folder.resolve("report.jsonl");
        assertThat(train("--iters", "4", "--steps-per-report", "2", "--report-json", report.toString())
                        .code())
                .isZero();
        List<String> lines = Files.readAllLines(report);
        List<JsonNode> trained = lines.stream()
                .map(JsonMapper.shared()::readTree)
                .filter(line -> line.path("event").asString("").equals("train"))
                .toList();
        assertThat(trained).extracting(line -> line.path("iteration").asInt()).containsExactly(2, 4);
        assertThat(trained).allSatisfy(line -> {
            assertThat(line.path("train_loss").asDouble(0)).isPositive();
            assertThat(line.path("tokens_per_second").asDouble(0)).isPositive();
            assertThat(line.has("learning_rate")).isTrue();
            assertThat(line.path("peak_memory").asLong(0)).isPositive();
        });
        assertSentence(
                trainInto("other", "--iters", "4", "--report-json", report.toString()),
                1,
                "exists already; choose another name, or add to it with --resume");
        assertThat(Files.readAllLines(report)).isEqualTo(lines);
    }

    @Test
    void deviceThatIsNotThere_isRefusedWithThoseThatAre() {
        assertSentence(
                train("--device", "NOPE"),
                1,
                "The device NOPE was asked for, and no such device is here. Present: CPU (",
                "Ask for one of these");
        assertThat(folder.resolve("a")).doesNotExist();
        assertThat(train("--device", "auto", "--iters", "1").code()).isZero();
    }

    @Test
    void wrongUse_isOneSentence() throws IOException {
        assertSentence(train("--dropout", "1"), 2, "dropout is 1.0 and must be at least 0 and below 1");
        assertSentence(train("--iters", "2", "--epochs", "2"), 2, "--iters and --epochs both say how long");
        assertSentence(train("--patience", "-1"), 2, "patience is -1 and must be at least 0");
        assertSentence(
                train("--max-seq-length", "4"), 1, "not one of the 3 examples fits into 4 tokens: the longest has");
        data("train", CHAT + "{\"messages\": [\n");
        assertSentence(train(), 1, "train.jsonl:2: ");
        data("train", CHAT.replace("assistant", "user"));
        assertSentence(train(), 1, "train.jsonl:1: no turn is the assistant's");
        data("train", "");
        assertSentence(train(), 1, "train.jsonl: the file holds no examples");
        Files.delete(folder.resolve("d/train.jsonl"));
        assertSentence(train(), 1, "train.jsonl does not exist; training needs it");
        assertThat(folder.resolve("a")).doesNotExist();
    }

    private static void assertSentence(CommandRun run, int code, String... parts) {
        assertThat(run.err()).contains(parts).doesNotContain("\tat ").doesNotContain("should not have happened");
        assertThat(run.code()).isEqualTo(code);
    }

    @Test
    void modelOfAnArchitectureThatCannotBeTrained_isRefusedByName() throws IOException {
        RandomModel.llama(1, 32, 4, 2, 48, 400)
                .writer(1)
                .put("general.architecture", "gpt2")
                .write(folder.resolve("model.gguf"));

        CommandRun run = train();

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("gpt2");
    }
}
