package io.lethean.lem.cli;

import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Turns what the library says about a value into an error of the command line, in the names of its options. */
final class Usage {

    private static final Pattern FIRST_WORD = Pattern.compile("^[a-z]+(?:[A-Z][A-Za-z]*)?\\b");

    /** Java's names of values that options call something else. */
    private static final Map<String, String> OPTION_NAMES = Map.of(
            "contextTokens", "--context",
            "batchTokens", "--batch",
            "validPercent", "--valid",
            "testPercent", "--test",
            "minScore", "--min-score",
            "iterations", "--iters",
            "layers", "--num-layers",
            "warmupUpdates", "--warmup",
            "maxSequenceLength", "--max-seq-length",
            "adapterFolder", "--adapter-path");

    private Usage() {}

    /** A value made from options; an argument that the library refuses is wrong usage. */
    static <T> T valid(CommandSpec command, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException refused) {
            throw error(command, inOptions(command, String.valueOf(refused.getMessage())), refused);
        }
    }

    static ParameterException error(CommandSpec command, String sentence) {
        return new ParameterException(command.commandLine(), sentence);
    }

    private static ParameterException error(CommandSpec command, String sentence, Throwable cause) {
        return new ParameterException(command.commandLine(), sentence, cause);
    }

    /** The sentence with an option instead of the Java name that it starts with. */
    static String inOptions(CommandSpec command, String sentence) {
        Matcher word = FIRST_WORD.matcher(sentence);
        if (!word.find()) {
            return sentence;
        }
        String kebab = "--" + word.group().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        String option = OPTION_NAMES.getOrDefault(word.group(), kebab);
        for (String candidate : new String[] {kebab, option}) {
            if (command.optionsMap().containsKey(candidate)) {
                return candidate + sentence.substring(word.end());
            }
        }
        return sentence;
    }
}
