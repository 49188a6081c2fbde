package io.lethean.lem.internal.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of YAML that model cards and configurations use: nested mappings and lists, lists and mappings in brackets,
 * quoted and plain texts, and texts of several lines. Scalars become what Python's {@code yaml.safe_load} makes of them.
 *
 * <p>Anchors, tags and several documents in one text are refused.
 */
public final class Yaml {

    private static final int MAX_DEPTH = 64;

    private final List<String> lines;
    private int at;

    private Yaml(List<String> lines) {
        this.lines = new ArrayList<>(lines);
    }

    /**
     * The mapping that a text holds; an empty one for an empty text.
     *
     * @throws IllegalArgumentException with the number of the line, if the text is not such a mapping
     */
    public static Map<String, @Nullable Object> parseObject(String text) {
        Yaml yaml = new Yaml(text.lines().toList());
        if (yaml.next() == null) {
            return Map.of();
        }
        Object root = yaml.block(0, 0);
        if (yaml.next() != null) {
            throw yaml.wrong("is indented unlike the lines before it");
        }
        if (!(root instanceof Map<?, ?>)) {
            throw new IllegalArgumentException("The YAML text is not a mapping of keys to values.");
        }
        @SuppressWarnings("unchecked")
        Map<String, @Nullable Object> mapping = (Map<String, @Nullable Object>) root;
        return mapping;
    }

    /** The next line that holds something, or null; blank lines and comments are skipped. */
    private @Nullable String next() {
        while (at < lines.size()) {
            String line = lines.get(at).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                return lines.get(at);
            }
            at++;
        }
        return null;
    }

    private static int indent(String line) {
        int indent = 0;
        while (indent < line.length() && line.charAt(indent) == ' ') {
            indent++;
        }
        return indent;
    }

    /** A mapping or list of lines that are indented this far. */
    private @Nullable Object block(int indent, int depth) {
        String line = next();
        if (depth > MAX_DEPTH) {
            throw wrong("is nested too deeply");
        }
        if (line == null || indent(line) < indent) {
            return null;
        }
        return isItem(line.strip()) ? list(indent(line), depth) : mapping(indent(line), depth);
    }

    private static boolean isItem(String text) {
        return text.equals("-") || text.startsWith("- ");
    }

    private List<@Nullable Object> list(int indent, int depth) {
        List<@Nullable Object> items = new ArrayList<>();
        for (String line = next(); line != null && indent(line) == indent && isItem(line.strip()); line = next()) {
            String rest = line.substring(indent + 1);
            if (YamlScalar.withoutComment(rest).isBlank()) {
                at++;
                items.add(block(indent + 1, depth + 1));
            } else if (YamlScalar.keyEnd(rest.strip()) >= 0 || isItem(rest.strip())) {
                // The item is a block of its own that begins after the dash.
                lines.set(at, " ".repeat(indent + 1) + rest);
                items.add(block(indent + 1, depth + 1));
            } else {
                items.add(value(rest.strip(), indent, depth));
            }
        }
        return items;
    }

    private Map<String, @Nullable Object> mapping(int indent, int depth) {
        Map<String, @Nullable Object> mapping = new LinkedHashMap<>();
        for (String line = next(); line != null && indent(line) == indent; line = next()) {
            String text = line.strip();
            int end = YamlScalar.keyEnd(text);
            if (end < 0 || isItem(text)) {
                throw wrong("is not \"key: value\"");
            }
            String key = String.valueOf(YamlScalar.parse(text.substring(0, end).strip()));
            mapping.put(key, value(text.substring(end + 1).strip(), indent, depth));
        }
        return mapping;
    }

    /** The value that begins in this line with this text. */
    private @Nullable Object value(String text, int indent, int depth) {
        String begin = YamlScalar.withoutComment(text).strip();
        if (begin.isEmpty()) {
            at++;
            String line = next();
            boolean list = line != null && indent(line) == indent && isItem(line.strip());
            return block(list ? indent : indent + 1, depth + 1);
        }
        char first = begin.charAt(0);
        if (first == '|' || first == '>') {
            at++;
            return blockText(begin, indent);
        }
        if (first == '&' || first == '*' || first == '!') {
            throw wrong("uses an anchor or a tag, which is not supported");
        }
        StringBuilder all = new StringBuilder(first == '"' || first == '\'' ? text : begin);
        at++;
        while (YamlScalar.isOpen(all.toString()) || continues(all.toString(), indent)) {
            if (at >= lines.size()) {
                throw wrong("is missing: a quote or bracket before it is not closed");
            }
            all.append(' ').append(YamlScalar.withoutComment(lines.get(at)).strip());
            at++;
        }
        try {
            return YamlScalar.parse(all.toString().strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("Line " + at + " of the YAML text: " + e.getMessage(), e);
        }
    }

    /** A plain text continues in lines that are indented further. */
    private boolean continues(String text, int indent) {
        String line = at < lines.size() ? lines.get(at) : "";
        char first = text.charAt(0);
        return first != '"'
                && first != '\''
                && first != '['
                && first != '{'
                && !line.isBlank()
                && indent(line) > indent;
    }

    /** A text of several lines after {@code |} or {@code >}. */
    private String blockText(String header, int indent) {
        List<String> found = new ArrayList<>();
        int own = -1;
        while (at < lines.size() && (lines.get(at).isBlank() || indent(lines.get(at)) > indent)) {
            String line = lines.get(at++);
            own = own < 0 && !line.isBlank() ? indent(line) : own;
            found.add(line.isBlank() ? "" : line.substring(Math.min(Math.max(own, 0), indent(line))));
        }
        while (!found.isEmpty() && found.getLast().isEmpty()) {
            found.removeLast();
        }
        String text = header.startsWith("|") ? String.join("\n", found) : folded(found);
        return header.contains("-") ? text : text + "\n";
    }

    private static String folded(List<String> lines) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            boolean paragraph = line.isEmpty();
            boolean joins = !text.isEmpty() && text.charAt(text.length() - 1) != '\n' && !paragraph;
            text.append(joins ? " " : "").append(paragraph ? "\n" : line);
        }
        return text.toString();
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("Line " + (at + 1) + " of the YAML text " + what + ".");
    }
}
