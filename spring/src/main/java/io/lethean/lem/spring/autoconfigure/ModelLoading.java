package io.lethean.lem.spring.autoconfigure;

import io.lethean.lem.DeviceUnavailableException;
import io.lethean.lem.HubException;
import io.lethean.lem.InsufficientMemoryException;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.LemException;
import io.lethean.lem.NativeLibraryException;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.hub.Hub;
import io.lethean.lem.model.LemModel;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Loads what properties name. Whatever prevents it is a {@link LemStartupException} that names the property. */
final class ModelLoading {

    private ModelLoading() {}

    private interface Work<T> {
        T run() throws IOException;
    }

    /**
     * The file that a property names.
     *
     * @param property the property's name
     */
    static Path locate(String property, String model) {
        return told(property, model, () -> Hub.locateModel(model));
    }

    /**
     * A model with default adapters.
     *
     * @param prefix what the names of its properties begin with
     */
    static LemModel load(String prefix, String model, LoadProperties load, List<LemChatProperties.Adapter> adapters) {
        Path file = locate(prefix + ".model", model);
        LemModel loaded = told(prefix + ".model", model, () -> LemModel.load(file, options(prefix, load)));
        try {
            apply(prefix, loaded, adapters);
            return loaded;
        } catch (RuntimeException refused) {
            loaded.close();
            throw refused;
        }
    }

    private static io.lethean.lem.model.ModelOptions options(String prefix, LoadProperties load) {
        try {
            return load.modelOptions();
        } catch (IllegalArgumentException outOfRange) {
            throw new LemStartupException(
                    "A property that begins with " + prefix + ".load cannot be used: " + outOfRange.getMessage(),
                    "Correct the property.",
                    outOfRange);
        }
    }

    private static void apply(String prefix, LemModel model, List<LemChatProperties.Adapter> adapters) {
        List<AdapterUse> uses = new ArrayList<>();
        for (int i = 0; i < adapters.size(); i++) {
            LemChatProperties.Adapter adapter = adapters.get(i);
            uses.add(told(
                    prefix + ".adapters[" + i + "]",
                    adapter.model(),
                    () -> new AdapterUse(AdapterUse.of(adapter.model()).path(), adapter.weight())));
        }
        if (!uses.isEmpty()) {
            told(prefix + ".adapters", String.valueOf(uses.size()), () -> {
                model.setAdapters(uses);
                return true;
            });
        }
    }

    private static <T> T told(String property, String value, Work<T> work) {
        try {
            return work.run();
        } catch (IOException | LemException | IllegalArgumentException failed) {
            throw new LemStartupException(
                    "The property " + property + " is '" + value + "', which cannot be used: " + reason(failed),
                    action(property, failed),
                    failed);
        }
    }

    private static String reason(Exception failed) {
        if (failed instanceof NoSuchFileException missing) {
            return "there is no file " + Path.of(missing.getFile()).toAbsolutePath() + ".";
        }
        String message = failed.getMessage();
        return message == null ? failed.toString() : message;
    }

    private static String action(String property, Exception failed) {
        return switch (failed) {
            case NoSuchFileException missing ->
                "Set " + property + " to the path of a GGUF file, or to a name on the Hugging Face hub such as"
                        + " hf:org/name:Q4_K_M. A path that is not absolute is relative to the folder in which Java was"
                        + " started.";
            case HubException hub ->
                "Check the name and the connection, or set " + property + " to the path of a file.";
            case InvalidModelException invalid -> "Set " + property + " to a file that llama.cpp can load.";
            case InsufficientMemoryException memory ->
                "Choose a smaller model, fewer context-tokens, or fewer parallel answers.";
            case DeviceUnavailableException device -> "Set the property load.device of the model to auto or cpu.";
            case NativeLibraryException natives ->
                "Add io.lethean:lem with the classifier of this platform, such as natives-linux-x86_64, as a dependency, and"
                        + " start Java with --enable-native-access=ALL-UNNAMED.";
            default -> "Correct the property " + property + ".";
        };
    }
}
