package io.lethean.lem.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteWriterTest {

    @TempDir
    private Path folder;

    private SmallRepository pages;
    private Path site;

    @BeforeEach
    void makePages() throws IOException {
        pages = SmallRepository.in(folder.resolve("repository"));
        site = folder.resolve("site");
    }

    private String written(String file) throws IOException {
        return Files.readString(site.resolve(file));
    }

    @Test
    void pageHasItsTextItsMenuAndLinksThatLeadSomewhere() throws IOException {
        int count = new SiteWriter(pages.rules(), site).write();

        assertThat(count).isEqualTo(3 + 1 + 1);
        assertThat(written("one.html"))
                .contains("<h2 id=\"a-part\">A part</h2>")
                .contains("<a href=\"two.html#another-part\">two</a>")
                .contains("<a href=\"files/data/a.txt.html\">a file</a>")
                .contains("<li><a href=\"one.html\" aria-current=\"page\">One</a><ul>")
                .contains("<li><a href=\"two.html\">Two</a></li>");
        assertThat(written("two.html")).contains("<a href=\"api/lem/m/p/A.html#m()\">a class</a>");
        assertThat(written("files/data/a.txt.html"))
                .contains("<pre><code>a &lt; b\n</code></pre>")
                .contains("6 bytes");
        HtmlCheck check = HtmlCheck.of(site, false);
        assertThat(check.faults()).isEmpty();
        assertThat(check.links()).isGreaterThan(20);
    }

    @Test
    void commentsForTests_areNotShown() throws IOException {
        pages.write("docs/one.md", "# One\n\n<!-- setup\nsecret\n-->\n```sh\nshown\n```\n");
        new SiteWriter(pages.rules(), site).write();

        assertThat(written("one.html"))
                .contains("shown")
                .doesNotContain("secret")
                .doesNotContain("<!--");
    }

    @Test
    void nothingComesFromElsewhere() throws IOException {
        new SiteWriter(pages.rules(), site).write();

        assertThat(written("index.html"))
                .doesNotContain("src=\"http")
                .doesNotContain("<script")
                .doesNotContain("href=\"http");
        assertThat(written("style.css"))
                .doesNotContain("url(")
                .doesNotContain("@import")
                .contains("prefers-color-scheme: dark");
    }

    @Test
    void missingJavadocPagesAndAnchors_areFaults() throws IOException {
        new SiteWriter(pages.rules(), site).write();

        assertThat(HtmlCheck.of(site, true).faults())
                .anySatisfy(fault -> assertThat(fault)
                        .isEqualTo("two.html: api/lem/m/p/A.html#m() leads to api/lem/m/p/A.html, which is not there"));

        Path api = site.resolve("api/lem/m/p/A.html");
        Files.createDirectories(api.getParent());
        Files.writeString(api, "<section id=\"n()\">");
        Files.writeString(site.resolve("api/lem/index.html"), "");
        assertThat(HtmlCheck.of(site, true).faults())
                .containsExactly(
                        "two.html: api/lem/m/p/A.html#m() leads to an anchor that api/lem/m/p/A.html does not have");

        Files.writeString(api, "<section id=\"m()\">");
        assertThat(HtmlCheck.of(site, true).faults()).isEmpty();
    }
}
