package io.lethean.lem.evaluation.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.MalformedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AxiomKernelTest {

    private static final String TEXT = """
            {"framework": "x",
              "meta": {"hierarchy": [1,2 , 3], "nature": "n"},
              "axioms": [
                {"id": 1, "name": "first", "deep": {"name": "no", "a": [1, {"b": 2}]}},
                {"id": 2,  "name":"second"},
                {"id": 3, "name": "third"}
              ],
              ">>": 1, ">>": "twice"}
            """;

    private static AxiomKernel of(String text) throws MalformedDataException {
        return AxiomKernel.of(Path.of("kernel.json"), Kernel.ofText("json", text));
    }

    @Test
    void oneAxiomAlone_leavesTheRestOfTheTextAsItIs() throws IOException {
        Kernel second = of(TEXT).alone().get(1);

        assertThat(second.name()).isEqualTo("only-second");
        assertThat(second.text()).isEqualTo("""
                {"framework": "x",
                  "meta": {"hierarchy": [2], "nature": "n"},
                  "axioms": [
                    {"id": 2,  "name":"second"}
                  ],
                  ">>": 1, ">>": "twice"}
                """);
    }

    @Test
    void oneAxiomLeftOut_leavesTheOthersInTheirOrder() throws IOException {
        List<Kernel> without = of(TEXT).without();

        assertThat(without)
                .extracting(Kernel::name)
                .containsExactly("without-first", "without-second", "without-third");
        assertThat(without.get(1).text())
                .isEqualTo(TEXT.replace("[1,2 , 3]", "[1,3]").replace("    {\"id\": 2,  \"name\":\"second\"},\n", ""));
        assertThat(of(TEXT).whole().text()).isEqualTo(TEXT);
    }

    @Test
    void axiomsBeforeTheHierarchy_areCutAsWell() throws IOException {
        String text = "{\"axioms\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"meta\":{\"hierarchy\":[\"a\",\"b\"]}}";

        assertThat(of(text).axioms()).containsExactly("a", "b");
        assertThat(of(text).alone().getLast().text())
                .isEqualTo("{\"axioms\":[{\"id\":\"b\"}],\"meta\":{\"hierarchy\":[\"b\"]}}");
    }

    @Test
    void ourOwnKernel_comesApartIntoValidJson() throws IOException {
        Path file = Path.of("kernel/axioms.json");
        AxiomKernel kernel = AxiomKernel.of(file, Kernel.read("json", file));

        assertThat(kernel.axioms()).hasSize(5).first().isEqualTo("prime-imperative");
        for (int i = 0; i < 5; i++) {
            JsonNode alone = JsonMapper.shared().readTree(kernel.alone().get(i).text());
            JsonNode without =
                    JsonMapper.shared().readTree(kernel.without().get(i).text());
            assertThat(alone.get("axioms").size()).isEqualTo(1);
            assertThat(alone.at("/axioms/0/id").asInt()).isEqualTo(i + 1);
            assertThat(alone.at("/meta/hierarchy").toString()).isEqualTo("[" + (i + 1) + "]");
            assertThat(without.get("axioms").size()).isEqualTo(4);
            assertThat(without.at("/meta/hierarchy").size()).isEqualTo(4);
            assertThat(without.get("axioms").toString()).doesNotContain("\"id\":" + (i + 1) + ",");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Be kind. | it is not JSON",
                "[1] | it is not a JSON object",
                "{\"a\": 1} {\"b\": 2} | more follows after the first JSON object",
                "{\"rules\": []} | it has no \"axioms\" that can be told apart",
                "{\"axioms\": [{\"id\": 1}]} | it has no \"axioms\" that can be told apart",
                "{\"axioms\": [{\"id\": 1}, {\"id\": 1}]} | it has no \"axioms\" that can be told apart",
                "{\"axioms\": [\"a\", \"b\"]} | an axiom is not an object",
            })
    void otherShapes_areRefusedByASentence(String text, String problem) {
        assertThatThrownBy(() -> of(text))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageStartingWith("kernel.json: " + problem)
                .hasMessageEndingWith("one object with \"axioms\".");
    }

    @Test
    void aBlankKernelFile_isNoKernel() throws IOException {
        Path file = Files.createTempFile("kernel", ".json");

        assertThatThrownBy(() -> Kernel.read("json", file)).hasMessageContaining("is empty");

        Files.delete(file);
    }
}
