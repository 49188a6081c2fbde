package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Options of a training in a JSON object, as mlx-lm's configuration has them: {@code batch_size} is {@code
 * --batch-size}, and {@code lora_parameters} holds {@code rank}, {@code scale} and {@code dropout}.
 *
 * <p>What the command line says counts more.
 */
final class TrainConfigFile {

    /** What mlx-lm's own configuration may hold beyond our options and what must not change anything here. */
    private static final List<String> WITHOUT_EFFECT = List.of("train", "grad-checkpoint", "clear-cache-threshold");

    private final Path file;
    private final CommandSpec spec;
    private final List<String> arguments = new ArrayList<>();

    private TrainConfigFile(Path file, CommandSpec spec) {
        this.file = file;
        this.spec = spec;
    }

    /**
     * Options of the file and, over them, of the command line.
     *
     * @param given what was parsed from the command line
     */
    static TrainArguments read(Path file, CommandLine.ParseResult given) throws IOException {
        TrainArguments arguments = new TrainArguments();
        CommandLine parser = new CommandLine(new Holder(arguments)).setCaseInsensitiveEnumValuesAllowed(true);
        TrainConfigFile config = new TrainConfigFile(file, parser.getCommandSpec());
        config.addAll(config.root());
        for (OptionSpec option : given.matchedOptions()) {
            if (parser.getCommandSpec().findOption(option.longestName()) != null) {
                config.override(option);
            }
        }
        try {
            parser.parseArgs(config.arguments.toArray(String[]::new));
        } catch (ParameterException e) {
            throw new ParameterException(given.commandSpec().commandLine(), file + ": " + e.getMessage(), e);
        }
        return arguments;
    }

    /** A command with nothing but these arguments. */
    @CommandLine.Command(name = "train")
    private static final class Holder {
        @CommandLine.Mixin
        private final TrainArguments arguments;

        Holder(TrainArguments arguments) {
            this.arguments = arguments;
        }
    }

    private JsonNode root() throws IOException {
        try {
            JsonNode root = JsonMapper.shared().readTree(file.toFile());
            if (!root.isObject()) {
                throw new IOException(file + " should hold one JSON object with the options of a training.");
            }
            return root;
        } catch (JacksonException e) {
            throw new IOException(file + " cannot be read as JSON: " + e.getOriginalMessage() + ".", e);
        }
    }

    private void addAll(JsonNode object) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            String name = member.getKey().replace('_', '-');
            if (name.equals("lora-parameters") && member.getValue().isObject()) {
                addAll(member.getValue());
            } else if (!member.getValue().isNull() && !WITHOUT_EFFECT.contains(name)) {
                add(name, member);
            }
        }
    }

    private void add(String name, Map.Entry<String, JsonNode> member) {
        OptionSpec option = spec.findOption("--" + name);
        JsonNode value = member.getValue();
        if (option == null || value.isObject()) {
            throw new IllegalArgumentException(file + " has a member " + member.getKey() + ", "
                    + (option == null ? "which is no option of a training" : "which should be a single value")
                    + "; 'lem train --help' lists the options.");
        }
        if (option.arity().max() == 0) {
            requireBoolean(member);
            if (value.booleanValue()) {
                arguments.add("--" + name);
            }
        } else {
            arguments.add("--" + name + "=" + text(value));
        }
    }

    private void requireBoolean(Map.Entry<String, JsonNode> member) {
        if (!member.getValue().isBoolean()) {
            throw new IllegalArgumentException(
                    file + " has " + member.getValue() + " as " + member.getKey() + ", which should be true or false.");
        }
    }

    private static String text(JsonNode value) {
        if (!value.isArray()) {
            return value.asString();
        }
        List<String> elements = new ArrayList<>();
        value.forEach(element -> elements.add(element.asString()));
        return String.join(",", elements);
    }

    private void override(OptionSpec option) {
        String name = option.longestName();
        arguments.removeIf(argument -> argument.equals(name) || argument.startsWith(name + "="));
        if (name.equals("--iters") || name.equals("--epochs")) {
            arguments.removeIf(argument -> argument.startsWith("--iters=") || argument.startsWith("--epochs="));
        }
        if (option.arity().max() == 0) {
            arguments.add(name);
        } else {
            arguments.add(name + "=" + String.join(",", option.originalStringValues()));
        }
    }
}
