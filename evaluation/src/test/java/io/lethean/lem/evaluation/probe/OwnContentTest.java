package io.lethean.lem.evaluation.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.Fixtures;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.internal.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The kernels and probes that come with the project. */
class OwnContentTest {

    private static final int SHINGLE_WORDS = 6;

    private static final List<String> DOMAINS = List.of(
            "identity",
            "network",
            "storage",
            "compute",
            "payment",
            "hypnos",
            "governance",
            "education",
            "health",
            "culture",
            "history",
            "censorship",
            "wisdom",
            "resistance",
            "philosophy",
            "labor",
            "un-cloud",
            "silent network",
            "forgotten history",
            "ghost in the shell");

    @Test
    void probes_coverEveryDomainOnce() throws IOException {
        List<Probe> probes = ProbeFile.read(Path.of("seeds/P01-P20.json"));

        assertThat(probes).extracting(Probe::category).isEqualTo(DOMAINS);
        for (int index = 0; index < probes.size(); index++) {
            Probe probe = probes.get(index);
            assertThat(probe.id()).matches(String.format(Locale.ROOT, "P%02d(_[A-Z]+)+", index + 1));
            assertThat(probe.prompt().split(" ")).as(probe.id()).hasSizeBetween(40, 90);
        }
    }

    @Test
    void allProbes_coverEveryDomainFiveTimesAndAreTheFiveFilesInARow() throws IOException {
        List<Probe> all = ProbeFile.read(Path.of("seeds/P01-P100.json"));
        List<Probe> parts = new ArrayList<>();
        for (int first = 1; first < 100; first += 20) {
            parts.addAll(
                    ProbeFile.read(Path.of(String.format(Locale.ROOT, "seeds/P%02d-P%d.json", first, first + 19))));
        }

        assertThat(all).isEqualTo(parts).hasSize(100).extracting(Probe::prompt).doesNotHaveDuplicates();
        for (int index = 0; index < all.size(); index++) {
            Probe probe = all.get(index);
            assertThat(probe.id()).matches(String.format(Locale.ROOT, "P%02d(_[A-Z]+)+", index + 1));
            assertThat(probe.category()).isEqualTo(DOMAINS.get(index % DOMAINS.size()));
            assertThat(probe.prompt().split(" ")).as(probe.id()).hasSizeBetween(40, 120);
        }
    }

    @Test
    @SuppressWarnings("unchecked") // the shape is what is tested
    void axioms_haveThePublishedShape() throws IOException {
        Map<String, Object> kernel = (Map<String, Object>)
                Json.parse(Kernel.read("json=kernel/axioms.json").text());

        assertThat(kernel.keySet())
                .containsExactly("framework", "version", "license", "origin", "meta", "axioms", "extensions");
        assertThat((Map<String, Object>) kernel.get("meta"))
                .containsEntry("override", 1L)
                .containsEntry("hierarchy", List.of(1L, 2L, 3L, 4L, 5L))
                .containsOnlyKeys("override", "hierarchy", "nature", "description");
        List<Map<String, Object>> axioms = (List<Map<String, Object>>) kernel.get("axioms");
        assertThat(axioms)
                .extracting(axiom -> axiom.get("name"))
                .containsExactly(
                        "prime-imperative",
                        "self-validation",
                        "intent-alignment",
                        "inter-substrate-respect",
                        "benevolent-intervention");
        assertThat(axioms)
                .extracting(axiom -> axiom.get("function"))
                .containsExactly("meta-override", "grounding", "motivation", "protocol", "boundary");
        assertThat(axioms)
                .allSatisfy(axiom -> assertThat(axiom.keySet())
                        .containsExactly("id", "name", "statement", "function", "resolution"));
        assertThat((Map<String, Object>) kernel.get("extensions")).containsOnlyKeys("$ref", "loaded");
    }

    @Test
    void proseKernel_isShortEnoughForASmallContext() throws IOException {
        assertThat(Kernel.read("txt=kernel/lek-1-kernel.txt").text().split("\\s+"))
                .hasSizeBetween(250, 400);
    }

    @Test
    void wording_isOurOwn() throws IOException {
        Set<String> published = shingles(Fixtures.require("lem/kernel"));
        published.addAll(shingles(Fixtures.require("lem/seeds")));

        Set<String> ours = shingles(Path.of("kernel"));
        ours.addAll(shingles(Path.of("seeds")));

        assertThat(published).hasSizeGreaterThan(3000);
        assertThat(ours).hasSizeGreaterThan(2000).doesNotContainAnyElementsOf(published);
    }

    /** Every run of six words in a folder's files, the keys of a JSON object aside. */
    private static Set<String> shingles(Path folder) throws IOException {
        Set<String> shingles = new HashSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> !path.endsWith("README.md")).toList()) {
                String text = Files.readString(file).replaceAll("\"\\w+\":|\"[A-Z0-9_]+\"", "\n");
                for (String part : text.toLowerCase(Locale.ROOT).split("\n|\",")) {
                    addShingles(
                            shingles,
                            part.replaceAll("[^\\p{L}\\p{N}]+", " ").strip().split(" "));
                }
            }
        }
        return shingles;
    }

    private static void addShingles(Set<String> shingles, String[] words) {
        for (int from = 0; from + SHINGLE_WORDS <= words.length; from++) {
            shingles.add(String.join(" ", Arrays.copyOfRange(words, from, from + SHINGLE_WORDS)));
        }
    }
}
