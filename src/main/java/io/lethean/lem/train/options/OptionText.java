package io.lethean.lem.train.options;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Values of options from their text in {@link NamedOptions}. */
final class OptionText {

    private OptionText() {}

    /** @throws IllegalArgumentException naming the option, the text, and what a value looks like */
    static Object parse(String name, RecordComponent component, String text) {
        Class<?> type = component.getType();
        try {
            return switch (type.getSimpleName()) {
                case "int" -> Integer.parseInt(text);
                case "long" -> Long.parseLong(text);
                case "float" -> Float.parseFloat(text);
                case "double" -> Double.parseDouble(text);
                case "boolean" -> truth(text);
                case "Path" -> Path.of(text);
                case "String" -> text;
                case "Set" -> targets(text);
                default -> constant(type, text);
            };
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(
                    "The option " + name + " is '" + text + "' and should be " + expected(type) + ".", wrong);
        }
    }

    private static boolean truth(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(text);
        }
        return text.equals("true");
    }

    private static Set<Target> targets(String text) {
        Set<Target> targets = EnumSet.noneOf(Target.class);
        for (String target : text.replaceAll("[\\[\\]\\s]", "").split(",")) {
            targets.add((Target) constant(Target.class, target));
        }
        return targets;
    }

    /** A constant by its name; mlx-lm's {@code adam} is AdamW, with its weight decay of 0. */
    private static Object constant(Class<?> type, String text) {
        String wanted = type == OptimizerMethod.class && text.equalsIgnoreCase("adam") ? "adamw" : text;
        for (Object constant : type.getEnumConstants()) {
            if (constant.toString().toLowerCase(Locale.ROOT).equals(wanted.toLowerCase(Locale.ROOT))) {
                return constant;
            }
        }
        throw new IllegalArgumentException(text);
    }

    private static String expected(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "int", "long" -> "a whole number";
            case "float", "double" -> "a number";
            case "boolean" -> "true or false";
            case "Path" -> "a path";
            case "String" -> "a text";
            case "Set" -> "one or more of q, k, v, o, gate, up, down, router";
            default -> "one of " + String.join(", ", NamedOptions.constants(type));
        };
    }
}
