package io.lethean.lem.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Gives options the values of {@link ProjectConfig} that the command line does not give, and says so. */
final class ProjectDefaults {

    private final Console console;
    private final ProjectConfig config;
    private final @Nullable IOException failure;

    private ProjectDefaults(Console console, ProjectConfig config, @Nullable IOException failure) {
        this.console = console;
        this.config = config;
        this.failure = failure;
    }

    /** Those of a folder. A file that cannot be used is reported when a command needs it. */
    static ProjectDefaults in(Path folder, Console console) {
        try {
            return new ProjectDefaults(console, ProjectConfig.in(folder), null);
        } catch (IOException e) {
            return new ProjectDefaults(console, ProjectConfig.none(), e);
        }
    }

    /** Prepares a command and its subcommands. */
    CommandLine prepare(CommandLine command) {
        command.getSubcommands().values().forEach(this::prepare);
        CommandSpec spec = command.getCommandSpec();
        Map<String, String> defaults = config.defaults(spec);
        if (spec.defaultValueProvider() instanceof TrainDefaults) {
            Map<String, String> byName = new LinkedHashMap<>();
            defaults.forEach((option, value) -> byName.put(option.substring(2), value));
            command.setDefaultValueProvider(new TrainDefaults(byName));
        } else if (!defaults.isEmpty()) {
            command.setDefaultValueProvider(new Values(defaults));
        }
        return command;
    }

    /** Values by the name of an option. */
    private record Values(Map<String, String> values) implements IDefaultValueProvider {
        @Override
        public @Nullable String defaultValue(ArgSpec argument) {
            if (argument instanceof OptionSpec option) {
                for (String name : option.names()) {
                    if (values.containsKey(name)) {
                        return values.get(name);
                    }
                }
            }
            return null;
        }
    }

    /**
     * Completes what was parsed, before the command runs: tells of the defaults, and finds files in the configured folders.
     *
     * @throws IOException if the configuration cannot be used and the command would use it
     */
    void complete(ParseResult parsed) throws IOException {
        CommandSpec command = parsed.commandSpec();
        if (failure != null && ConfigKey.all().stream().anyMatch(key -> key.concerns(command))) {
            throw failure;
        }
        List<String> used = new ArrayList<>();
        config.defaults(command).forEach((option, value) -> {
            if (!parsed.hasMatchedOption(option)) {
                used.add(option + "=" + value);
            }
        });
        if (!used.isEmpty()) {
            console.note("lem: " + config.file() + " gives " + String.join(" ", used) + ".");
        }
        config.folders(command).forEach((name, folder) -> {
            OptionSpec option = command.optionsMap().get(name);
            if (option != null) {
                find(option, config.file().resolveSibling(folder));
            }
        });
    }

    private static void find(OptionSpec option, Path folder) {
        Object value = option.getValue();
        if (value instanceof List<?> given) {
            option.setValue(given.stream()
                    .map(one -> found(String.valueOf(one), folder))
                    .toList());
        } else if (value instanceof String given) {
            option.setValue(found(given, folder));
        } else if (value instanceof Path given && !given.toString().isEmpty()) {
            option.setValue(Path.of(found(given.toString(), folder)));
        }
    }

    /** A value as {@code FILE}, {@code NAME=FILE} or {@code PATH=WEIGHT} with the file of that folder. */
    private static String found(String given, Path folder) {
        if (Files.exists(Path.of(given))) {
            return given;
        }
        int equals = given.indexOf('=');
        String[] parts = equals < 0
                ? new String[] {"", given, ""}
                : new String[] {given.substring(0, equals + 1), given.substring(equals + 1), ""};
        if (equals >= 0 && Files.exists(folder.resolve(given.substring(0, equals)))) {
            parts = new String[] {"", given.substring(0, equals), given.substring(equals)};
        }
        boolean there = Files.exists(Path.of(parts[1]));
        Path inFolder = folder.resolve(parts[1]);
        return there || !Files.exists(inFolder) ? given : parts[0] + inFolder + parts[2];
    }
}
