package io.lethean.lem.train.options;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options in a record and in the records inside it, read from the records' components so that no option can be
 * forgotten.
 *
 * <p>An option's name is that of its component with hyphens ({@code batchSize} is {@code batch-size}), or mlx-lm's
 * where that is another one. Checkpoints store options under these names.
 */
public final class NamedOptions {

    private static final Map<String, String> NAMES_OF_MLX_LM = Map.ofEntries(
            Map.entry("adapterFolder", "adapter-path"),
            Map.entry("layers", "num-layers"),
            Map.entry("iterations", "iters"),
            Map.entry("gradientAccumulation", "grad-accumulation-steps"),
            Map.entry("schedule", "lr-schedule"),
            Map.entry("warmupUpdates", "warmup"),
            Map.entry("maxSequenceLength", "max-seq-length"),
            Map.entry("reportEvery", "steps-per-report"),
            Map.entry("evalEvery", "steps-per-eval"),
            Map.entry("validationBatches", "val-batches"),
            Map.entry("maxMemoryBytes", "max-memory-bytes"));

    private NamedOptions() {}

    /**
     * {@return all options by name, as text, in the order of the components} An option that is null is an empty text.
     *
     * @param options a record of options; records in it are read as well
     * @throws IllegalStateException if two options have one name, or an option has a type without a text form
     */
    public static Map<String, String> of(Record options) {
        Map<String, String> values = new LinkedHashMap<>();
        put(values, options);
        return values;
    }

    private static void put(Map<String, String> values, Record options) {
        for (RecordComponent component : options.getClass().getRecordComponents()) {
            Object value = valueOf(component, options);
            if (value instanceof Record nested) {
                put(values, nested);
            } else if (values.put(name(component.getName()), text(component, value)) != null) {
                throw new IllegalStateException("Two options have the name " + name(component.getName()) + ".");
            }
        }
    }

    /** The component of an option, in a record or in the records inside it; null if it is missing. */
    static @Nullable RecordComponent component(Record options, String option) {
        for (RecordComponent component : options.getClass().getRecordComponents()) {
            if (valueOf(component, options) instanceof Record nested) {
                RecordComponent found = component(nested, option);
                if (found != null) {
                    return found;
                }
            } else if (name(component.getName()).equals(option)) {
                return component;
            }
        }
        return null;
    }

    static @Nullable Object valueOf(RecordComponent component, Record options) {
        try {
            return component.getAccessor().invoke(options);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("The option " + component.getName() + " cannot be read.", e);
        }
    }

    private static String name(String component) {
        String hyphened = component.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        return NAMES_OF_MLX_LM.getOrDefault(component, hyphened);
    }

    /** The texts of an enumeration's constants. */
    static List<String> constants(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                .toList();
    }

    private static String text(RecordComponent component, @Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Number number -> number.toString();
            case Boolean truth -> truth.toString();
            case Path path -> path.toString();
            case String text -> text;
            case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT);
            case Collection<?> elements ->
                elements.stream()
                        .map(element -> text(component, element))
                        .sorted()
                        .toList()
                        .toString();
            default ->
                throw new IllegalStateException("The option " + component.getName() + " has the type "
                        + value.getClass().getName() + ", which has no text form in NamedOptions.");
        };
    }
}
