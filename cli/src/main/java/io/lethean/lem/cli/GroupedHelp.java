package io.lethean.lem.cli;

import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Shows the options of a command under headings instead of in one long list. */
final class GroupedHelp {

    private static final String OWN = "Options";
    private static final String COMMON = "Common options";

    private GroupedHelp() {}

    /** Changes the help of a command and its subcommands. */
    static CommandLine prepare(CommandLine command) {
        command.getSubcommands().values().forEach(GroupedHelp::prepare);
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING, help -> "");
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, GroupedHelp::text);
        return command;
    }

    private static String text(Help help) {
        StringBuilder text = new StringBuilder();
        groups(help.commandSpec()).forEach((heading, options) -> {
            Help.Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
            layout.addOptions(options, help.createDefaultParamLabelRenderer());
            text.append(System.lineSeparator()).append(heading).append(':').append(System.lineSeparator());
            text.append(layout);
        });
        return text.toString();
    }

    private static Map<String, List<OptionSpec>> groups(CommandSpec command) {
        Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
        groups.put(ofClass(command.userObject().getClass()), new ArrayList<>());
        addHeadings(command, groups);
        for (OptionSpec option : command.options()) {
            if (!option.hidden()) {
                groups.computeIfAbsent(heading(option), name -> new ArrayList<>())
                        .add(option);
            }
        }
        List<OptionSpec> common = groups.remove(COMMON);
        if (common != null) {
            groups.put(COMMON, common);
        }
        groups.values().removeIf(List::isEmpty);
        groups.values().forEach(GroupedHelp::sortMethods);
        return groups;
    }

    /** The headings of a command's mixins in the order in which they are nested. */
    private static void addHeadings(CommandSpec command, Map<String, List<OptionSpec>> groups) {
        for (CommandSpec mixin : command.mixins().values()) {
            Object arguments = mixin.userObject();
            if (arguments != null && !mixin.options().isEmpty()) {
                groups.putIfAbsent(ofClass(arguments.getClass()), new ArrayList<>());
            }
            addHeadings(mixin, groups);
        }
    }

    /** Java keeps the order of fields and not that of methods. */
    private static void sortMethods(List<OptionSpec> options) {
        if (options.stream().anyMatch(option -> option.userObject() instanceof Method)) {
            options.sort(Comparator.comparing(UsageSentence::firstName));
        }
    }

    private static String heading(OptionSpec option) {
        if (option.inherited() || option.usageHelp() || option.versionHelp()) {
            return COMMON;
        }
        if (option.userObject() instanceof Field field && field.isAnnotationPresent(Heading.class)) {
            return field.getAnnotation(Heading.class).value();
        }
        return option.userObject() instanceof Member member ? ofClass(member.getDeclaringClass()) : OWN;
    }

    private static String ofClass(Class<?> declaring) {
        Heading heading = declaring.getAnnotation(Heading.class);
        if (heading != null) {
            return heading.value();
        }
        Command command = declaring.getAnnotation(Command.class);
        String written = command == null
                ? ""
                : command.optionListHeading().replace("%n", "").replace(":", "").strip();
        return written.isEmpty() ? OWN : written;
    }
}
