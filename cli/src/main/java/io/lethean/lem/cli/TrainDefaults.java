package io.lethean.lem.cli;

import io.lethean.lem.train.options.TrainingFiles;
import io.lethean.lem.train.options.TrainingOptions;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The values of options that the command line does not give: those of a configuration file, else the library's
 * defaults.
 */
final class TrainDefaults implements IDefaultValueProvider {

    /** Options with a default that is not a fixed value, or differs from the library's. */
    static final Set<String> OWN_DEFAULT =
            Set.of("model", "iters", "epochs", "targets", "resume-adapter-file", "optimizer", "weight-decay");

    private final Map<String, String> ofFile;
    private final Map<String, String> ofLibrary = TrainingOptions.defaults(
                    new TrainingFiles(Path.of("model.gguf"), Path.of("data"), Path.of("adapters")))
            .named();

    /** Without a configuration file. */
    TrainDefaults() {
        this(Map.of());
    }

    /** @param ofFile text by option name without the leading hyphens */
    TrainDefaults(Map<String, String> ofFile) {
        this.ofFile = ofFile;
    }

    /** These defaults, overridden by those of a configuration file that the command line names. */
    TrainDefaults overriddenBy(Map<String, String> values) {
        Map<String, String> all = new HashMap<>(ofFile);
        all.putAll(values);
        return new TrainDefaults(all);
    }

    /** Whether a file gives this option, by its name without the leading hyphens. */
    boolean isGiven(String name) {
        return ofFile.containsKey(name);
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option)) {
            return null;
        }
        String name = option.longestName().substring(2);
        if (ofFile.containsKey(name)) {
            return ofFile.get(name);
        }
        return OWN_DEFAULT.contains(name) ? null : ofLibrary.get(name);
    }
}
