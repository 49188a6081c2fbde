package io.lethean.lem.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.ChildJvm;
import io.lethean.lem.Fixtures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No change of a header ends the JVM. */
class GgufMutantsIT {

    private static final int MUTANTS = 2000;

    @TempDir
    Path folder;

    @Test
    void mutantsOfATrainedModelAreRefusedOrRun() {
        assertAllSurvived(Fixtures.require("models/stories260K-f32.gguf"), 1, MUTANTS);
    }

    @Test
    void mutantsOfAGemmaWithBytePairsAreRefusedOrRun() throws Exception {
        Path model = folder.resolve("gemma3.gguf");
        RandomModel.gemma3(7, 32, 4, 2, 48, 300)
                .tokenizer(RandomVocabulary.Kind.BYTE_PAIR)
                .write(model, 1);
        assertAllSurvived(model, 1, 300);
    }

    private static void assertAllSurvived(Path model, long first, int count) {
        ChildJvm child =
                ChildJvm.run(GgufMutants.class, model.toString(), String.valueOf(first), String.valueOf(count));
        List<String> seeds =
                child.output().lines().filter(line -> line.startsWith("SEED ")).toList();
        assertThat(child.exitCode())
                .as("the JVM ended, or ran out of time, in: %s", seeds.isEmpty() ? child.output() : seeds.getLast())
                .isZero();
        assertThat(seeds).hasSize(count);
        Map<String, Integer> outcomes = seeds.stream()
                .map(line -> line.split(" ", 3)[2])
                .collect(Collectors.toMap(outcome -> outcome, outcome -> 1, Integer::sum, java.util.TreeMap::new));
        System.err.println(count + " mutants of " + model.getFileName() + ", seeds from " + first + ": " + outcomes);
        assertThat(outcomes.keySet())
                .allMatch(outcome -> outcome.startsWith("refused by ") || outcome.equals("decoded"));
        assertThat(outcomes.get("decoded")).isPositive();
        assertThat(outcomes.get("refused by llama.cpp")).isPositive();
    }
}
