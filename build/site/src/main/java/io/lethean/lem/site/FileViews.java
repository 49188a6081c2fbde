package io.lethean.lem.site;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.commonmark.renderer.html.HtmlRenderer;

/** Files and folders of the repository that pages link to, as pages to read. */
final class FileViews {

    private static final int LARGEST = 300_000;

    private final Repository repository;
    private final Set<String> names = new TreeSet<>();

    FileViews(Repository repository) {
        this.repository = repository;
    }

    /** The file of the site that shows a file or folder of the repository. */
    static String output(String name) {
        return name.endsWith(".png") ? "files/" + name : "files/" + name + ".html";
    }

    /** Adds a file or a folder with the files in it. */
    void add(String name) {
        Path path = repository.root().resolve(name);
        if (Files.isDirectory(path)) {
            try (Stream<Path> files = Files.list(path)) {
                files.map(file -> file.getFileName().toString())
                        .filter(file -> !file.startsWith(".") && !file.equals("target") && !file.equals("__pycache__"))
                        .forEach(file -> add(name + "/" + file));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
        names.add(name);
    }

    Set<String> names() {
        return names;
    }

    /** What the page of a file shows: the text, the list of a folder, or size and checksum of what is not text. */
    String html(String name) throws IOException {
        Path path = repository.root().resolve(name);
        if (Files.isDirectory(path)) {
            StringBuilder list = new StringBuilder("<ul>\n");
            for (String each : names) {
                if (each.startsWith(name + "/") && each.indexOf('/', name.length() + 1) < 0) {
                    list.append("<li><a href=\"")
                            .append(Links.relative(output(name), output(each)))
                            .append("\">")
                            .append(escape(each.substring(name.length() + 1)))
                            .append("</a></li>\n");
                }
            }
            return list.append("</ul>\n").toString();
        }
        byte[] content = Files.readAllBytes(path);
        String facts = String.format(
                Locale.ROOT, "<p>%,d bytes, SHA-256 <code>%s</code></p>%n", content.length, sha256(content));
        if (content.length > LARGEST) {
            return facts;
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(content))
                    .toString();
            return "<pre><code>" + escape(text) + "</code></pre>\n" + facts;
        } catch (CharacterCodingException e) {
            return facts;
        }
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** A renderer that gives links their address in the site, headings their anchors, and leaves out the comments for tests. */
    static HtmlRenderer renderer(Page page, Links links) {
        return HtmlRenderer.builder()
                .extensions(Markdown.EXTENSIONS)
                .escapeHtml(true)
                .attributeProviderFactory(_ -> (node, _, attributes) -> {
                    if (node instanceof org.commonmark.node.Heading heading) {
                        attributes.put("id", page.anchors().get(heading));
                    }
                    Links.destination(node).ifPresent(destination -> {
                        String key = node instanceof org.commonmark.node.Image ? "src" : "href";
                        attributes.put(key, Links.href(page, links.resolve(page, destination)));
                    });
                })
                .build();
    }
}
