package io.lethean.lem.cli;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;

/** Shows the options of a command under headings instead of in one long list. */
final class GroupedHelp {

    private static final String OWN = "Options";
    private static final String COMMON = "Common options";

    private GroupedHelp() {}

    /** Changes the help of a command and its subcommands. */
    static CommandLine prepare(CommandLine command) {
        command.getSubcommands().values().forEach(GroupedHelp::prepare);
        command.getHelpSectionMap().put(CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST, GroupedHelp::text);
        return command;
    }

    private static String text(Help help) {
        StringBuilder text = new StringBuilder();
        groups(help).forEach((heading, options) -> {
            Help.Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
            layout.addOptions(options, help.createDefaultParamLabelRenderer());
            text.append(System.lineSeparator()).append(heading).append(':').append(System.lineSeparator());
            text.append(layout);
        });
        return text.toString();
    }

    private static Map<String, List<OptionSpec>> groups(Help help) {
        Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
        groups.put(OWN, new ArrayList<>());
        for (OptionSpec option : help.commandSpec().options()) {
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
        return groups;
    }

    private static String heading(OptionSpec option) {
        if (option.inherited() || option.usageHelp() || option.versionHelp()) {
            return COMMON;
        }
        if (!(option.userObject() instanceof Field field)) {
            return OWN;
        }
        Heading own = field.getAnnotation(Heading.class);
        Heading ofClass = field.getDeclaringClass().getAnnotation(Heading.class);
        return own != null ? own.value() : ofClass != null ? ofClass.value() : OWN;
    }
}
