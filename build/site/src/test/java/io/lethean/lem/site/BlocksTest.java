package io.lethean.lem.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.site.Block.Mark;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlocksTest {

    private final List<String> faults = new ArrayList<>();

    private Block only(String text) {
        List<Block> blocks = Blocks.of(Page.of("docs/one.md", "# One\n\n" + text), faults::add);
        assertThat(blocks).hasSize(1);
        return blocks.getFirst();
    }

    @Test
    void commentsBeforeABlock_areRead() {
        Block block = only("""
                <!-- setup
                cp a b
                -->
                <!-- not run "make", "./lem pull": network: the hub -->
                ```sh
                make all \\
                    fast
                ./lem chat
                ./lem pull default
                ```
                """);

        assertThat(faults).isEmpty();
        assertThat(block.setup()).isEqualTo("cp a b\n");
        assertThat(block.marks()).containsExactly(new Mark.NotRun(List.of("make", "./lem pull"), "network", "the hub"));
        assertThat(block.runText()).isEqualTo("./lem chat\n");
        assertThat(block.isLeftOut()).isFalse();
        assertThat(block.place()).isEqualTo("docs/one.md:7");
    }

    @Test
    void blockWithoutAComment_isRunWhole() {
        Block block = only("text\n```sh\n./lem chat\n```\n");

        assertThat(block.isLeftOut()).isFalse();
        assertThat(block.marks()).isEmpty();
        assertThat(block.runText()).isEqualTo("./lem chat\n");
    }

    @Test
    void otherMarks_areRead() {
        assertThat(only("<!-- not run: GPU: it needs one -->\n```sh\na\n```\n").isLeftOut())
                .isTrue();
        assertThat(only("<!-- tested by FooTest -->\n```java\na\n```\n").marks())
                .containsExactly(new Mark.TestedBy("FooTest"));
        assertThat(only("<!-- compiled only: no model -->\n```java\na\n```\n").marks())
                .containsExactly(new Mark.CompiledOnly("no model"));
        assertThat(only("<!-- output -->\n```text\na\n```\n").marks()).containsExactly(new Mark.Output());
        assertThat(only("<!-- background \"Serving\" -->\n```sh\na\n```\n").marks())
                .containsExactly(new Mark.Background("Serving"));
        assertThat(faults).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    <!-- not run: later: not yet -->  | sh   | is not a kind of reason
                    <!-- not run: GPU -->             | sh   | is not one that the tests know
                    <!-- ignore -->                   | sh   | is not one that the tests know
                    <!-- output -->                   | bash | the language of a block must be one of
                    """)
    void blockThatCannotBeRead_isAFault(String comment, String language, String reason) {
        only(comment + "\n```" + language + "\na\n```\n");

        assertThat(faults)
                .hasSize(1)
                .first()
                .asString()
                .startsWith("docs/one.md:4")
                .contains(reason);
    }

    @Test
    void codeWithoutALanguage_isAFault() {
        only("```\na\n```\n");
        Blocks.of(Page.of("docs/one.md", "# One\n\ntext\n\n    ./lem chat\n"), faults::add);

        assertThat(faults)
                .hasSize(2)
                .last()
                .asString()
                .contains("docs/one.md:5: an indented block of code has no language");
    }
}
