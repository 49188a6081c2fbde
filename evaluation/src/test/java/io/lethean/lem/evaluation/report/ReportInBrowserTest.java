package io.lethean.lem.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.evaluation.experiment.Experiment;
import io.lethean.lem.evaluation.score.Scorers;
import io.lethean.lem.evaluation.stats.Bootstrap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page as a person meets it. With the property {@code lem.screenshot} the picture is written to that file. */
@Timeout(180)
class ReportInBrowserTest {

    @TempDir
    private Path folder;

    private Path page() throws IOException {
        Path run = MadeUpRun.large().write(folder.resolve("run.jsonl"));
        ResultFile file = ResultFile.read(run, Scorers.named("v2"), Map.of());
        return Files.writeString(folder.resolve("report.html"), new RunReport(file, Bootstrap.defaults()).html());
    }

    @Test
    void filtersShowTheProbesThatFitAndTheirNumber() throws IOException, InterruptedException {
        Path page = page();
        try (Browser browser = Browser.open()) {
            browser.go(page);
            assertThat(count(browser)).isEqualTo("24 of 24 probes");
            browser.click("#category option[value='health']");
            assertThat(count(browser)).isEqualTo("8 of 24 probes");
            assertThat(browser.script("return document.querySelectorAll('.probe:not([hidden])').length"))
                    .isEqualTo("8");
            browser.click("#flag option[value='empty']");
            assertThat(count(browser)).isEqualTo("1 of 24 probes");
            browser.click("#category option[value='']");
            browser.click("#flag option[value='special-tokens-only']");
            assertThat(count(browser)).isEqualTo("1 of 24 probes");
            browser.click("#flag option[value='none']");
            browser.type("#text", "question 12");
            assertThat(count(browser)).isEqualTo("1 of 24 probes");
        }
    }

    @Test
    void thePageIsDrawnWithoutErrorsAndWithoutANetwork() throws IOException, InterruptedException {
        Path page = page();
        try (Browser browser = Browser.open()) {
            browser.go(page);
            assertThat(browser.script("return performance.getEntriesByType('resource').length"))
                    .isEqualTo("0");
            assertThat(browser.script("return document.querySelectorAll('svg.differences').length"))
                    .isEqualTo("2");
            assertThat(browser.script("return document.querySelectorAll('svg.differences circle').length"))
                    .isEqualTo("48");
            assertThat(browser.script("return document.documentElement.scrollWidth <= innerWidth"))
                    .isEqualTo("true");
            browser.click(".probe summary");
            assertThat(browser.script("return getComputedStyle(document.querySelector('article mark.nuance'))"
                            + ".backgroundColor !== 'rgba(0, 0, 0, 0)'"))
                    .isEqualTo("true");
            browser.script("scrollTo(0, 0)");
            byte[] picture = browser.screenshot();
            assertThat(picture).startsWith(0x89, 'P', 'N', 'G');
            keep(picture);
        }
    }

    @Test
    void pagesOfComparisonsAndExperiments_areDrawnWithoutErrors() throws IOException, InterruptedException {
        ResultFile run =
                ResultFile.read(MadeUpRun.large().write(folder.resolve("run.jsonl")), Scorers.named("v2"), Map.of());
        Path comparison = Files.writeString(
                folder.resolve("comparison.html"), new ResultComparison(run, run, Bootstrap.defaults()).html());
        Experiment question = Experiment.realignment(List.of("m"), List.of("json", "txt"));
        Path experiment = Files.writeString(
                folder.resolve("experiment.html"),
                new ExperimentReport(question, Map.of("m", run), Bootstrap.defaults()).html());
        try (Browser browser = Browser.open()) {
            browser.go(comparison);
            assertThat(browser.script("return document.querySelectorAll('svg.differences').length"))
                    .isEqualTo("3");
            browser.click("#category option[value='health']");
            assertThat(count(browser)).isEqualTo("8 of 24 probes");
            assertThat(browser.script("return document.querySelectorAll('.probe:first-of-type article').length"))
                    .isEqualTo("6");
            browser.go(experiment);
            assertThat(browser.script("return document.querySelectorAll('svg.signal circle').length"))
                    .isEqualTo("2");
            assertThat(browser.script("return document.documentElement.scrollWidth <= innerWidth"))
                    .isEqualTo("true");
        }
    }

    private static void keep(byte[] picture) throws IOException {
        String target = System.getProperty("lem.screenshot");
        if (target != null) {
            Files.write(Path.of(target), picture);
        }
    }

    private static String count(Browser browser) throws IOException, InterruptedException {
        return browser.script("return document.getElementById('count').value");
    }
}
