package io.lethean.lem.evaluation.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes HTML; nothing from an answer enters a page but through {@link #escape}. */
final class Html {

    private static final Pattern PART = Pattern.compile("\\{\\{(\\w+)}}");

    private Html() {}

    /** Text, escaped for an element or a quoted attribute. */
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                case '\r' -> out.append("&#13;");
                default -> out.appendCodePoint(isAllowed(c) ? c : 0xFFFD);
            }
        });
        return out.toString();
    }

    /** Control characters and lone surrogates are not allowed in a page. */
    private static boolean isAllowed(int c) {
        boolean control = c < 0x20 && c != '\n' && c != '\t' || c == 0x7F;
        boolean noCharacter = c >= 0xD800 && c <= 0xDFFF || c == 0xFFFE || c == 0xFFFF;
        return !control && !noCharacter;
    }

    /** A table with row names in its first column. */
    static String table(Table table) {
        StringBuilder out = new StringBuilder("<div class=\"scroll\"><table>\n<thead><tr>");
        table.headings()
                .forEach(heading -> out.append("<th>").append(escape(heading)).append("</th>"));
        out.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : table.rows()) {
            out.append("<tr><th>").append(escape(row.getFirst())).append("</th>");
            row.subList(1, row.size())
                    .forEach(cell -> out.append("<td>").append(escape(cell)).append("</td>"));
            out.append("</tr>\n");
        }
        return out.append("</tbody></table></div>\n").toString();
    }

    /** A table that the reader opens. */
    static String details(String summary, Table table) {
        return "<div class=\"legend\"><details><summary>" + escape(summary) + "</summary>\n" + table(table)
                + "</details></div>\n";
    }

    /** A self-contained page: style and script are part of it. */
    static String page(String title, String body) {
        Map<String, String> parts = Map.of(
                "title", escape(title), "style", resource("report.css"), "script", resource("report.js"), "body", body);
        return PART.matcher(resource("report.html"))
                .replaceAll(part -> Matcher.quoteReplacement(parts.getOrDefault(part.group(1), part.group())));
    }

    /** One of the texts that pages are made of. */
    private static String resource(String name) {
        try (InputStream in = Html.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The page part " + name + " is missing from this build of lem.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("The page part " + name + " cannot be read.", e);
        }
    }
}
