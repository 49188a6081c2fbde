package io.lethean.lem.site;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads the written site again: every relative address leads to a file that is there, and every anchor to an element in it. */
final class HtmlCheck {

    private static final Pattern ADDRESS =
            Pattern.compile("<(?:a|link|img|script)\\b[^>]*?\\s(?:href|src)=\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile("\\sid=\"([^\"]*)\"");

    private final Path site;
    private final boolean withApi;
    private final Map<Path, Set<String>> anchors = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private int links;

    private HtmlCheck(Path site, boolean withApi) {
        this.site = site;
        this.withApi = withApi;
    }

    /**
     * Checks the pages of a site; those of the Javadoc are only what links lead to.
     *
     * @param withApi whether the Javadoc is there
     * @throws IOException if a file cannot be read
     */
    static HtmlCheck of(Path site, boolean withApi) throws IOException {
        HtmlCheck check = new HtmlCheck(site, withApi);
        try (Stream<Path> files = Files.walk(site)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".html"))
                    .sorted()
                    .toList()) {
                Path relative = site.relativize(file);
                if (!relative.startsWith("api") || relative.getNameCount() == 2) {
                    check.checkFile(file);
                }
            }
        }
        return check;
    }

    private void checkFile(Path file) throws IOException {
        Matcher address = ADDRESS.matcher(Files.readString(file));
        while (address.find()) {
            String to = unescape(address.group(1));
            if (!to.matches("[a-z]+:.*")) {
                links++;
                follow(file, to);
            }
        }
    }

    private void follow(Path from, String to) throws IOException {
        int hash = to.indexOf('#');
        String path =
                URLDecoder.decode((hash < 0 ? to : to.substring(0, hash)).replace("+", "%2B"), StandardCharsets.UTF_8);
        Path target = path.isEmpty() ? from : from.resolveSibling(path).normalize();
        if (!withApi && Links.isApi(site.relativize(target).toString().replace('\\', '/'))) {
            return;
        }
        if (!Files.isRegularFile(target)) {
            faults.add(site.relativize(from) + ": " + to + " leads to " + site.relativize(target)
                    + ", which is not there");
        } else if (hash >= 0 && !anchorsOf(target).contains(to.substring(hash + 1))) {
            faults.add(site.relativize(from) + ": " + to + " leads to an anchor that " + site.relativize(target)
                    + " does not have");
        }
    }

    private Set<String> anchorsOf(Path file) throws IOException {
        Set<String> known = anchors.get(file);
        if (known == null) {
            known = new HashSet<>();
            Matcher id = ID.matcher(Files.readString(file));
            while (id.find()) {
                known.add(unescape(id.group(1)));
            }
            anchors.put(file, known);
        }
        return known;
    }

    private static String unescape(String text) {
        return text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&");
    }

    List<String> faults() {
        return faults;
    }

    /** Number of addresses within the site. */
    int links() {
        return links;
    }
}
