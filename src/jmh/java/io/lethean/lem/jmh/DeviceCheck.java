package io.lethean.lem.jmh;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.RandomModel;
import io.lethean.lem.model.Device;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import io.lethean.lem.model.GpuLayers;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.ModelOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Whether every device that is present computes what the processor computes, and how fast it generates.
 *
 * <p>The scores of the token after a prompt are compared with the processor's, relative to the scores' own spread. Exit
 * code 1 if a device is off by more than {@link #BOUND}.
 */
public final class DeviceCheck {

    /** Root mean square of the difference over that of the scores; F16 arithmetic and quantized activations stay below. */
    private static final double BOUND = 0.05;

    private static final String PROMPT =
            "The council asked who would carry the water when the wells ran dry. ".repeat(6);
    private static final int CONTEXT = 1024;
    private static final int TOKENS = 64;

    private DeviceCheck() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments.length > 0 ? arguments[0] : "target/check-device"));
        List<Device> devices = Device.all().stream()
                .filter(device -> device.gpu() || device.name().equals("CPU"))
                .toList();
        for (Device device : devices) {
            System.out.println(device.name() + ": " + device.description());
        }
        if (devices.stream().noneMatch(Device::gpu)) {
            System.out.println("No GPU is present, so the processor is compared with itself on one thread.");
        }
        System.out.println(
                "model         device      layers on it  logit rms error  prompt t/s  generation t/s  verdict");
        boolean good = true;
        for (Map.Entry<String, Path> model : models(folder).entrySet()) {
            float[] reference = logits(
                    model.getValue(), options("cpu", GpuLayers.AUTO).threads(1).build());
            for (Device device : devices) {
                good &= check(model.getKey(), model.getValue(), device, reference);
            }
        }
        System.exit(good ? 0 : 1);
    }

    private static Map<String, Path> models(Path folder) throws IOException {
        Map<String, Path> models = new LinkedHashMap<>();
        put(
                models,
                folder,
                "llama-f32",
                RandomModel.llama(4, 256, 8, 4, 704, 4096).type(GgmlType.F32));
        put(
                models,
                folder,
                "gemma3-q8_0",
                RandomModel.gemma3(4, 256, 4, 1, 1024, 4096).type(GgmlType.Q8_0));
        put(models, folder, "100M-q8_0", RandomModel.hundredMillion().type(GgmlType.Q8_0));
        return models;
    }

    private static void put(Map<String, Path> models, Path folder, String name, RandomModel model) throws IOException {
        Path file = folder.resolve(name + ".gguf");
        if (!Files.exists(file)) {
            model.write(file, 1);
        }
        models.put(name, file);
    }

    private static ModelOptions.Builder options(String device, GpuLayers layers) {
        return ModelOptions.builder().contextTokens(CONTEXT).device(device).gpuLayers(layers);
    }

    private static float[] logits(Path file, ModelOptions options) throws IOException {
        try (LemModel model = LemModel.load(file, options)) {
            return model.logits(model.tokenize(PROMPT, true, false));
        }
    }

    private static boolean check(String name, Path file, Device device, float[] reference) throws IOException {
        ModelOptions options = options(
                        device.gpu() ? device.name() : "cpu", device.gpu() ? GpuLayers.ALL : GpuLayers.AUTO)
                .build();
        try (LemModel model = LemModel.load(file, options)) {
            double error = relativeError(model.logits(model.tokenize(PROMPT, true, false)), reference);
            GenerationOptions generation =
                    GenerationOptions.builder().maxTokens(TOKENS).build();
            model.generate(PROMPT, generation);
            Generation timed = model.generate(PROMPT, generation);
            boolean good = error <= BOUND;
            System.out.printf(
                    Locale.ROOT,
                    "%-12s  %-10s  %12d  %15.2e  %10.1f  %14.1f  %s%n",
                    name,
                    device.name(),
                    model.info().compute().layersOffloaded(),
                    error,
                    timed.promptTokens() / (timed.timings().prompt().toNanos() / 1e9),
                    timed.generatedTokens() / (timed.timings().generation().toNanos() / 1e9),
                    good ? "agrees" : "DIFFERS");
            return good;
        }
    }

    private static double relativeError(float[] found, float[] expected) {
        double difference = 0;
        double size = 0;
        for (int token = 0; token < expected.length; token++) {
            difference += Math.pow((double) found[token] - expected[token], 2);
            size += Math.pow(expected[token], 2);
        }
        return Math.sqrt(difference / size);
    }
}
