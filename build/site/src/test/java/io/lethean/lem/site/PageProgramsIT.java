package io.lethean.lem.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Compiles every {@code java} block of every page with the modules of this project, and runs it in a fresh folder. Statements are
 * the body of a {@code main}; classes and methods are compiled as they are, and so are lines of the setup that begin with
 * {@code static}. Exported packages are imported.
 */
@Tag("real")
class PageProgramsIT {

    private static final int SECONDS = 400;

    /** Their classes are imported; those of the adapters have equal names, so a page says which it means. */
    private static final Set<String> IMPORTED = Set.of("lem", "lem-evaluation", "lem-server", "lem-junit");

    @TestFactory
    Stream<DynamicTest> programs() {
        Repository repository = Repository.read(Path.of(""));
        List<String> faults = new ArrayList<>();
        List<Block> blocks = repository.pages().stream()
                .flatMap(page -> Blocks.of(page, faults::add).stream())
                .filter(block -> block.language().equals(Block.JAVA) && !block.isLeftOut())
                .toList();
        assertThat(faults).isEmpty();
        assertThat(blocks).hasSizeGreaterThan(10);
        return blocks.stream().map(block -> DynamicTest.dynamicTest(block.place(), () -> take(repository, block)));
    }

    private static void take(Repository repository, Block block) throws Exception {
        String name = "Line" + block.line();
        WorkFolder folder = WorkFolder.of(block.page().output().replace(".html", "") + "-java-" + block.line());
        Path source = Files.writeString(folder.path().resolve(name + ".java"), program(repository, block));
        compile(block, source, folder.path().resolve("classes"));
        if (!block.has(Block.Mark.CompiledOnly.class)) {
            run(block, folder, name);
        }
    }

    static String program(Repository repository, Block block) {
        StringBuilder imports = new StringBuilder();
        StringBuilder methods = new StringBuilder();
        StringBuilder setup = new StringBuilder();
        StringBuilder text = new StringBuilder();
        block.setup().lines().forEach(line -> add(line, imports, line.startsWith("static ") ? methods : setup));
        block.text().lines().forEach(line -> add(line, imports, text));
        repository.modules().stream()
                .filter(module -> IMPORTED.contains(module.artifact()))
                .flatMap(module -> module.packages().stream())
                .forEach(each -> imports.append("import ").append(each).append(".*;\n"));
        boolean declarations = text.toString()
                .lines()
                .anyMatch(line ->
                        line.matches("(@\\w+.*|void main\\(.*|(public |final )*(class|record|interface|enum) .*)"));
        if (!declarations) {
            return imports + "\n" + methods + "void main() throws Exception {\n" + setup + text + "}\n";
        }
        String main = text.toString().contains("void main(") ? "" : "void main() {}\n";
        return imports + "\n" + methods + setup + text + main;
    }

    private static void add(String line, StringBuilder imports, StringBuilder rest) {
        (line.startsWith("import ") ? imports : rest).append(line).append('\n');
    }

    private static void compile(Block block, Path source, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            boolean compiled = compiler.getTask(
                            messages,
                            files,
                            null,
                            List.of(
                                    "-proc:none",
                                    "-d",
                                    classes.toString(),
                                    "-cp",
                                    System.getProperty("java.class.path")),
                            null,
                            files.getJavaFileObjects(source))
                    .call();
            assertThat(compiled)
                    .as("%s does not compile:%n%s%n%s", block.place(), Files.readString(source), messages)
                    .isTrue();
        }
    }

    private static void run(Block block, WorkFolder folder, String name) throws Exception {
        Path output = folder.path().resolve(".output");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dlem.native.path=" + System.getProperty("lem.native.path", ""),
                        "-cp",
                        folder.path().resolve("classes") + File.pathSeparator + System.getProperty("java.class.path"),
                        name)
                .directory(folder.path().toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        folder.putEnvironment(builder.environment());
        long start = System.nanoTime();
        Process process = builder.start();
        boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        System.out.println(block.place() + ": " + (System.nanoTime() - start) / 1_000_000 + " ms");
        assertThat(ended)
                .as(block.place() + " runs for more than " + SECONDS + " s")
                .isTrue();
        assertThat(process.exitValue())
                .as("%s fails:%n%s", block.place(), Files.readString(output))
                .isZero();
    }
}
