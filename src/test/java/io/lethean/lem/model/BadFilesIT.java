package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.ChildJvm;
import io.lethean.lem.InvalidModelException;
import io.lethean.lem.LemException;
import io.lethean.lem.internal.gguf.BadGgufFiles;
import io.lethean.lem.internal.gguf.BadGgufFiles.Case;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every file of the catalogue, through the whole of loading and generating, in a JVM of its own that has to survive. */
class BadFilesIT {

    private static final String REFUSED = "refused by llama.cpp";
    private static final String RAN = "ran";

    @TempDir
    private Path folder;

    @Test
    void everyBadFileIsATypedError_andEveryHarmlessOneRuns() throws IOException {
        ChildJvm child = ChildJvm.run(EveryFile.class, folder.toString());
        Map<String, String> results = results(child.output());
        Map<String, Integer> counts = new TreeMap<>();
        for (Case file : BadGgufFiles.all(folder)) {
            String result = results.get(file.name());
            assertThat(result)
                    .as("%s, of a child that ended with %d:%n%s", file, child.exitCode(), child.output())
                    .isNotNull();
            counts.merge(result.startsWith("rule") ? "refused by a rule" : result, 1, Integer::sum);
            switch (file.expectation()) {
                case REFUSED_BY_RULE ->
                    assertThat(result)
                            .as(file.name())
                            .isEqualTo("rule " + file.rule().id());
                case REFUSED_BY_LLAMA -> assertThat(result).as(file.name()).startsWith(REFUSED);
                case LOADS -> assertThat(result).as(file.name()).startsWith(RAN);
            }
        }
        assertThat(child.exitCode()).isZero();
        assertThat(counts.get("refused by a rule")).isGreaterThan(50);
        System.err.println("bad files: " + counts);
    }

    private static Map<String, String> results(String output) {
        Map<String, String> results = new HashMap<>();
        output.lines()
                .map(line -> line.split("\t"))
                .filter(line -> line.length == 3 && line[0].equals("RESULT"))
                .forEach(line -> results.put(line[1], line[2]));
        return results;
    }

    /** What the child runs. */
    static final class EveryFile {

        private EveryFile() {}

        public static void main(String[] arguments) throws IOException {
            Path folder = Path.of(arguments[0]);
            for (Case file : BadGgufFiles.all(folder)) {
                System.out.println("TRYING\t" + file.name());
                System.out.println("RESULT\t" + file.name() + "\t" + result(file.write(folder)));
            }
        }

        private static String result(Path path) throws IOException {
            ModelOptions options = ModelOptions.builder()
                    .threads(1)
                    .contextTokens(256)
                    .device("cpu")
                    .build();
            try (LemModel model = LemModel.load(path, options)) {
                return use(model);
            } catch (InvalidModelException e) {
                return e.rule().equals("llama.cpp") ? REFUSED : "rule " + e.rule();
            } catch (LemException e) {
                return REFUSED + " with a " + e.getClass().getSimpleName();
            }
        }

        private static String use(LemModel model) {
            try {
                Generation text = model.generate(
                        "a b", GenerationOptions.builder().maxTokens(4).build());
                model.detokenize(text.tokens());
                return RAN;
            } catch (LemException | IllegalArgumentException e) {
                // Loaded, but what it is asked for cannot be done with it.
                return RAN + " into a " + e.getClass().getSimpleName();
            }
        }
    }
}
