package io.lethean.lem.internal.jinja;

import java.util.HashMap;
import java.util.Map;

/** The filters by name. */
final class Filters {

    private static final Map<String, Filter> BY_NAME = all();

    private Filters() {}

    private static Map<String, Filter> all() {
        Map<String, Filter> filters = new HashMap<>();
        filters.putAll(ValueFilters.all());
        filters.putAll(TextFilters.all());
        filters.putAll(SequenceFilters.all());
        filters.putAll(SelectionFilters.all());
        return Map.copyOf(filters);
    }

    static boolean exists(String name) {
        return BY_NAME.containsKey(name);
    }

    static Filter named(String name) {
        Filter filter = BY_NAME.get(name);
        if (filter == null) {
            throw TemplateError.failed("there is no filter '" + name + "'");
        }
        return filter;
    }
}
