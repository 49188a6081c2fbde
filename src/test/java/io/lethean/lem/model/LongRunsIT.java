package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.ChildJvm;
import io.lethean.lem.LlamaSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No text ends the JVM or takes longer than its length explains, whichever tokenizer the model has. */
class LongRunsIT {

    private static final int TOKENIZERS_PER_CHILD = 12;
    private static final int MAX_MILLIS = 10_000;

    /** Their tokens are UTF-8, of which the test's vocabulary, made of single bytes, has the ASCII characters only. */
    private static final Set<String> WITHOUT_BYTES =
            Set.of("gemma4", "granite-embed-multi-311m", "sarvam-moe", "whitespace");

    @TempDir
    Path folder;

    /** The time that a run took, and its result. */
    private record Run(long millis, String outcome) {}

    private Map<String, Run> runs(List<String> tokenizers, List<String> failures) {
        Map<String, Run> runs = new HashMap<>();
        List<String> arguments = new ArrayList<>(List.of(folder.toString()));
        arguments.addAll(tokenizers);
        ChildJvm child = ChildJvm.run(LongRuns.class, arguments.toArray(String[]::new));
        child.output().lines().filter(line -> line.startsWith("RUN ")).forEach(line -> {
            String[] words = line.split(" ", 5);
            runs.put(words[1] + " " + words[2], new Run(Long.parseLong(words[3]), words[4]));
        });
        if (child.exitCode() != 0) {
            failures.add("exit code " + child.exitCode() + " after " + runs.size() + " runs of " + tokenizers + ": "
                    + child.output().lines().reduce((first, second) -> second).orElse(""));
        }
        return runs;
    }

    private static void check(String tokenizer, Map<String, Run> runs, List<String> failures) {
        boolean bytes = tokenizer.startsWith("gpt2:") && !WITHOUT_BYTES.contains(tokenizer.substring(5));
        LongRuns.KINDS.forEach((kind, character) -> {
            Run run = runs.get(tokenizer + " " + kind);
            int length = character.getBytes(StandardCharsets.UTF_8).length;
            boolean right = run != null
                    && run.millis() < MAX_MILLIS
                    && (!bytes || run.outcome().equals(LongRuns.CHARACTERS * length + " tokens"));
            if (!right) {
                failures.add(tokenizer + " " + kind + ": " + run);
            }
        });
    }

    @Test
    void everyPreTokenizerOfLlamaCpp_takesRunsOfEveryKindOnASmallStack() {
        List<String> names =
                LlamaSource.preTokenizers().stream().map(name -> "gpt2:" + name).toList();
        assertThat(names).hasSizeGreaterThan(80).contains("gpt2:gpt-4o", "gpt2:falcon", "gpt2:superbpe");
        List<String> failures = new ArrayList<>();
        for (int from = 0; from < names.size(); from += TOKENIZERS_PER_CHILD) {
            List<String> part = names.subList(from, Math.min(names.size(), from + TOKENIZERS_PER_CHILD));
            Map<String, Run> runs = runs(part, failures);
            part.forEach(name -> check(name, runs, failures));
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void everyOtherTokenizerOfLlamaCpp_takesRunsOfEveryKindOnASmallStack() {
        List<String> tokenizers = List.of(
                "llama:default",
                "bert:default",
                "t5:default",
                "rwkv:default",
                "plamo2:default",
                "gemma4:gemma4",
                "hybriddna:gpt-2",
                "whitespace:whitespace");
        List<String> failures = new ArrayList<>();
        Map<String, Run> runs = runs(tokenizers, failures);
        tokenizers.forEach(tokenizer -> check(tokenizer, runs, failures));
        assertThat(failures).isEmpty();
        assertThat(runs.get("llama:default emoji").outcome()).isEqualTo("400001 tokens");
        assertThat(runs.get("rwkv:default emoji").outcome()).isEqualTo("400000 tokens");
        assertThat(runs.get("plamo2:default emoji").outcome()).isEqualTo("400000 tokens");
    }

    @Test
    void everyWayIntoAModel_answersForALongRun_onPlatformAndVirtualThreads() {
        ChildJvm child = ChildJvm.run(LongPrompts.class, folder.toString(), "gpt-4o:Z", "falcon:=", "superbpe:7");
        List<String> expected = new ArrayList<>();
        for (String pre : List.of("gpt-4o", "falcon", "superbpe")) {
            for (String thread : List.of("platform", "virtual")) {
                String name = "CALL " + pre + " " + thread;
                expected.add(name + " tokenize = 100000");
                expected.add(name + " promptTokens = 100000");
                expected.add(name + " chat = ContextOverflowException");
                expected.add(name + " generate = ContextOverflowException");
            }
            expected.add("CALL " + pre + " train = 1 iteration");
        }
        assertThat(child.output().lines().filter(line -> line.startsWith("CALL ")))
                .as(child.output())
                .containsExactlyElementsOf(expected);
        assertThat(child.exitCode()).isZero();
    }

    @Test
    void aTextOfControlTokens_takesTimeInProportionToTheirNumber() throws Exception {
        try (LemModel model = LemModel.load(TokenizerModels.write(folder, "gpt2", "gpt-2"), TokenizerModels.OPTIONS)) {
            List<Integer> marker = model.tokenize("<|im_end|>", false, true);
            List<Integer> letter = model.tokenize("Z", false, true);
            assertThat(marker).hasSize(1);
            long start = System.nanoTime();
            List<Integer> tokens = model.tokenize("<|im_end|>Z".repeat(LongRuns.CHARACTERS), false, true);
            assertThat((System.nanoTime() - start) / 1_000_000).isLessThan(MAX_MILLIS);
            assertThat(tokens).hasSize(2 * LongRuns.CHARACTERS);
            assertThat(tokens.subList(0, 4))
                    .isEqualTo(List.of(marker.get(0), letter.get(0), marker.get(0), letter.get(0)));
            assertThat(Set.copyOf(tokens)).containsExactlyInAnyOrder(marker.get(0), letter.get(0));
        }
    }
}
