package io.lethean.lem.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.JsonNode;

/**
 * A key that {@code lem.config.json} can have.
 *
 * @param name of the key; a dot separates the name of its section
 * @param kind of value
 * @param role what the value is used for
 * @param option that gets the value as its default, or looks for files in that folder; empty for a model's keys
 * @param commands that use it, by name; empty for all that have the option
 */
record ConfigKey(String name, Kind kind, Role role, String option, Set<String> commands) {

    static final String MODEL_DIR = "model_dir";
    static final String DEFAULT_MODEL = "default_model";

    /** What a value can be. */
    enum Kind {
        TEXT("text in quotes"),
        INTEGER("an integer"),
        NUMBER("a number"),
        BACKEND("\"auto\" or \"llama.cpp\", because llama.cpp computes here; \"device\" names where"),
        JSONL("\"jsonl\", the format that scores are written in"),
        TRUE("true, because differences from the baseline are always reported");

        private final String expected;

        Kind(String expected) {
            this.expected = expected;
        }

        /** What the message says of a value that is not accepted. */
        String expected() {
            return expected;
        }

        boolean accepts(JsonNode value) {
            return switch (this) {
                case TEXT -> value.isString() && !value.asString().isBlank();
                case INTEGER -> value.isIntegralNumber() && value.canConvertToInt();
                case NUMBER -> value.isNumber();
                case BACKEND -> value.isString() && List.of("auto", "llama.cpp").contains(value.asString());
                case JSONL -> value.isString() && value.asString().equals("jsonl");
                case TRUE -> value.isBoolean() && value.booleanValue();
            };
        }
    }

    /** What a value is used for. */
    enum Role {
        /** The default of an option. */
        DEFAULT,
        /** The folder where an option looks for a file that is not in the working folder. */
        FOLDER,
        /** Read by {@link ModelLocator}. */
        MODEL,
        /** A statement that is true here, or is refused. */
        STATEMENT
    }

    private static final List<ConfigKey> ALL = List.of(
            new ConfigKey(MODEL_DIR, Kind.TEXT, Role.MODEL, "", Set.of()),
            new ConfigKey(DEFAULT_MODEL, Kind.TEXT, Role.MODEL, "", Set.of()),
            folder("adapter_dir", "--adapter"),
            folder("seeds_dir", "--prompts"),
            folder("kernel_dir", "--kernel"),
            folder("benchmarks_dir", "--data", "standard"),
            value("training_dir", Kind.TEXT, "--data", "train"),
            value("default_kernel", Kind.TEXT, "--kernel", "benchmark"),
            value("default_probes", Kind.TEXT, "--prompts"),
            new ConfigKey("backend", Kind.BACKEND, Role.STATEMENT, "", Set.of()),
            value("device", Kind.TEXT, "--device"),
            value("max_tokens", Kind.INTEGER, "--max-tokens", "generate", "chat", "benchmark", "experiment"),
            value("temperature", Kind.NUMBER, "--temperature", "generate", "chat", "benchmark", "experiment"),
            value("batch_size", Kind.INTEGER, "--parallel", "benchmark", "experiment", "distill", "standard"),
            value("training.iters", Kind.INTEGER, "--iters", "train"),
            value("training.batch_size", Kind.INTEGER, "--batch-size", "train"),
            value("training.learning_rate", Kind.NUMBER, "--learning-rate", "train"),
            value("training.save_every", Kind.INTEGER, "--save-every", "train"),
            value("training.adapter_path", Kind.TEXT, "--adapter-path", "train"),
            value("distillation.samples", Kind.INTEGER, "--samples", "distill"),
            value("distillation.threshold", Kind.NUMBER, "--threshold", "distill"),
            value("distillation.max_tokens", Kind.INTEGER, "--max-tokens", "distill"),
            value("distillation.temperature", Kind.NUMBER, "--temperature", "distill"),
            new ConfigKey("scoring.format", Kind.JSONL, Role.STATEMENT, "", Set.of()),
            new ConfigKey("scoring.delta", Kind.TRUE, Role.STATEMENT, "", Set.of()));

    private static ConfigKey folder(String name, String option, String... commands) {
        return new ConfigKey(name, Kind.TEXT, Role.FOLDER, option, Set.of(commands));
    }

    private static ConfigKey value(String name, Kind kind, String option, String... commands) {
        return new ConfigKey(name, kind, Role.DEFAULT, option, Set.of(commands));
    }

    static List<ConfigKey> all() {
        return ALL;
    }

    static List<String> names() {
        return ALL.stream().map(ConfigKey::name).toList();
    }

    /** Whether a command uses the value. */
    boolean concerns(CommandSpec command) {
        return command.optionsMap().containsKey(option)
                && (commands.isEmpty()
                        || Arrays.stream(command.qualifiedName().split(" ")).anyMatch(commands::contains));
    }
}
