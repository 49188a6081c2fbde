package io.lethean.lem.site;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.IdGenerator;
import org.commonmark.node.Code;
import org.commonmark.node.HardLineBreak;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;

/** Markdown as the pages use it: CommonMark with tables. */
final class Markdown {

    static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());

    private static final Parser PARSER = Parser.builder()
            .extensions(EXTENSIONS)
            .includeSourceSpans(IncludeSourceSpans.BLOCKS)
            .build();

    private Markdown() {}

    static Node parse(String text) {
        return PARSER.parse(text);
    }

    /** The line of the file, from 1, on which a block or the block around an inline begins. */
    static int line(Node node) {
        Node block = node;
        while (block.getSourceSpans().isEmpty() && block.getParent() != null) {
            block = block.getParent();
        }
        return block.getSourceSpans().isEmpty()
                ? 1
                : block.getSourceSpans().getFirst().getLineIndex() + 1;
    }

    /** What a reader sees of a node, without marks. */
    static String text(Node node) {
        StringBuilder text = new StringBuilder();
        walk(node, inner -> {
            switch (inner) {
                case Text word -> text.append(word.getLiteral());
                case Code code -> text.append(code.getLiteral());
                case SoftLineBreak _, HardLineBreak _ -> text.append(' ');
                default -> {}
            }
        });
        return text.toString();
    }

    /** The anchors of a document's headings, by the rule of GitHub: in the order of the page. */
    static Map<Heading, String> anchors(Node document) {
        IdGenerator generator = IdGenerator.builder().defaultId("section").build();
        Map<Heading, String> anchors = new LinkedHashMap<>();
        walk(document, node -> {
            if (node instanceof Heading heading) {
                anchors.put(heading, generator.generateId(text(heading)));
            }
        });
        return anchors;
    }

    /** Calls the action for a node and everything in it, in the order of the text. */
    static void walk(Node node, Consumer<Node> action) {
        action.accept(node);
        children(node).forEach(child -> walk(child, action));
    }

    static List<Node> children(Node node) {
        List<Node> children = new ArrayList<>();
        for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
            children.add(child);
        }
        return children;
    }
}
