package io.lethean.lem.convert;

import io.lethean.lem.internal.gguf.GgmlType;
import io.lethean.lem.internal.gguf.GgufMetadata;
import io.lethean.lem.internal.tokenizer.TokenizerExport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** config.json and generation_config.json of an exported model. */
final class ExportedConfig {

    private final Map<String, @Nullable Object> config;
    private final TokenizerExport tokenizer;
    private final GgufMetadata metadata;

    ExportedConfig(
            Map<String, @Nullable Object> config, TokenizerExport tokenizer, GgufMetadata metadata, GgmlType type) {
        this.config = new LinkedHashMap<>(config);
        this.tokenizer = tokenizer;
        this.metadata = metadata;
        this.config.put(
                "torch_dtype", type == GgmlType.BF16 ? "bfloat16" : type == GgmlType.F16 ? "float16" : "float32");
    }

    /** Says how the weights are quantized, under both names that mlx-lm writes. */
    void putQuantization(int bits) {
        Map<String, Object> quantization = new LinkedHashMap<>();
        quantization.put("group_size", MlxGroups.SIZE);
        quantization.put("bits", bits);
        quantization.put("mode", "affine");
        config.put("quantization", quantization);
        config.put("quantization_config", quantization);
    }

    void write(Path folder) throws IOException {
        Map<String, @Nullable Object> generation = new LinkedHashMap<>();
        for (String kind : List.of("bos", "eos", "pad")) {
            tokenizer.special(kind.equals("pad") ? "padding" : kind).ifPresent(id -> {
                config.put(kind + "_token_id", id);
                generation.put(kind + "_token_id", id);
            });
        }
        List<Integer> ends = tokenizer.ends();
        if (!ends.isEmpty()) {
            generation.put("eos_token_id", ends.size() == 1 ? (Object) ends.getFirst() : ends);
        }
        SamplingDefaults.restore(metadata, generation);
        ExportedFiles.writeJson(folder.resolve(ExportedFiles.CONFIG), config);
        ExportedFiles.writeJson(folder.resolve(ExportedFiles.GENERATION), generation);
    }
}
