package io.lethean.lem.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Help;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Lists the options of a command's mixins under the mixins' own {@code optionListHeading}, by name, and all other options
 * last.
 */
final class HeadedOptions implements IModelTransformer {

    @Override
    public CommandSpec transform(CommandSpec command) {
        command.usageMessage().sectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING, help -> "");
        command.usageMessage().sectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HeadedOptions::render);
        return command;
    }

    private static String render(Help help) {
        CommandSpec command = help.commandSpec();
        Set<OptionSpec> left = new LinkedHashSet<>(command.options());
        StringBuilder text = new StringBuilder();
        command.mixins().values().forEach(mixin -> addMixin(text, help, mixin, left));
        add(text, help, command, List.copyOf(left));
        return text.toString();
    }

    private static void addMixin(StringBuilder text, Help help, CommandSpec mixin, Set<OptionSpec> left) {
        Set<OptionSpec> own = new LinkedHashSet<>(optionsOf(mixin, help));
        mixin.mixins().values().forEach(nested -> own.removeAll(optionsOf(nested, help)));
        own.retainAll(left);
        if (mixin.usageMessage().optionListHeading().isEmpty()) {
            own.clear();
        }
        left.removeAll(own);
        add(text, help, mixin, List.copyOf(own));
        mixin.mixins().values().forEach(nested -> addMixin(text, help, nested, left));
    }

    /** As the command has them, which are copies of the mixin's. */
    private static List<OptionSpec> optionsOf(CommandSpec mixin, Help help) {
        List<OptionSpec> options = new ArrayList<>();
        for (OptionSpec option : mixin.options()) {
            options.add(help.commandSpec().findOption(option.longestName()));
        }
        return options;
    }

    private static void add(StringBuilder text, Help help, CommandSpec group, List<OptionSpec> options) {
        if (options.isEmpty()) {
            return;
        }
        Help.Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
        layout.addOptions(
                options.stream()
                        .filter(option -> !option.hidden())
                        .sorted(Comparator.comparing(OptionSpec::longestName))
                        .toList(),
                help.parameterLabelRenderer());
        text.append(help.createHeading(group.usageMessage().optionListHeading()))
                .append(layout);
    }
}
