package io.lethean.lem.site;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;

/** Writes the pages: HTML with one style sheet, without scripts and without anything from elsewhere. */
final class SiteWriter {

    private static final String STYLE = "style.css";
    private static final String NAME = "LEM for Java";
    private static final int LONG_PAGE = 4;

    private final Rules rules;
    private final Path output;

    SiteWriter(Rules rules, Path output) {
        this.rules = rules;
        this.output = output;
    }

    /**
     * Writes everything but the Javadoc.
     *
     * @return number of pages, those of files included
     * @throws IOException if a file cannot be written
     */
    int write() throws IOException {
        Files.createDirectories(output);
        try (InputStream style = SiteWriter.class.getResourceAsStream(STYLE)) {
            if (style == null) {
                throw new IOException(STYLE + " is missing in the jar");
            }
            Files.write(output.resolve(STYLE), style.readAllBytes());
        }
        FileViews files = new FileViews(rules.repository());
        for (Links.Found link : rules.found()) {
            if (link.target() instanceof Target.OfFile file) {
                files.add(file.name());
            }
        }
        int pages = 0;
        for (Page page : rules.repository().pages()) {
            write(page.output(), page.title(), page.source(), contents(page) + body(page));
            pages++;
        }
        for (String name : files.names()) {
            if (FileViews.output(name).endsWith(".html")) {
                write(FileViews.output(name), name, "", "<h1>" + FileViews.escape(name) + "</h1>\n" + files.html(name));
                pages++;
            } else {
                Path copy = output.resolve(FileViews.output(name));
                Files.createDirectories(copy.getParent());
                Files.write(copy, Files.readAllBytes(rules.repository().root().resolve(name)));
            }
        }
        write("api/index.html", "Javadoc", "", apiIndex());
        return pages + 1;
    }

    private String body(Page page) {
        Node shown = Markdown.parse(rules.repository().text(page.source()));
        List<Node> comments = new ArrayList<>();
        Markdown.walk(shown, node -> {
            if (Blocks.isComment(node)) {
                comments.add(node);
            }
        });
        comments.forEach(Node::unlink);
        Page clean = new Page(page.source(), shown, Markdown.anchors(shown));
        return FileViews.renderer(clean, rules.links())
                .render(shown)
                .replace("<table>", "<div class=\"table\"><table>")
                .replace("</table>", "</table></div>");
    }

    /** The sections of a page with many of them. */
    private static String contents(Page page) {
        List<Map.Entry<Heading, String>> sections = page.anchors().entrySet().stream()
                .filter(entry -> entry.getKey().getLevel() == 2)
                .toList();
        if (sections.size() < LONG_PAGE || page.source().equals(Page.HOME)) {
            return "";
        }
        StringBuilder list = new StringBuilder("<details class=\"contents\"><summary>On this page</summary>\n<ul>\n");
        sections.forEach(entry -> list.append("<li><a href=\"#")
                .append(entry.getValue())
                .append("\">")
                .append(FileViews.escape(Markdown.text(entry.getKey())))
                .append("</a></li>\n"));
        return list.append("</ul>\n</details>\n").toString();
    }

    private String apiIndex() {
        StringBuilder list = new StringBuilder("<h1>Javadoc</h1>\n<ul>\n");
        for (Repository.ApiModule module : rules.repository().modules()) {
            list.append("<li><a href=\"")
                    .append(module.artifact())
                    .append("/index.html\">")
                    .append(module.artifact())
                    .append("</a></li>\n");
        }
        return list.append("</ul>\n").toString();
    }

    private void write(String file, String title, String source, String content) throws IOException {
        Path path = output.resolve(file);
        Files.createDirectories(path.getParent());
        String home = Links.relative(file, "index.html");
        Files.writeString(path, """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>%s</title>
                <link rel="stylesheet" href="%s">
                </head>
                <body>
                <header><a href="%s">%s</a> <a class="menu" href="#pages">Pages</a></header>
                <div class="columns">
                <nav id="pages" aria-label="Pages">
                %s</nav>
                <main>
                %s</main>
                </div>
                </body>
                </html>
                """.formatted(
                        FileViews.escape(title.equals(NAME) ? NAME : title + " · " + NAME),
                        Links.relative(file, STYLE),
                        home,
                        NAME,
                        navigation(file, source),
                        content));
    }

    private String navigation(String file, String source) {
        StringBuilder html = new StringBuilder();
        for (Navigation.Section section : rules.navigation().sections()) {
            html.append("<p>").append(FileViews.escape(section.title())).append("</p>\n");
            items(section.items(), file, source, html);
        }
        html.append("<p><a href=\"")
                .append(Links.relative(file, "api/index.html"))
                .append("\">Javadoc</a></p>\n");
        return html.toString();
    }

    private void items(List<Navigation.Item> items, String file, String source, StringBuilder html) {
        if (items.isEmpty()) {
            return;
        }
        html.append("<ul>\n");
        for (Navigation.Item item : items) {
            Page page = rules.repository().page(item.source()).orElseThrow();
            html.append("<li><a href=\"")
                    .append(Links.relative(file, page.output()))
                    .append(item.source().equals(source) ? "\" aria-current=\"page\">" : "\">")
                    .append(FileViews.escape(item.title()))
                    .append("</a>");
            items(item.items(), file, source, html);
            html.append("</li>\n");
        }
        html.append("</ul>\n");
    }
}
