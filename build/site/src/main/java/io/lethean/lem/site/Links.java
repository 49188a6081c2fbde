package io.lethean.lem.site;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;

/** Finds what the links of pages lead to. */
final class Links {

    private static final String API_ROOT = "api/";

    private final Repository repository;

    Links(Repository repository) {
        this.repository = repository;
    }

    /** A link or image in a page. */
    record Found(Page page, int line, String destination, Target target) {}

    List<Found> of(Page page) {
        List<Found> found = new ArrayList<>();
        Markdown.walk(
                page.document(),
                node -> destination(node)
                        .ifPresent(destination -> found.add(
                                new Found(page, Markdown.line(node), destination, resolve(page, destination)))));
        return found;
    }

    static Optional<String> destination(Node node) {
        return switch (node) {
            case Link link -> Optional.of(link.getDestination());
            case Image image -> Optional.of(image.getDestination());
            default -> Optional.empty();
        };
    }

    /**
     * Finds what a link leads to: a path relative to the page, as GitHub reads it. A link to the source of a public class leads to
     * its Javadoc.
     */
    Target resolve(Page from, String destination) {
        if (destination.matches("(https?|mailto):.+")) {
            return URI.create(destination).isAbsolute()
                    ? new Target.Elsewhere(destination)
                    : new Target.Nowhere(destination + " is not an address");
        }
        int hash = destination.indexOf('#');
        String path = hash < 0 ? destination : destination.substring(0, hash);
        String anchor = hash < 0 ? "" : destination.substring(hash + 1);
        if (path.isEmpty()) {
            return inPage(from, anchor);
        }
        if (path.startsWith("/")) {
            return new Target.Nowhere(destination + " is an absolute path; write it relative to the page");
        }
        Path folder = Path.of(from.source()).getParent();
        String name = (folder == null ? Path.of(path) : folder.resolve(path))
                .normalize()
                .toString()
                .replace('\\', '/');
        if (name.startsWith("..")) {
            return new Target.Nowhere(destination + " leaves the repository");
        }
        Optional<Page> page = repository.page(name).or(() -> repository.pageOfFolder(name));
        if (page.isPresent()) {
            return inPage(page.get(), anchor);
        }
        if (!repository.exists(name)) {
            return new Target.Nowhere(destination + ": there is no file or folder " + name);
        }
        Optional<String> api = repository.apiPage(name);
        if (api.isPresent()) {
            return new Target.OfApi(api.get(), anchor);
        }
        return anchor.isEmpty()
                ? new Target.OfFile(name)
                : new Target.Nowhere(destination + ": " + name + " is not a page, so it has no anchors");
    }

    private static Target inPage(Page page, String anchor) {
        if (anchor.isEmpty() || page.hasAnchor(anchor)) {
            return new Target.OfPage(page, anchor);
        }
        return new Target.Nowhere("#" + anchor + ": " + page.source() + " has no heading with this anchor; it has "
                + String.join(", ", page.anchors().values()));
    }

    /** The address in the site that a page's link gets, relative to the page. */
    static String href(Page from, Target target) {
        return switch (target) {
            case Target.OfPage to ->
                relative(from.output(), to.page().output()) + (to.anchor().isEmpty() ? "" : "#" + to.anchor());
            case Target.OfFile to -> relative(from.output(), FileViews.output(to.name()));
            case Target.OfApi to ->
                relative(from.output(), to.file()) + (to.anchor().isEmpty() ? "" : "#" + to.anchor());
            case Target.Elsewhere to -> to.address();
            case Target.Nowhere _ -> "#";
        };
    }

    static String relative(String from, String to) {
        Path folder = Path.of(from).getParent();
        return (folder == null ? Path.of(to) : folder.relativize(Path.of(to)))
                .toString()
                .replace('\\', '/');
    }

    static boolean isApi(String file) {
        return file.startsWith(API_ROOT);
    }
}
