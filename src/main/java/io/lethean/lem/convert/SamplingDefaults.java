package io.lethean.lem.convert;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.internal.checkpoint.ModelConfig;
import io.lethean.lem.internal.checkpoint.ModelFolder;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sampling that {@code generation_config.json} recommends, as {@code general.sampling.*}. */
final class SamplingDefaults {

    private static final String FILE = "generation_config.json";
    private static final String PREFIX = "general.sampling.";

    /** A key of the file, what a GGUF file calls it, and whether it is a count. */
    private record Row(String target, boolean count, String... keys) {}

    private static final List<Row> ROWS = List.of(
            new Row("top_k", true, "top_k"),
            new Row("top_p", false, "top_p"),
            new Row("min_p", false, "min_p"),
            new Row("xtc_probability", false, "xtc_probability"),
            new Row("xtc_threshold", false, "xtc_threshold"),
            new Row("temp", false, "temperature"),
            new Row("penalty_last_n", true, "penalty_last_n"),
            new Row("penalty_repeat", false, "penalty_repeat", "repetition_penalty"),
            new Row("mirostat", true, "mirostat"),
            new Row("mirostat_tau", false, "mirostat_tau"),
            new Row("mirostat_eta", false, "mirostat_eta"));

    private SamplingDefaults() {}

    /** Writes what the file says; a file that is not JSON counts as missing, as several published ones are broken. */
    static void write(GgufWriter out, ModelFolder folder) throws IOException {
        if (!folder.has(FILE)) {
            return;
        }
        ModelConfig config;
        try {
            config = ModelConfig.read(folder.file(FILE));
        } catch (InvalidModelException broken) {
            return;
        }
        for (Row row : ROWS) {
            if (config.find(row.keys()).orElse("") instanceof Number number) {
                out.put(
                        PREFIX + row.target(),
                        row.count()
                                ? GgufValue.integer(GgufType.INT32, number.intValue())
                                : GgufValue.of(number.floatValue()));
            }
        }
    }

    /** Adds what a GGUF file recommends under the names of {@code generation_config.json}. */
    static void restore(GgufMetadata metadata, Map<String, @Nullable Object> target) {
        boolean samples = false;
        for (Row row : ROWS) {
            String name = row.keys()[row.keys().length - 1];
            metadata.integer(PREFIX + row.target()).ifPresent(value -> target.put(name, value));
            metadata.real(PREFIX + row.target())
                    .ifPresent(value -> target.put(name, Double.parseDouble(Float.toString((float) value))));
            samples |= target.containsKey(name);
        }
        if (samples) {
            target.put("do_sample", true);
        }
    }
}
