package io.lethean.lem.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Writes the site: {@code Site ROOT OUTPUT CLASSPATH}. Without a class path there is no Javadoc. */
public final class Site {

    private Site() {}

    /**
     * Checks the pages, writes the site, and checks what was written.
     *
     * @param arguments folder of the checkout, folder of the site, class path of the modules
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]).toAbsolutePath().normalize();
        Path output = Path.of(arguments[1]).toAbsolutePath().normalize();
        Repository repository = Repository.read(root);
        Rules rules = Rules.check(repository);
        end(rules.faults());
        deleteFolder(output);
        boolean withApi = arguments.length > 2;
        if (withApi) {
            new ApiDocs(repository, output, arguments[2]).write();
        }
        int written = new SiteWriter(rules, output).write();
        HtmlCheck check = HtmlCheck.of(output, withApi);
        end(check.faults());
        report(rules, check, written, output);
    }

    private static void end(List<String> faults) {
        if (!faults.isEmpty()) {
            faults.forEach(System.err::println);
            System.err.println(faults.size() + " faults in the documents");
            System.exit(1);
        }
    }

    private static void report(Rules rules, HtmlCheck check, int written, Path output) {
        TreeSet<String> elsewhere = new TreeSet<>();
        int api = 0;
        for (Links.Found link : rules.found()) {
            if (link.target() instanceof Target.Elsewhere other) {
                elsewhere.add(other.address());
            }
            api += link.target() instanceof Target.OfApi ? 1 : 0;
        }
        System.out.println("Addresses of other sites, not checked:");
        elsewhere.forEach(address -> System.out.println("  " + address));
        System.out.println();
        System.out.println(BlockCounts.of(rules.blocks()));
        System.out.println(rules.repository().pages().size() + " pages of documents, " + written
                + " pages with those of files; " + rules.found().size() + " links in the documents, " + api
                + " of them to Javadoc; " + check.links() + " links checked in what was written, all lead somewhere");
        System.out.println("Pages of more than two screens, with the reason:");
        new TreeMap<>(Rules.LONG_PAGES).forEach((page, reason) -> System.out.println("  " + page + ": " + reason));
        System.out.println(output.resolve("index.html"));
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
