package io.lethean.lem.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesTest {

    @TempDir
    private Path root;

    private SmallRepository pages;

    @BeforeEach
    void makePages() throws IOException {
        pages = SmallRepository.in(root);
    }

    @Test
    void goodPages_haveNoFaults() {
        assertThat(pages.rules().faults()).isEmpty();
        assertThat(pages.rules().found().stream().map(Links.Found::target))
                .hasSize(5)
                .contains(new Target.OfApi("api/lem/m/p/A.html", "m()"), new Target.OfFile("data/a.txt"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    [x](three.md)                    | there is no file or folder docs/three.md
                    [x](two.md#a-part)               | docs/two.md has no heading with this anchor
                    [x](#another-part)               | docs/one.md has no heading with this anchor
                    [x](../data/b.txt)               | there is no file or folder data/b.txt
                    [x](../data/a.txt#a)             | is not a page
                    [x](../../elsewhere.txt)         | leaves the repository
                    [x](/docs/two.md)                | is an absolute path
                    [x](../target/a.txt)             | there is no file
                    ![x](picture.png)                | there is no file
                    text<br>text                     | HTML is not allowed
                    '# Another title'                | a page must have one title
                    """)
    void badText_isAFaultWithPageAndReason(String text, String reason) throws IOException {
        assertThat(pages.faultsWith(text))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("docs/one.md")
                .contains(reason);
    }

    @Test
    void classesThatAreNotPublicApi_areShownAsFiles() throws IOException {
        pages.write("docs/one.md", "# One\n\n[b](../src/main/java/p/B.java) [c](../src/main/java/q/C.java)\n");

        assertThat(pages.rules().faults()).isEmpty();
        assertThat(pages.rules().found().stream().map(Links.Found::target))
                .contains(new Target.OfFile("src/main/java/p/B.java"), new Target.OfFile("src/main/java/q/C.java"));
    }

    @Test
    void pageThatIsInNoList_isAFault() throws IOException {
        pages.write("docs/three.md", "# Three\n");

        assertThat(pages.rules().faults())
                .containsExactly("docs/README.md: docs/three.md must be in one list, and is in 0");
    }

    @Test
    void pagesWithTheSameFileInTheSite_areAFault() throws IOException {
        pages.write("ARCHITECTURE.md", "# How\n").write("docs/architecture.md", "# How again\n");
        pages.write(
                "docs/README.md",
                "# Home\n\n- [How](../ARCHITECTURE.md)\n- [How](architecture.md)\n- [One](one.md)\n- [Two](two.md)\n");

        assertThat(pages.rules().faults())
                .hasSize(2)
                .contains(
                        "ARCHITECTURE.md: docs/architecture.md would be the same file architecture.html of the site; give one"
                                + " of them another name");
    }

    @Test
    void filesOfTheSite_areNamedAfterThePages() {
        assertThat(List.of("docs/README.md", "docs/models.md", "models/README.md", "README.md", "docs/a/b.md"))
                .extracting(source -> Page.of(source, "# A\n").output())
                .containsExactly("index.html", "models.html", "models/index.html", "readme.html", "a/b.html");
    }

    @Test
    void pageOfTwoScreens_isTheLongest() throws IOException {
        String lines = "- a line\n".repeat(PageLength.LIMIT - 4);

        assertThat(pages.faultsWith(lines)).isEmpty();
        assertThat(pages.faultsWith(lines + "- one more\n"))
                .singleElement()
                .asString()
                .contains("the page has 121 lines of 100 characters");
    }

    @Test
    void exceptionThatIsNotNeeded_isAFault() {
        assertThat(Rules.check(Repository.read(root), Map.of("docs/one.md", "a table", "docs/gone.md", "a table"))
                        .faults())
                .containsExactlyInAnyOrder(
                        "docs/one.md: the page has 6 lines and needs no exception any more",
                        "the exception docs/gone.md is not a page");
    }

    @Test
    void lengthCountsWhatIsShown() {
        String text = "# Title\n\n" + "word ".repeat(41) + "\n\n```text\none\ntwo\n```\n\n| a | b |\n|---|---|\n| "
                + "x".repeat(101) + " | y |\n\n<!-- setup\nnothing of this\n-->\n";

        assertThat(PageLength.lines(Page.of("docs/one.md", text))).isEqualTo(2 + (3 + 1) + (2 + 1) + (1 + 1 + 2));
    }

    @Test
    void anchorsAreThoseOfGitHub() {
        assertThat(Page.of("docs/one.md", "# A `b` & c, d\n\n## What `x_y` cost?\n\n## Same\n\n## Same\n")
                        .anchors()
                        .values())
                .containsExactlyElementsOf(List.of("a-b--c-d", "what-x_y-cost", "same", "same-1"));
    }
}
