package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lethean.lem.ChildJvm;
import io.lethean.lem.internal.gguf.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a context is predicted to take, and what the process gains by it. */
class ContextMemoryIT {

    private static final int LAYERS = 8;
    private static final int KV_HEADS = 8;
    private static final int HEAD_SIZE = 64;

    /** Bytes of a Q8_0 block of 32 values. */
    private static final int Q8_0_BLOCK = 34;

    @TempDir
    Path folder;

    @Test
    void memoryOfAContext_isPredictedWithinATenth() throws IOException {
        assumeTrue(ProcessMemory.isKnown(), "memory is read as Linux with glibc tells it");
        Path file = folder.resolve("model.gguf");
        RandomModel.llama(LAYERS, 512, 8, KV_HEADS, 128, 500).write(file, 1);
        // The second compiler takes 25 MB for seconds, which the process seems to gain.
        ChildJvm child = ChildJvm.run(
                List.of("-XX:TieredStopAtLevel=1"),
                ContextMemory.class,
                file.toString(),
                "2048/4/1/F16/F16",
                "2048/1/2/F32/F16",
                "1024/8/8/Q8_0/Q8_0");
        assertThat(child.exitCode()).as(child.output()).isZero();
        List<ContextMemory.Row> rows = child.output()
                .lines()
                .filter(line -> line.startsWith("| ") && line.contains("MiB"))
                .map(ContextMemory.Row::parse)
                .toList();
        System.out.println(child.output());
        assertThat(rows).hasSize(3);
        int values = LAYERS * KV_HEADS * HEAD_SIZE;
        assertThat(rows.stream().map(ContextMemory.Row::cache))
                .containsExactly(
                        2048L * 5 * values * (2 + 2),
                        2048L * 3 * values * (4 + 2),
                        1024L * 16 * values / 32 * 2 * Q8_0_BLOCK);
        assertThat(rows)
                .allSatisfy(row -> assertThat(row.ratio()).as(row.setting()).isCloseTo(1, within(0.1)));
    }
}
