package io.lethean.lem.site;

import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.spi.ToolProvider;

/** The Javadoc of the modules, made by the JDK's own tool: a folder for each module, with links between them. */
final class ApiDocs {

    private final Repository repository;
    private final Path output;
    private final List<String> classPath;

    ApiDocs(Repository repository, Path output, String classPath) {
        this.repository = repository;
        this.output = output;
        this.classPath = Arrays.asList(classPath.split(File.pathSeparator));
    }

    /**
     * Writes the Javadoc.
     *
     * @throws IllegalStateException if the tool fails; the message has what it printed
     */
    void write() {
        ToolProvider javadoc = ToolProvider.findFirst("javadoc")
                .orElseThrow(() -> new IllegalStateException("this Java runtime has no javadoc; start with a JDK"));
        List<Repository.ApiModule> written = new ArrayList<>();
        for (Repository.ApiModule module : repository.modules()) {
            StringWriter printed = new StringWriter();
            PrintWriter printer = new PrintWriter(printed);
            int status =
                    javadoc.run(printer, printer, arguments(module, written).toArray(String[]::new));
            if (status != 0) {
                throw new IllegalStateException("javadoc of " + module.artifact() + " failed:\n" + printed);
            }
            written.add(module);
        }
    }

    private List<String> arguments(Repository.ApiModule module, List<Repository.ApiModule> written) {
        Path sources = repository.root().resolve(module.sources());
        List<String> arguments = new ArrayList<>(List.of(
                "-quiet",
                "-Xdoclint:none",
                "--no-fonts",
                "-encoding",
                "UTF-8",
                "-docencoding",
                "UTF-8",
                "-charset",
                "UTF-8"));
        arguments.addAll(
                List.of("-d", output.resolve("api").resolve(module.artifact()).toString()));
        arguments.addAll(List.of("-windowtitle", module.artifact(), "-notimestamp"));
        for (Repository.ApiModule other : written) {
            arguments.addAll(List.of(
                    "-linkoffline",
                    "../" + other.artifact(),
                    output.resolve("api").resolve(other.artifact()).toString()));
        }
        if (module.module().isEmpty()) {
            // Annotations of optional dependencies, which are not on the class path of the site.
            arguments.add("--ignore-source-errors");
            arguments.addAll(List.of("-classpath", String.join(File.pathSeparator, classPath)));
            arguments.addAll(List.of("-sourcepath", sources.toString()));
            arguments.addAll(module.packages());
        } else {
            arguments.addAll(List.of("--module-path", String.join(File.pathSeparator, modulePath())));
            arguments.addAll(List.of("--module-source-path", module.module() + "=" + sources));
            arguments.addAll(List.of("--module", module.module()));
        }
        return arguments;
    }

    /** Jars only: the native libraries are in a jar of their own, and Spring's jars have no part in modules of ours. */
    private List<String> modulePath() {
        return classPath.stream()
                .filter(entry -> entry.endsWith(".jar") && Files.exists(Path.of(entry)))
                .filter(entry -> !entry.contains("spring") && !entry.contains("langchain4j"))
                .toList();
    }
}
