package io.lethean.lem.peers;

import com.sun.management.OperatingSystemMXBean;
import io.lethean.lem.model.Cancellation;
import io.lethean.lem.model.Tokenizer;
import io.lethean.lem.train.LemTrainer;
import io.lethean.lem.train.TrainingEvent;
import io.lethean.lem.train.dataset.SampleEncoder;
import io.lethean.lem.train.dataset.TrainingData;
import io.lethean.lem.train.dataset.TrainingExample;
import io.lethean.lem.train.dataset.TrainingSample;
import io.lethean.lem.train.options.TrainingOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * LEM's side of {@code scripts/peers/train}: a training that takes a step for each line of input.
 *
 * <p>The argument is JSON: {@code {model, data, encode: true}} prints the samples as tokens and targets; {@code {model,
 * data, adapter, folder, steps, batch, threads, rate}} trains from the adapter, prints {@code {"ready": true}}, and after
 * each line of input takes a step and prints its seconds, seconds of all processors, and loss.
 */
public final class PeerTrain {

    private static final JsonMapper JSON = new JsonMapper();
    private static final OperatingSystemMXBean CLOCK = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private final Cancellation cancellation = new Cancellation();
    private long begin;
    private long cpuBegin;

    private PeerTrain() {}

    public static void main(String[] arguments) throws IOException {
        JsonNode task = JSON.readTree(arguments[0]);
        if (task.path("encode").asBoolean()) {
            new PeerTrain().encode(task);
        } else {
            new PeerTrain().train(task);
        }
    }

    private void encode(JsonNode task) throws IOException {
        List<Object> samples = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.load(path(task, "model"))) {
            SampleEncoder encoder = new SampleEncoder(
                    tokenizer::applyTemplate,
                    text -> tokenizer.encodeRendered(text).stream()
                            .mapToInt(Integer::intValue)
                            .toArray(),
                    tokenizer.eos().orElse(SampleEncoder.NO_TOKEN),
                    true);
            for (TrainingExample example :
                    TrainingData.readFile(path(task, "data").resolve("train.jsonl"))) {
                samples.add(fields(encoder.encode(example)));
            }
        }
        print(samples);
    }

    private static Map<String, Object> fields(TrainingSample sample) {
        List<Boolean> trained = new ArrayList<>();
        for (int i = 0; i < sample.length(); i++) {
            trained.add(sample.isTrained(i));
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("tokens", sample.tokens());
        fields.put("trained", trained);
        return fields;
    }

    private void train(JsonNode task) throws IOException {
        TrainingOptions options = TrainingOptions.builder(path(task, "model"), path(task, "data"), path(task, "folder"))
                .resumeAdapterFile(path(task, "adapter"))
                .iterations(task.get("steps").asInt())
                .batchSize(task.get("batch").asInt())
                .threads(task.get("threads").asInt())
                .learningRate(task.get("rate").asDouble())
                .maskPrompt(true)
                .reportEvery(1)
                .build();
        new LemTrainer(options).run(this::onEvent, cancellation);
    }

    private void onEvent(TrainingEvent event) {
        switch (event) {
            case TrainingEvent.Started started -> {
                print(Map.of("ready", true, "memory", started.memory()));
                await();
            }
            case TrainingEvent.Updated updated -> {
                double seconds = (System.nanoTime() - begin) / 1e9;
                double cpu = (CLOCK.getProcessCpuTime() - cpuBegin) / 1e9;
                print(Map.of("seconds", seconds, "cpu", cpu, "loss", updated.loss()));
                await();
            }
            default -> {
                // Reports and files are of no interest here.
            }
        }
    }

    /** Waits for the next line; the end of the input ends the training. */
    private void await() {
        try {
            if (in.readLine() == null) {
                cancellation.cancel();
            }
        } catch (IOException e) {
            throw new IllegalStateException("The input of the training broke.", e);
        }
        begin = System.nanoTime();
        cpuBegin = CLOCK.getProcessCpuTime();
    }

    private void print(Object value) {
        out.println(JSON.writeValueAsString(value));
    }

    private static Path path(JsonNode task, String name) {
        return Path.of(task.get(name).asString());
    }
}
