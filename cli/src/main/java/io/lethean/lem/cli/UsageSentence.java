package io.lethean.lem.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** One sentence about a command line that cannot be understood. */
final class UsageSentence {

    private UsageSentence() {}

    static String of(ParameterException failure, String... arguments) {
        CommandSpec command = failure.getCommandLine().getCommandSpec();
        String name = command.qualifiedName();
        String sentence = failure instanceof UnmatchedArgumentException unmatched
                ? unmatched(command, unmatched)
                : String.valueOf(failure.getMessage()).replaceFirst("^Error: ", "");
        boolean needsHelp = failure instanceof MissingParameterException && !sentence.contains("--help");
        String full = needsHelp ? withoutStop(sentence) + "; see '" + name + " --help'" : sentence;
        return name + ": " + withStop(firstNames(command, full, arguments));
    }

    private static String unmatched(CommandSpec command, UnmatchedArgumentException failure) {
        String first = failure.getUnmatched().getFirst();
        Collection<String> known = first.startsWith("-") ? optionNames(command) : commandNames(command);
        Optional<String> meant = Suggestions.closest(first.replaceFirst("=.*", ""), known);
        String what = first.startsWith("-") || known.isEmpty()
                ? String.valueOf(failure.getMessage())
                : "There is no command '" + first + "'";
        return what + "; "
                + meant.map(option -> "did you mean '" + option + "'?")
                        .orElse("'" + command.qualifiedName() + " --help' lists "
                                + (first.startsWith("-") ? "the options." : "what is possible."));
    }

    private static List<String> optionNames(CommandSpec command) {
        return List.copyOf(command.optionsMap().keySet());
    }

    private static List<String> commandNames(CommandSpec command) {
        return List.copyOf(command.subcommands().keySet());
    }

    /** picocli names an option by its longest name, which may be an alias that the user did not write. */
    private static String firstNames(CommandSpec command, String sentence, String... arguments) {
        String named = sentence;
        for (OptionSpec option : command.options()) {
            String longest = option.longestName();
            String first = firstName(option);
            if (!longest.equals(first) && !isWritten(longest, arguments)) {
                named = named.replaceAll("(?<![\\w-])" + longest + "(?![\\w-])", first);
            }
        }
        return named;
    }

    /** The name that the documentation uses: the first long one. */
    static String firstName(OptionSpec option) {
        List<String> names = new ArrayList<>(Arrays.asList(option.names()));
        return names.stream().filter(name -> name.startsWith("--")).findFirst().orElse(names.getFirst());
    }

    private static boolean isWritten(String option, String... arguments) {
        return Arrays.stream(arguments).anyMatch(written -> written.equals(option) || written.startsWith(option + "="));
    }

    private static String withStop(String sentence) {
        return sentence.matches("(?s).*[.?!]\\s*") ? sentence : sentence + ".";
    }

    private static String withoutStop(String sentence) {
        return sentence.replaceFirst("\\.\\s*$", "");
    }
}
