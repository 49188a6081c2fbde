package io.lethean.lem.site;

import java.util.Locale;
import java.util.Map;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;

/**
 * A page: a Markdown file of the repository.
 *
 * @param source path in the repository, such as {@code docs/models.md}
 * @param document the parsed text
 * @param anchors the anchor of each heading
 */
record Page(String source, Node document, Map<Heading, String> anchors) {

    static final String HOME = "docs/README.md";

    static Page of(String source, String text) {
        Node document = Markdown.parse(text);
        return new Page(source, document, Markdown.anchors(document));
    }

    /** The first heading. */
    String title() {
        return anchors.keySet().stream().findFirst().map(Markdown::text).orElse(source);
    }

    boolean hasAnchor(String anchor) {
        return anchors.containsValue(anchor);
    }

    /** The file of the site: {@code docs/} is its root, and the README.md of a folder is the index of this folder. */
    String output() {
        if (source.equals(HOME)) {
            return "index.html";
        }
        String name = source.replaceFirst("^docs/", "").replaceFirst("/README\\.md$", "/index.md");
        return name.substring(0, name.length() - ".md".length()).toLowerCase(Locale.ROOT) + ".html";
    }
}
