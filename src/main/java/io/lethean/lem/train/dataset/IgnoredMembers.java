package io.lethean.lem.train.dataset;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The members of a file's objects that are not read, each with the first line that has it. */
final class IgnoredMembers {

    private final Map<String, Integer> firstLines = new LinkedHashMap<>();

    /** Notes the members of an object that are not among those that are read. A member without a value says nothing. */
    void add(Map<?, ?> object, Set<String> read, String parent, int line) {
        object.forEach((key, value) -> {
            if (!read.contains(key.toString()) && !isEmpty(value)) {
                firstLines.putIfAbsent(parent + key, line);
            }
        });
    }

    /** Whether a JSON value holds nothing. */
    static boolean isEmpty(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case String text -> text.isBlank();
            case List<?> list -> list.isEmpty();
            case Map<?, ?> map -> map.isEmpty();
            default -> false;
        };
    }

    boolean isEmpty() {
        return firstLines.isEmpty();
    }

    /** One sentence about all of them. */
    String sentence(Path file) {
        String names = firstLines.entrySet().stream()
                .map(entry -> entry.getKey() + " (first in line " + entry.getValue() + ")")
                .collect(Collectors.joining(", "));
        return file + " has members that training does not use: " + names + ".";
    }
}
