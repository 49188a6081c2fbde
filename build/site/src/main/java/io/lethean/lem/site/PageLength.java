package io.lethean.lem.site;

import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TableRow;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.ListItem;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;

/**
 * The length of a page as it is shown: in lines of 100 characters, of which a screen has 60. Text wraps, a row of a table takes
 * the lines that its cells need together, code takes the lines that it has.
 */
final class PageLength {

    static final int LINE = 100;
    static final int SCREEN = 60;

    /** Two screens. */
    static final int LIMIT = 2 * SCREEN;

    private PageLength() {}

    static int lines(Page page) {
        int[] lines = {0};
        Markdown.walk(page.document(), node -> lines[0] += own(node));
        return lines[0];
    }

    /** The lines of a block without those of blocks in it. */
    private static int own(Node node) {
        return switch (node) {
            case Heading _ -> 2;
            case Paragraph text -> wrapped(Markdown.text(text)) + (text.getParent() instanceof ListItem ? 0 : 1);
            case FencedCodeBlock code -> codeLines(code.getLiteral()) + 1;
            case IndentedCodeBlock code -> codeLines(code.getLiteral()) + 1;
            case TableBlock _ -> 1;
            case TableRow row -> wrapped(Markdown.text(row));
            default -> 0;
        };
    }

    private static int wrapped(String text) {
        return Math.max(1, (text.length() + LINE - 1) / LINE);
    }

    private static int codeLines(String code) {
        return (int) code.lines().count();
    }
}
