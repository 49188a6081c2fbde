package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.internal.ffi.LlamaCpp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Keeps {@code includes.txt} as short as the code that we write needs it. The other direction needs no test: code that
 * uses a name that the list lacks does not compile.
 */
class IncludeListTest {

    private static final String PACKAGE = LlamaCpp.class.getPackageName();
    private static final String HEADER = LlamaCpp.class.getSimpleName();
    private static final Path GENERATED = Path.of("src/main/java", PACKAGE.split("\\."));
    private static final Pattern MEMBER = Pattern.compile(HEADER + "\\s*(?:\\.|::)\\s*(\\w+)");
    private static final Pattern TYPE = Pattern.compile(Pattern.quote(PACKAGE) + "\\.(\\w+)");

    private static Set<String> used(Pattern pattern, Stream<String> sources) {
        return sources.flatMap(text -> pattern.matcher(text).results())
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The sources of main, test and jmh, without the generated ones. */
    private static List<String> handWritten() throws IOException {
        try (Stream<Path> files = Stream.of("main", "test", "jmh")
                .map(kind -> Path.of("src", kind, "java"))
                .flatMap(IncludeListTest::javaFiles)) {
            return files.filter(file -> !file.startsWith(GENERATED))
                    .map(IncludeListTest::text)
                    .toList();
        }
    }

    private static Stream<Path> javaFiles(Path folder) {
        try {
            return Files.walk(folder).filter(file -> file.toString().endsWith(".java"));
        } catch (IOException e) {
            throw new AssertionError(folder + " is in the folder where the tests run.", e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(file + " was listed and could not be read.", e);
        }
    }

    @Test
    void functionOrConstantThatNoCodeUses_isNotListed() throws IOException {
        Set<String> used = used(MEMBER, handWritten().stream());

        assertThat(Pin.names("function")).isNotEmpty().as("run make bindings").isSubsetOf(used);
        assertThat(Pin.names("constant")).isNotEmpty().as("run make bindings").isSubsetOf(used);
    }

    @Test
    void structOrCallbackThatNoCodeUses_isNotListed() throws IOException {
        Set<String> used = used(TYPE, handWritten().stream());
        Stream<String> generated = Stream.of(text(GENERATED.resolve(HEADER + ".java")));
        Set<String> passed = used(Pattern.compile("(\\w+)\\.layout\\(\\)"), generated);

        assertThat(Pin.names("typedef")).isNotEmpty().as("run make bindings").isSubsetOf(used);
        used.addAll(passed);
        assertThat(Pin.names("struct")).isNotEmpty().as("run make bindings").isSubsetOf(used);
    }

    @Test
    void usesAreFound_acrossLinesAndAsMethodReferences() {
        String calls = "#.ggml_add(c); free(#::ggml_free); #\n    .ggml_mul(c)".replace("#", HEADER);

        assertThat(used(MEMBER, Stream.of(calls))).containsExactly("ggml_add", "ggml_free", "ggml_mul");
        assertThat(used(TYPE, Stream.of("import " + PACKAGE + ".ggml_tensor;"))).containsExactly("ggml_tensor");
    }
}
