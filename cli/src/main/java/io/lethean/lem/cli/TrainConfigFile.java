package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Options of a training in JSON or YAML, as in mlx-lm's configuration: {@code batch_size} is {@code --batch-size}, and
 * {@code lora_parameters} contains {@code rank}, {@code scale} and {@code dropout}. Command-line options override them.
 */
final class TrainConfigFile {

    /** Members of mlx-lm's own configuration that change nothing here. */
    private static final List<String> WITHOUT_EFFECT =
            List.of("train", "clear-cache-threshold", "project-name", "trust-remote-code");

    private static final int USUAL_ITERATIONS = 1000;

    private final Path file;
    private final CommandSpec spec;
    private final Map<String, String> values = new LinkedHashMap<>();

    private TrainConfigFile(Path file, CommandSpec spec) {
        this.file = file;
        this.spec = spec;
    }

    /**
     * The options of the file, overridden by those of the command line.
     *
     * @param given what was parsed from the command line
     */
    static TrainArguments read(Path file, CommandLine.ParseResult given) throws IOException {
        TrainArguments arguments = new TrainArguments();
        CommandLine parser = new CommandLine(new Holder(arguments)).setCaseInsensitiveEnumValuesAllowed(true);
        TrainConfigFile config = new TrainConfigFile(file, parser.getCommandSpec());
        JsonNode root = config.root();
        config.addAll(root);
        config.addStructures(root);
        config.requireOneLength();
        TrainDefaults project =
                given.commandSpec().defaultValueProvider() instanceof TrainDefaults own ? own : new TrainDefaults();
        parser.setDefaultValueProvider(project.overriddenBy(config.values));
        try {
            parser.parseArgs(config.commandLine(given));
        } catch (ParameterException e) {
            throw new ParameterException(given.commandSpec().commandLine(), file + ": " + e.getMessage(), e);
        }
        return arguments;
    }

    /** A command with only these arguments. */
    @CommandLine.Command(name = "train")
    private static final class Holder {
        @CommandLine.Mixin
        private final TrainArguments arguments;

        Holder(TrainArguments arguments) {
            this.arguments = arguments;
        }
    }

    /** The options of a training among those of the command line. */
    private String[] commandLine(CommandLine.ParseResult given) {
        List<String> arguments = new ArrayList<>();
        for (OptionSpec option : given.matchedOptions()) {
            String name = option.longestName();
            boolean flag = option.arity().max() == 0;
            // picocli turns a flag off that is given although its default is true.
            if (spec.findOption(name) != null && !(flag && "true".equals(values.get(name.substring(2))))) {
                arguments.add(flag ? name : name + "=" + String.join(",", option.originalStringValues()));
            }
        }
        return arguments.toArray(String[]::new);
    }

    private void requireOneLength() {
        if (values.containsKey("iters") && values.containsKey("epochs")) {
            throw new IllegalArgumentException(
                    file + " has both iters and epochs, which both say how long to train; keep one of them.");
        }
    }

    private JsonNode root() throws IOException {
        try {
            JsonNode root = YamlFile.isNamedSo(file)
                    ? YamlFile.read(file)
                    : JsonMapper.shared().readTree(file.toFile());
            if (!root.isObject()) {
                throw new IOException(
                        file + " should contain one object with the options of a training, each by name.");
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
            } else if (name.equals("keys") && member.getValue().isArray()) {
                values.put("targets", new MlxTrainMembers(file).targets(member.getValue()));
            } else if (!member.getValue().isNull() && !isReadElsewhere(name, member.getValue())) {
                add(name, member);
            }
        }
    }

    /** What changes nothing, and what {@link #addStructures} reads. */
    private static boolean isReadElsewhere(String name, JsonNode value) {
        return WITHOUT_EFFECT.contains(name)
                || value.isObject() && (name.equals("lr-schedule") || name.equals("optimizer-config"));
    }

    /** What depends on other members. */
    private void addStructures(JsonNode root) {
        MlxTrainMembers mlx = new MlxTrainMembers(file);
        JsonNode schedule = root.has("lr_schedule") ? root.path("lr_schedule") : root.path("lr-schedule");
        if (schedule.isObject()) {
            int iterations = root.path("iters").asInt(USUAL_ITERATIONS);
            int batches = Math.max(1, root.path("grad_accumulation_steps").asInt(1));
            values.putAll(mlx.schedule(schedule, Math.ceilDiv(iterations, batches)));
        }
        if (root.path("optimizer_config").isObject()) {
            String optimizer = root.path("optimizer").asString("adam").toLowerCase(Locale.ROOT);
            values.putAll(mlx.optimizer(root.path("optimizer_config"), optimizer));
        }
    }

    private void add(String name, Map.Entry<String, JsonNode> member) {
        OptionSpec option = spec.findOption("--" + name);
        JsonNode value = member.getValue();
        if (name.equals("report-to")) {
            throw new IllegalArgumentException(
                    file + " has " + member.getKey() + " = " + value + ", and nothing is sent to"
                            + " another service; --report-json FILE writes each report as a line of JSON.");
        }
        if (option == null || value.isObject()) {
            throw new IllegalArgumentException(file + " has a member " + member.getKey() + ", "
                    + (option == null ? "which is not an option of a training" : "which should be a single value")
                    + "; 'lem train --help' lists the options.");
        }
        if (option.arity().max() == 0) {
            requireBoolean(member);
        }
        values.put(name, text(value));
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
}
