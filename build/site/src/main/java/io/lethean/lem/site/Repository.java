package io.lethean.lem.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of the repository: pages, modules with public API, and everything else that a page may link to. */
final class Repository {

    /** Files outside {@code docs/} that are pages. */
    private static final List<String> OTHER_PAGES = List.of(
            "README.md",
            "ARCHITECTURE.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
            "kernel/README.md",
            "seeds/README.md",
            "training/README.md",
            "models/README.md",
            "models/text/README.md",
            "examples/curriculum/README.md");

    private final Path root;
    private final Map<String, Page> pages = new LinkedHashMap<>();
    private final List<ApiModule> modules = new ArrayList<>();

    private Repository(Path root) {
        this.root = root;
    }

    /**
     * Reads the pages of a repository.
     *
     * @param root folder of the checkout
     * @throws UncheckedIOException if a page cannot be read
     */
    static Repository read(Path root) {
        Repository repository = new Repository(root);
        for (String source : repository.sources()) {
            repository.pages.put(source, Page.of(source, repository.text(source)));
        }
        for (String folder : List.of("", "evaluation", "server", "langchain4j", "spring", "junit", "spark")) {
            ApiModule.of(root, folder).ifPresent(repository.modules::add);
        }
        return repository;
    }

    private List<String> sources() {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root.resolve("docs"))) {
            files.map(this::name).filter(name -> name.endsWith(".md")).sorted().forEach(sources::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        OTHER_PAGES.stream().filter(this::exists).forEach(sources::add);
        return sources;
    }

    private String name(Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }

    Path root() {
        return root;
    }

    Collection<Page> pages() {
        return pages.values();
    }

    List<ApiModule> modules() {
        return modules;
    }

    Optional<Page> page(String source) {
        return Optional.ofNullable(pages.get(source));
    }

    /** The page of a folder, if it has one. */
    Optional<Page> pageOfFolder(String folder) {
        return page(folder.isEmpty() ? "README.md" : folder + "/README.md");
    }

    boolean exists(String name) {
        return !name.startsWith("target/") && Files.exists(root.resolve(name));
    }

    /** The page of a public class in the Javadoc, if the file is the source of one. */
    Optional<String> apiPage(String name) {
        return modules.stream()
                .flatMap(module -> module.page(root, name).stream())
                .findFirst();
    }

    String text(String name) {
        try {
            return Files.readString(root.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A module of which the Javadoc is on the site.
     *
     * @param artifact name of the Maven artifact, and of the folder below {@code api/}
     * @param module name in {@code module-info.java}, or empty
     * @param sources folder of the sources in the repository
     * @param packages exported packages
     */
    record ApiModule(String artifact, String module, String sources, List<String> packages) {

        private static final Pattern ARTIFACT =
                Pattern.compile("</parent>.*?<artifactId>(lem[a-z0-9-]*)</artifactId>", Pattern.DOTALL);
        private static final Pattern MODULE = Pattern.compile("^(?:open )?module ([a-z0-9.]+)", Pattern.MULTILINE);
        private static final Pattern EXPORTS = Pattern.compile("^\\s*exports ([a-z0-9.]+);", Pattern.MULTILINE);

        static Optional<ApiModule> of(Path root, String folder) {
            Path base = root.resolve(folder);
            Path sources = base.resolve("src/main/java");
            if (!Files.exists(base.resolve("pom.xml")) || !Files.isDirectory(sources)) {
                return Optional.empty();
            }
            try {
                String artifact = first(ARTIFACT, Files.readString(base.resolve("pom.xml")));
                String name = root.relativize(sources).toString().replace('\\', '/');
                Path descriptor = sources.resolve("module-info.java");
                if (Files.exists(descriptor)) {
                    String text = Files.readString(descriptor);
                    List<String> exported = EXPORTS.matcher(text)
                            .results()
                            .map(match -> match.group(1))
                            .toList();
                    return Optional.of(new ApiModule(artifact, first(MODULE, text), name, exported));
                }
                try (Stream<Path> files = Files.walk(sources)) {
                    List<String> all = files.filter(file -> file.endsWith("package-info.java"))
                            .map(file -> sources.relativize(file.getParent())
                                    .toString()
                                    .replaceAll("[/\\\\]", "."))
                            .filter(each -> !each.contains(".internal"))
                            .sorted()
                            .toList();
                    return Optional.of(new ApiModule(artifact, "", name, all));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String first(Pattern pattern, String text) {
            return pattern.matcher(text)
                    .results()
                    .map(match -> match.group(1))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("nothing in the file matches " + pattern));
        }

        String folder() {
            return "api/" + artifact + "/" + (module.isEmpty() ? "" : module + "/");
        }

        private Optional<String> page(Path root, String name) {
            if (!name.startsWith(sources + "/") || !name.endsWith(".java")) {
                return Optional.empty();
            }
            String type = name.substring(sources.length() + 1, name.length() - ".java".length());
            int slash = type.lastIndexOf('/');
            String simple = type.substring(slash + 1);
            if (slash < 0 || !packages.contains(type.substring(0, slash).replace('/', '.'))) {
                return Optional.empty();
            }
            if (simple.equals("package-info")) {
                return Optional.of(folder() + type.substring(0, slash) + "/package-summary.html");
            }
            try {
                boolean isPublic = Pattern.compile(
                                "^public [a-z -]*(?:class|interface|record|enum|@interface) " + simple + "\\b",
                                Pattern.MULTILINE)
                        .matcher(Files.readString(root.resolve(name)))
                        .find();
                return isPublic ? Optional.of(folder() + type + ".html") : Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
