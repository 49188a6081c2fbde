package io.lethean.lem.cli;

import io.lethean.lem.train.options.Target;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** Options with fixed values read them in any case and show them in lower case, as the documentation does. */
final class OptionValues {

    /** What PEFT and mlx-lm call the projections. */
    private static final Map<String, Target> PROJECTIONS = Map.of(
            "q_proj", Target.Q,
            "k_proj", Target.K,
            "v_proj", Target.V,
            "o_proj", Target.O,
            "gate_proj", Target.GATE,
            "up_proj", Target.UP,
            "down_proj", Target.DOWN);

    private static final String DEFAULT = " Default: (null|\\$\\{DEFAULT-VALUE})\\.";

    private static final double NANOS_PER_SECOND = 1e9;

    private OptionValues() {}

    /** A time that an option gives in seconds. */
    static Duration seconds(double value) {
        return Duration.ofNanos(Math.round(value * NANOS_PER_SECOND));
    }

    /** Prepares a command and its subcommands; to be called when all are there. */
    static CommandLine prepare(CommandLine command) {
        command.getSubcommands().values().forEach(OptionValues::prepare);
        CommandSpec spec = command.getCommandSpec();
        List<OptionSpec> ungrouped = spec.options().stream()
                .filter(option ->
                        option.group() == null && option.scopeType() == ScopeType.LOCAL && !option.inherited())
                .toList();
        // All are removed before any is added, so that they stay in their order.
        ungrouped.forEach(spec::remove);
        boolean provided = spec.defaultValueProvider() != null;
        ungrouped.stream().map(option -> prepared(option, provided)).forEach(spec::addOption);
        return command;
    }

    /** @param provided whether the command has its own way to find defaults */
    private static OptionSpec prepared(OptionSpec option, boolean provided) {
        Class<?> type = option.auxiliaryTypes()[0];
        if (type.isEnum()) {
            return lowerCase(option, type);
        }
        boolean hasDefault = provided || option.initialValue() != null || option.defaultValue() != null;
        return hasDefault ? option : withoutDefault(option);
    }

    /** An option that several commands share does not mention a default in commands that do not set one. */
    private static OptionSpec withoutDefault(OptionSpec option) {
        String[] lines = Arrays.stream(option.description())
                .map(line -> line.replaceFirst(DEFAULT, ""))
                .toArray(String[]::new);
        return option.toBuilder().description(lines).build();
    }

    private static OptionSpec lowerCase(OptionSpec option, Class<?> type) {
        OptionSpec.Builder changed =
                option.toBuilder().completionCandidates(names(type)).converters(new LowerCase(type));
        if (option.defaultValue() == null && option.initialValue() instanceof Enum<?> initial) {
            changed.defaultValue(written(initial));
        }
        return changed.build();
    }

    private static List<String> names(Class<?> type) {
        return constants(type).map(OptionValues::written).toList();
    }

    private static Stream<Enum<?>> constants(Class<?> type) {
        return Arrays.stream(type.getEnumConstants()).map(constant -> (Enum<?>) constant);
    }

    /** Type names such as q8_0 keep their underscore. */
    private static String written(Enum<?> constant) {
        String name = constant.name().toLowerCase(Locale.ROOT);
        return name.matches(".*\\d.*") ? name : name.replace('_', '-');
    }

    /** Reads the constants of one enumeration. */
    private record LowerCase(Class<?> type) implements ITypeConverter<Object> {

        @Override
        public Object convert(String value) {
            String name = value.strip().toLowerCase(Locale.ROOT).replace('-', '_');
            if (type == Target.class && PROJECTIONS.containsKey(name)) {
                return PROJECTIONS.get(name);
            }
            return constants(type)
                    .filter(constant -> constant.name().equalsIgnoreCase(name))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException(String.format(
                            Locale.ROOT, "'%s' is not one of %s", value, String.join(", ", names(type)))));
        }
    }
}
