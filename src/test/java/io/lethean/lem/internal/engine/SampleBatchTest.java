package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SampleBatchTest {

    private static final int NONE = SampleBatch.NO_TARGET;

    @Test
    void compactBatch_hasTheRowsUpToTheLastTargetOfEachSample() {
        SampleBatch batch =
                new SampleBatch(4, new int[] {1, 2, 3, 4, 5, 6, 7, 8}, new int[] {NONE, 3, NONE, NONE, 6, 7, 8, NONE});

        SampleBatch compact = batch.compact();

        assertThat(Arrays.copyOf(compact.tokens(), 5)).containsExactly(1, 2, 5, 6, 7);
        assertThat(Arrays.copyOf(compact.targets(), 5)).containsExactly(NONE, 3, 6, 7, 8);
        assertThat(Arrays.copyOf(compact.segments(), 6)).containsExactly(0, 0, 1, 1, 1, 2);
        assertThat(compact.sequences()).isEqualTo(1);
        assertThat(compact.tokensPerSequence()).isEqualTo(32);
        assertThat(compact.targetCount()).isEqualTo(batch.targetCount());
    }

    @Test
    void packedSamplesStayApart_andOnesWithoutTargetsAreLeftOut() {
        SampleBatch batch =
                new SampleBatch(4, new int[] {1, 2, 3, 4}, new int[] {2, NONE, NONE, NONE}, new int[] {0, 0, 1, 1});

        SampleBatch compact = batch.compact();

        assertThat(Arrays.copyOf(compact.tokens(), 2)).containsExactly(1, 0);
        assertThat(Arrays.copyOf(compact.segments(), 2)).containsExactly(0, 2);
    }

    @Test
    void lengthsAreFew() {
        int tokens = 1000;
        int[] targets = new int[tokens];
        assertThat(new SampleBatch(tokens, new int[tokens], targets).compact().tokensPerSequence())
                .isEqualTo(1024);
        assertThat(new SampleBatch(1, new int[] {1}, new int[] {NONE}).compact().tokensPerSequence())
                .isEqualTo(32);
    }
}
