package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * {@code docs/commands.md} holds every help text. To write it again, run the test with {@code LEM_WRITE_DOCS=1} in the
 * environment ({@code make commands-page}).
 */
class CommandsPageTest {

    private static final Path PAGE = Path.of("docs/commands.md");

    @Test
    void pageHoldsTheHelpTextsOfToday() throws IOException {
        String today = page();
        if ("1".equals(System.getenv("LEM_WRITE_DOCS"))) {
            Files.writeString(PAGE, today);
        }

        assertThat(PAGE).as("stale; run 'make commands-page'").content().isEqualTo(today);
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Commands

                The help text of every command. This page is generated: `make commands-page` writes it, and a test fails when it is
                out of date.
                """);
        Console console = new Console(
                new BufferedReader(new StringReader("")),
                new PrintWriter(new StringWriter()),
                new PrintWriter(new StringWriter()),
                false);
        append(page, Lem.commandLine(console));
        return page.toString();
    }

    private static void append(StringBuilder page, CommandLine command) {
        page.append("\n## ")
                .append(command.getCommandSpec().qualifiedName())
                .append("\n\n```text\n")
                .append(command.getUsageMessage(CommandLine.Help.Ansi.OFF)
                        .replace("\r", "")
                        .stripTrailing())
                .append("\n```\n");
        command.getSubcommands().values().stream().distinct().forEach(sub -> append(page, sub));
    }
}
