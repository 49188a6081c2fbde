package io.lethean.lem.cli;

import io.lethean.lem.LemVersion;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.model.Device;
import io.lethean.lem.model.LemModel;
import io.lethean.lem.model.Libraries;
import io.lethean.lem.model.ModelInfo;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code lem info}: what this installation is, which devices it sees, and what loading a model decides. */
@Command(
        name = "info",
        description = "Print versions and devices; with --model or LEM_MODEL also what loading that model decides.")
final class InfoCommand implements Callable<Integer> {

    private static final double MEBI = 1024 * 1024;

    private final Console console;

    @Mixin
    private ModelArguments model = new ModelArguments();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    InfoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Map<String, Object> document = InfoDocument.installation();
        Map<String, Object> facts = facts();
        if (model.isNamed()) {
            try (LemModel loaded = model.load()) {
                document.put("model", InfoDocument.model(loaded.info()));
                document.put("adapters", InfoDocument.adapters(loaded.adapters()));
                add(facts, loaded.info());
                for (AdapterUse adapter : loaded.adapters()) {
                    facts.put("adapter " + adapter.path(), "weight " + adapter.weight());
                }
            }
        }
        if (json) {
            console.out().println(JsonMapper.shared().writeValueAsString(document));
        } else {
            print(facts);
        }
        return 0;
    }

    private static Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("lem", LemVersion.VERSION);
        facts.put("llama.cpp", LemModel.llamaCppVersion());
        facts.put("java", Runtime.version().toString());
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        Libraries libraries = Libraries.loaded();
        facts.put("libraries", libraries.folder() + " (" + libraries.platform() + ")");
        libraries.backends().forEach(each -> facts.put("backend " + each.name(), describe(each)));
        for (Device device : Device.all()) {
            facts.put("device " + device.name(), describe(device));
        }
        return facts;
    }

    static String describe(Libraries.Backend backend) {
        return backend.loaded() ? backend.detail() : "not used: " + backend.detail();
    }

    /** If all memory is free, all that is known is that the system does not tell how much is in use. */
    static String describe(Device device) {
        if (device.totalBytes() == 0) {
            return device.description();
        }
        String total = mebibytes(device.totalBytes());
        return device.freeBytes() >= device.totalBytes()
                ? device.description() + ", " + total
                : device.description() + ", " + mebibytes(device.freeBytes()) + " free of " + total;
    }

    private static void add(Map<String, Object> facts, ModelInfo info) {
        facts.put("model", info.weights().path().toString());
        facts.put("description", info.architecture().description());
        facts.put("architecture", info.architecture().name());
        facts.put("parameters", info.weights().parameters());
        facts.put("file type", info.weights().fileType());
        facts.put("file size", mebibytes(info.weights().fileBytes()));
        facts.put("vocabulary", info.vocabulary().size());
        facts.put("layers", info.architecture().layers());
        facts.put(
                "heads / KV heads",
                info.architecture().heads() + " / " + info.architecture().kvHeads());
        facts.put("hidden size", info.architecture().hiddenSize());
        addUse(facts, info);
        if (!info.warnings().isEmpty()) {
            facts.put("warnings", String.join(" ", info.warnings()));
        }
    }

    /** How the model is used here: template, devices, context. */
    private static void addUse(Map<String, Object> facts, ModelInfo info) {
        facts.put(
                "chat template", info.vocabulary().hasChatTemplate() ? "in the file" : "none; the plain form is used");
        facts.put(
                "backend",
                String.join(", ", info.compute().devices()) + " ("
                        + info.compute().deviceDescription() + ")");
        facts.put("layers offloaded", info.compute().layersOffloaded());
        facts.put(
                "context",
                info.context().tokens() + " tokens (trained for "
                        + info.architecture().trainedContextTokens() + ")");
        facts.put(
                "batch / micro-batch",
                info.context().batchTokens() + " / " + info.context().microBatchTokens());
        facts.put(
                "threads / for prompts",
                info.compute().threads() + " / " + info.compute().batchThreads());
        facts.put(
                "KV cache",
                mebibytes(info.context().kvBytes()) + ", " + info.context().kvTypeK() + " and "
                        + info.context().kvTypeV());
        facts.put("compute buffers", mebibytes(info.context().computeBytes()));
        facts.put("flash attention", info.context().flashAttention().name());
        facts.put("mapped", info.weights().mmap());
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / MEBI);
    }

    private void print(Map<String, Object> facts) {
        int width = facts.keySet().stream().mapToInt(String::length).max().orElse(0);
        facts.forEach((name, value) -> console.out().printf(Locale.ROOT, "%-" + width + "s  %s%n", name, value));
        console.out().flush();
    }
}
