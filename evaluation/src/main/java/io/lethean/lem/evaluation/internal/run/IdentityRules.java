package io.lethean.lem.evaluation.internal.run;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which components of a record identify a run, and under which keys files record them.
 *
 * <p>Components of nested records count as components of the outer record, unless a rule takes the nested record as a
 * whole. Rules apply in the order in which files have the keys. A component that has no rule and is not excluded is
 * recorded under its own name: a forgotten one separates runs and never mixes them. Tests require a decision for every
 * component.
 *
 * @param <R> the record
 */
public final class IdentityRules<R extends Record> {

    private final Class<R> type;
    private final Map<String, Rule<? super R>> rules = new LinkedHashMap<>();
    private final Set<String> excluded = new LinkedHashSet<>();

    /** How a component enters an identity. */
    @FunctionalInterface
    public interface Rule<R> {
        void put(RunIdentity identity, R record);
    }

    public IdentityRules(Class<R> type) {
        this.type = type;
    }

    /** Records a component's value under a key, unless it is the default that runs had before the component existed. */
    public IdentityRules<R> keyUnless(Object defaultValue, String component, String key) {
        return rule(component, (identity, record) -> {
            Object value = valueOf(record, component);
            if (!Objects.equals(value, defaultValue)) {
                identity.with(key, form(value));
            }
        });
    }

    /** Records a component's value under a key. */
    public IdentityRules<R> key(String component, String key) {
        return rule(component, (identity, record) -> identity.with(key, form(valueOf(record, component))));
    }

    /** Records a component, or what is derived from it, by a rule. */
    public IdentityRules<R> rule(String component, Rule<? super R> rule) {
        rules.put(component, rule);
        return this;
    }

    /** Excludes components: runs that differ in them only are the same run. */
    public IdentityRules<R> excluding(String... components) {
        excluded.addAll(List.of(components));
        return this;
    }

    /** Adds what identifies a run to its identity. */
    public void put(RunIdentity identity, R record) {
        rules.values().forEach(rule -> rule.put(identity, record));
        undecided().forEach(component -> identity.with(snakeCase(component), form(valueOf(record, component))));
    }

    /** Components that have no rule and are not excluded. */
    public List<String> undecided() {
        List<String> components = new ArrayList<>();
        collect(type, components);
        components.removeAll(rules.keySet());
        components.removeAll(excluded);
        return components;
    }

    /** Names that have a rule or are excluded, but are not components. */
    public List<String> unknown() {
        List<String> components = new ArrayList<>();
        collect(type, components);
        List<String> decided = new ArrayList<>(rules.keySet());
        decided.addAll(excluded);
        decided.removeAll(components);
        return decided;
    }

    /** Lists components, those of nested records in place of the nested record. */
    private void collect(Class<?> record, Collection<String> into) {
        for (RecordComponent component : record.getRecordComponents()) {
            if (isNested(component)) {
                collect(component.getType(), into);
            } else {
                into.add(component.getName());
            }
        }
    }

    private boolean isNested(RecordComponent component) {
        String name = component.getName();
        return component.getType().isRecord() && !rules.containsKey(name) && !excluded.contains(name);
    }

    private @Nullable Object valueOf(Record record, String name) {
        return find(record, name)
                .orElseThrow(() -> new IllegalArgumentException(
                        String.format(Locale.ROOT, "%s has no component '%s'.", type.getSimpleName(), name)))
                .orElse(null);
    }

    /** The value of a component, which may be null; empty if neither the record nor a nested one has the component. */
    private Optional<Optional<Object>> find(Record record, String name) {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Object value = read(record, component);
            if (component.getName().equals(name)) {
                return Optional.of(Optional.ofNullable(value));
            }
            Optional<Optional<Object>> nested =
                    isNested(component) && value instanceof Record inner ? find(inner, name) : Optional.empty();
            if (nested.isPresent()) {
                return nested;
            }
        }
        return Optional.empty();
    }

    private static @Nullable Object read(Record record, RecordComponent component) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    String.format(
                            Locale.ROOT,
                            "The component %s of %s cannot be read.",
                            component.getName(),
                            record.getClass().getName()),
                    e);
        }
    }

    /** A value as files record it: whole numbers are {@code Long}, an empty optional is null. */
    public static @Nullable Object form(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Boolean truth -> truth;
            case Double number -> number;
            case Float number -> Double.parseDouble(number.toString());
            case Number whole -> whole.longValue();
            case Optional<?> optional -> form(optional.orElse(null));
            case OptionalLong optional -> optional.isPresent() ? (Long) optional.getAsLong() : null;
            case OptionalInt optional -> optional.isPresent() ? (Long) (long) optional.getAsInt() : null;
            case OptionalDouble optional -> optional.isPresent() ? (Double) optional.getAsDouble() : null;
            case Collection<?> elements ->
                elements.stream().map(IdentityRules::form).toList();
            default -> value.toString();
        };
    }

    private static String snakeCase(String name) {
        return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }
}
