package io.lethean.lem.spring;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of options that need not be set, by name. Immutable. */
record OptionValues(Map<String, Object> values) {

    static final OptionValues NONE = new OptionValues(Map.of());

    /**
     * An option.
     *
     * @param type of its value, without type arguments
     */
    record Option<T>(String name, Class<? super T> type) {}

    OptionValues {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Values get in by {@link #with} only, so the type is right. */
    @SuppressWarnings("unchecked")
    <T> @Nullable T get(Option<T> option) {
        return (T) values.get(option.name());
    }

    /** @param value null for an option that is not set */
    <T> OptionValues with(Option<T> option, @Nullable T value) {
        Map<String, Object> changed = new LinkedHashMap<>(values);
        if (value == null) {
            changed.remove(option.name());
        } else {
            changed.put(option.name(), value);
        }
        return new OptionValues(changed);
    }

    /** These values, and where an option is not set that of the others. */
    OptionValues over(OptionValues others) {
        Map<String, Object> all = new LinkedHashMap<>(others.values);
        all.putAll(values);
        return new OptionValues(all);
    }
}
