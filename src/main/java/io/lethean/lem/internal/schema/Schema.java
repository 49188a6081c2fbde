package io.lethean.lem.internal.schema;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One schema of a document. It names the others by their places, such as {@code #/properties/a}.
 *
 * @param place where it stands
 * @param kinds of values that are allowed
 * @param typed whether the schema says which kinds
 * @param values the only ones that are allowed; null for any
 * @param all schemas that hold too
 * @param not schemas that do not hold
 * @param choices of which one branch each holds
 */
record Schema(
        String place,
        Set<Kind> kinds,
        boolean typed,
        @Nullable List<JsonNode> values,
        NumberLimits numbers,
        StringLimits strings,
        ArrayLimits arrays,
        ObjectLimits objects,
        List<String> all,
        List<Exclusion> not,
        List<List<Branch>> choices) {

    /**
     * A schema that must not hold.
     *
     * @param cause the keyword and its place that say so
     */
    record Exclusion(String schema, String cause) {}

    /** What holds and what does not, where this branch is taken. */
    record Branch(List<String> all, List<Exclusion> not) {}

    /** Whether it demands nothing of a value, apart from what other schemas demand for it. */
    boolean isOpen() {
        return kinds.size() == Kind.values().length && isAboutKinds();
    }

    /** Whether it tells kinds of values apart and nothing else. */
    boolean isOnlyKinds() {
        return isAboutKinds() && all.isEmpty() && not.isEmpty() && choices.isEmpty();
    }

    private boolean isAboutKinds() {
        return values == null
                && numbers.equals(NumberLimits.NONE)
                && strings.equals(StringLimits.NONE)
                && arrays.equals(ArrayLimits.NONE)
                && objects.equals(ObjectLimits.NONE);
    }
}
