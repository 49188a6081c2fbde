package io.lethean.lem.train.options;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Values for components of nested option records, by component name; what is not set keeps the default. */
final class ChangedComponents {

    /** What stands for the value of the adapter to start from. */
    private static final Map<String, Object> OF_THE_ADAPTER =
            Map.of("rank", 0, "scale", 0f, "layers", 0, "targets", Set.of());

    private final TrainingOptions defaults;
    private final Map<String, @Nullable Object> values = new HashMap<>();
    private @Nullable IntToScale scaleOfRank;

    ChangedComponents(TrainingOptions defaults) {
        this.defaults = defaults;
    }

    /** Lets the scale follow from the rank, whichever is set. */
    void setScale(IntToScale scaleOfRank) {
        this.scaleOfRank = scaleOfRank;
    }

    /** A scale for a rank. */
    interface IntToScale {
        float of(int rank);
    }

    void set(String component, @Nullable Object value) {
        values.put(component, value);
    }

    /** @throws IllegalArgumentException if there is no option of this name */
    RecordComponent component(String name) {
        RecordComponent found = NamedOptions.component(defaults, name);
        if (found == null) {
            throw new IllegalArgumentException("There is no option " + name + "; the options are "
                    + String.join(", ", defaults.named().keySet()) + ".");
        }
        return found;
    }

    /** @throws IllegalArgumentException as the records' constructors */
    TrainingOptions build() {
        IntToScale given = scaleOfRank;
        if (given != null) {
            int rank = values.get("rank") instanceof Integer set
                    ? set
                    : defaults.tuning().rank();
            OptionCheck.require(rank > 0, "rank", rank, "given with an alpha, because the scale follows from both");
            values.put("scale", given.of(rank));
        }
        return (TrainingOptions) changed(defaults);
    }

    private Record changed(Record record) {
        RecordComponent[] components = record.getClass().getRecordComponents();
        @Nullable Object[] arguments = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            arguments[i] = changed(components[i], record);
        }
        return create(record.getClass(), components, arguments);
    }

    private @Nullable Object changed(RecordComponent component, Record record) {
        Object value = NamedOptions.valueOf(component, record);
        if (value instanceof Record nested) {
            return changed(nested);
        }
        if (values.containsKey(component.getName())) {
            return values.get(component.getName());
        }
        return values.get("resumeAdapterFile") == null
                ? value
                : OF_THE_ADAPTER.getOrDefault(component.getName(), value);
    }

    private static Record create(
            Class<? extends Record> type, RecordComponent[] components, @Nullable Object[] arguments) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<? extends Record> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IllegalStateException(type + " cannot be created.", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be created.", e);
        }
    }
}
