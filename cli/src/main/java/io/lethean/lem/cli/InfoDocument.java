package io.lethean.lem.cli;

import io.lethean.lem.LemVersion;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.model.Device;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.Libraries;
import io.lethean.lem.model.ModelInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code lem info --json} prints: one name and one plain value each, sizes in bytes. */
final class InfoDocument {

    private InfoDocument() {}

    static Map<String, Object> installation() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("lem", LemVersion.VERSION);
        fields.put("llama_cpp", LemModel.llamaCppVersion());
        fields.put("java", Runtime.version().toString());
        fields.put("processors", Runtime.getRuntime().availableProcessors());
        fields.put("libraries", libraries(Libraries.loaded()));
        fields.put("devices", Device.all().stream().map(InfoDocument::device).toList());
        return fields;
    }

    private static Map<String, Object> libraries(Libraries libraries) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("folder", libraries.folder().toString());
        fields.put("platform", libraries.platform());
        fields.put("backends", libraries.backends());
        return fields;
    }

    private static Map<String, Object> device(Device device) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", device.name());
        fields.put("description", device.description());
        fields.put("gpu", device.gpu());
        fields.put("free_bytes", device.freeBytes());
        fields.put("total_bytes", device.totalBytes());
        return fields;
    }

    static Map<String, Object> model(ModelInfo info) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("path", info.weights().path().toString());
        fields.put("description", info.architecture().description());
        fields.put("architecture", info.architecture().name());
        fields.put("parameters", info.weights().parameters());
        fields.put("file_type", info.weights().fileType());
        fields.put("file_bytes", info.weights().fileBytes());
        fields.put("mmap", info.weights().mmap());
        fields.put("vocabulary_size", info.vocabulary().size());
        fields.put("chat_template", info.vocabulary().hasChatTemplate());
        fields.put("layers", info.architecture().layers());
        fields.put("heads", info.architecture().heads());
        fields.put("kv_heads", info.architecture().kvHeads());
        fields.put("hidden_size", info.architecture().hiddenSize());
        fields.put("trained_context_tokens", info.architecture().trainedContextTokens());
        putRun(fields, info);
        fields.put("warnings", info.warnings());
        return fields;
    }

    private static void putRun(Map<String, Object> fields, ModelInfo info) {
        fields.put("devices", info.compute().devices());
        fields.put("layers_offloaded", info.compute().layersOffloaded());
        fields.put("context_tokens", info.context().tokens());
        fields.put("batch_tokens", info.context().batchTokens());
        fields.put("micro_batch_tokens", info.context().microBatchTokens());
        fields.put("threads", info.compute().threads());
        fields.put("batch_threads", info.compute().batchThreads());
        fields.put("kv_cache_bytes", info.context().kvBytes());
        fields.put("kv_type_k", lower(info.context().kvTypeK()));
        fields.put("kv_type_v", lower(info.context().kvTypeV()));
        fields.put("compute_buffer_bytes", info.context().computeBytes());
        fields.put("flash_attention", lower(info.context().flashAttention()));
    }

    private static String lower(Object constant) {
        return constant.toString().toLowerCase(Locale.ROOT);
    }

    static List<Map<String, Object>> adapters(List<AdapterUse> uses) {
        return uses.stream().map(InfoDocument::adapter).toList();
    }

    private static Map<String, Object> adapter(AdapterUse use) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("path", use.path().toString());
        fields.put("weight", use.weight());
        return fields;
    }
}
