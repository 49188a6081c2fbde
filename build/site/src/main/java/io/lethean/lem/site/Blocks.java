package io.lethean.lem.site;

import io.lethean.lem.site.Block.Mark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Node;

/**
 * Finds the blocks of code of a page with the comments before them. These comments are known:
 *
 * <pre>{@code
 * <!-- setup              lines that the test runs before the block: shell for sh, declarations for java -->
 * <!-- output -->         the text is a part of what the command before it prints
 * <!-- background "X" --> the command runs until the page ends; the test waits for X in what it prints
 * <!-- not run: network: why -->         or with beginnings of lines: not run "make", "./lem pull": network: why
 * <!-- compiled only: why -->            Java that a test compiles and does not run
 * <!-- tested by FooTest -->             another test runs it
 * }</pre>
 */
final class Blocks {

    private static final Pattern NOT_RUN =
            Pattern.compile("not run((?:\\s+\"[^\"]+\",?)*):\\s*([A-Za-z]+):\\s*(\\S.*)", Pattern.DOTALL);
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"");
    private static final Set<String> LANGUAGES =
            Set.of(Block.SHELL, Block.JAVA, Block.TEXT, "xml", "json", "properties");

    private Blocks() {}

    /**
     * Finds the blocks of a page.
     *
     * @param fault gets a sentence for each block or comment that is not as it must be
     */
    static List<Block> of(Page page, Consumer<String> fault) {
        List<Block> blocks = new ArrayList<>();
        Markdown.walk(page.document(), node -> {
            switch (node) {
                case FencedCodeBlock code -> blocks.add(block(page, code, fault));
                case IndentedCodeBlock code ->
                    fault.accept(
                            place(page, code)
                                    + ": an indented block of code has no language; put it between fences with sh, java or text");
                default -> {}
            }
        });
        return blocks;
    }

    private static String place(Page page, Node node) {
        return page.source() + ":" + Markdown.line(node);
    }

    private static Block block(Page page, FencedCodeBlock code, Consumer<String> fault) {
        String language = code.getInfo() == null ? "" : code.getInfo();
        if (!LANGUAGES.contains(language)) {
            fault.accept(place(page, code) + ": the language of a block must be one of " + sorted(LANGUAGES)
                    + ", and is '" + language + "'");
        }
        List<String> comments = new ArrayList<>();
        for (Node before = code.getPrevious(); before instanceof HtmlBlock html; before = before.getPrevious()) {
            comments.addFirst(html.getLiteral().strip());
        }
        StringBuilder setup = new StringBuilder();
        List<Mark> marks = new ArrayList<>();
        for (String comment : comments) {
            for (String each : comment.split("(?<=-->)\\s*")) {
                String content = each.replaceFirst("^<!--\\s*", "").replaceFirst("\\s*-->$", "");
                if (content.matches("(?s)setup\\s.*")) {
                    setup.append(content.substring("setup".length()).strip()).append('\n');
                } else {
                    read(content, place(page, code), fault, marks);
                }
            }
        }
        return new Block(page, Markdown.line(code), language, code.getLiteral(), setup.toString(), List.copyOf(marks));
    }

    private static void read(String content, String place, Consumer<String> fault, List<Mark> marks) {
        Matcher notRun = NOT_RUN.matcher(content);
        if (notRun.matches()) {
            List<String> lines = QUOTED.matcher(notRun.group(1))
                    .results()
                    .map(match -> match.group(1))
                    .toList();
            if (!Mark.NotRun.KINDS.contains(notRun.group(2))) {
                fault.accept(place + ": '" + notRun.group(2) + "' is not a kind of reason; write one of "
                        + sorted(Mark.NotRun.KINDS));
            }
            marks.add(new Mark.NotRun(lines, notRun.group(2), notRun.group(3)));
        } else if (content.equals("output")) {
            marks.add(new Mark.Output());
        } else if (content.matches("(?s)compiled only: \\S.*")) {
            marks.add(new Mark.CompiledOnly(content.substring("compiled only: ".length())));
        } else if (content.matches("tested by \\S+")) {
            marks.add(new Mark.TestedBy(content.substring("tested by ".length())));
        } else if (content.matches("background \"[^\"]+\"")) {
            marks.add(new Mark.Background(content.substring("background \"".length(), content.length() - 1)));
        } else {
            fault.accept(place + ": the comment before the block, '" + content + "', is not one that the tests know");
        }
    }

    private static String sorted(Set<String> names) {
        return String.join(", ", names.stream().sorted().toList());
    }

    /** The comments of a page that are for tests; nothing of them is shown. */
    static boolean isComment(Node node) {
        return node instanceof HtmlBlock html
                && Arrays.stream(html.getLiteral().strip().split("(?<=-->)\\s*"))
                        .allMatch(part -> part.startsWith("<!--"));
    }
}
