package io.lethean.lem.train.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.MalformedDataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchPlanTest {

    private static final Path FILE = Path.of("train.jsonl");

    private static int[] lengths(int count) {
        SplittableRandom random = new SplittableRandom(1);
        return IntStream.range(0, count).map(i -> random.nextInt(2, 300)).toArray();
    }

    @Test
    void everySampleComesUpOnceAnEpoch() {
        for (int packed : new int[] {0, 300}) {
            BatchPlan plan = BatchPlan.of(lengths(101), new BatchLayout(4, 32, packed, 7));
            for (int epoch = 0; epoch < 3; epoch++) {
                int[] samples = plan.samples(epoch);
                assertThat(Arrays.stream(samples).sorted().toArray())
                        .containsExactly(IntStream.range(0, 101).toArray());
                assertThat(plan.epoch(epoch)).hasSize(plan.batchesPerEpoch());
            }
        }
    }

    @Test
    void orderFollowsFromSeedAndStepAlone() {
        int[] lengths = lengths(50);
        BatchPlan plan = BatchPlan.of(lengths, BatchLayout.of(4, 3));
        BatchPlan again = BatchPlan.of(lengths, BatchLayout.of(4, 3));
        assertThat(again.batch(29))
                .isEqualTo(plan.batch(29))
                .isEqualTo(plan.epoch(2).get(3));
        assertThat(plan.epochOf(29)).isEqualTo(2);
        assertThat(plan.epoch(0)).isNotEqualTo(plan.epoch(1));
        assertThat(BatchPlan.of(lengths, BatchLayout.of(4, 4)).epoch(0)).isNotEqualTo(plan.epoch(0));
    }

    /** Computed by hand from the generator's definition; resuming a run needs it never to change. */
    @Test
    void orderIsTheSameForEver() {
        BatchPlan plan = BatchPlan.of(new int[] {5, 5, 5, 5, 5, 5, 5, 5}, BatchLayout.of(1, 42));
        assertThat(plan.samples(0)).containsExactly(4, 3, 2, 7, 0, 1, 5, 6);
        assertThat(plan.samples(1)).containsExactly(7, 4, 1, 5, 0, 2, 3, 6);
    }

    @Test
    void everyOrderIsAboutEquallyLikely() {
        int[] counts = new int[6];
        for (int epoch = 0; epoch < 6000; epoch++) {
            int[] order = BatchPlan.of(new int[] {1, 1, 1}, new BatchLayout(3, 1, 0, 11))
                    .samples(epoch);
            counts[order[0] * 2 + (order[1] > order[2] ? 1 : 0)]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(880, 1120);
        }
    }

    @Test
    void rowsOfABatchArePaddedToTheLongestAndItsMultiple() {
        BatchPlan plan = BatchPlan.of(new int[] {10, 33, 31, 64, 65}, BatchLayout.of(2, 0));
        List<Batch> batches = new ArrayList<>(plan.epoch(0));
        batches.sort((a, b) -> a.rowLength() - b.rowLength());
        assertThat(batches).extracting(Batch::rowLength).containsExactly(32, 64, 96);
        assertThat(new HashSet<>(batches.get(0).rows())).isEqualTo(Set.of(List.of(0), List.of(2)));
        assertThat(new HashSet<>(batches.get(1).rows())).isEqualTo(Set.of(List.of(1), List.of(3)));
        assertThat(batches.get(2).rows()).containsExactly(List.of(4));
        assertThat(plan.rowLengths()).containsExactly(32, 64, 96);
        assertThat(plan.paddingFraction()).isEqualTo(1 - 203 / 288.0);
    }

    @Test
    void sharingBatchesByLengthSavesPadding() {
        int[] lengths = lengths(400);
        double sorted = BatchPlan.of(lengths, BatchLayout.of(8, 5)).paddingFraction();
        double packed = BatchPlan.of(lengths, new BatchLayout(8, 32, 512, 5)).paddingFraction();
        assertThat(sorted).isBetween(0.05, 0.15);
        assertThat(packed).isLessThan(0.05);
    }

    @Test
    void packedRowsNeverExceedTheirLength() {
        int[] lengths = lengths(200);
        BatchPlan plan = BatchPlan.of(lengths, new BatchLayout(2, 1, 300, 5));
        int rows = 0;
        for (Batch batch : plan.epoch(0)) {
            for (List<Integer> row : batch.rows()) {
                rows++;
                int sum = row.stream().mapToInt(sample -> lengths[sample]).sum();
                assertThat(sum).isLessThanOrEqualTo(300).isLessThanOrEqualTo(batch.rowLength());
            }
        }
        int fewest = Math.ceilDiv(Arrays.stream(lengths).sum(), 300);
        assertThat(rows).isBetween(fewest, fewest + fewest / 10);
    }

    @Test
    void impossiblePlansAreRefused() {
        assertThatThrownBy(() -> BatchPlan.of(new int[0], BatchLayout.of(1, 0)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BatchPlan.of(new int[] {9}, new BatchLayout(1, 1, 8, 0)))
                .hasMessageContaining("9 tokens");
        assertThatThrownBy(() -> BatchLayout.of(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static TrainingSample sample(int line, int length, int firstTrained) {
        boolean[] trained = new boolean[length];
        Arrays.fill(trained, firstTrained, length, true);
        return new TrainingSample(FILE, line, new int[length], trained);
    }

    @Test
    void overlongSamplesAreLeftOutAndListed() throws IOException {
        SampleSet set = SampleSet.select(List.of(sample(1, 10, 5), sample(2, 11, 5), sample(3, 30, 5)), 10, false);
        assertThat(set.samples()).extracting(TrainingSample::line).containsExactly(1);
        assertThat(set.leftOut()).extracting(TrainingSample::length).containsExactly(11, 30);
        assertThat(set.truncated()).isZero();
        assertThat(set.trainedTokens()).isEqualTo(5);
    }

    @Test
    void truncatedSamplesAreCountedAndThoseWithoutTargetsLeftOut() throws IOException {
        SampleSet set = SampleSet.select(List.of(sample(1, 10, 5), sample(2, 20, 8), sample(3, 30, 10)), 10, true);
        assertThat(set.samples()).extracting(TrainingSample::line).containsExactly(1, 2);
        assertThat(set.samples().get(1).length()).isEqualTo(10);
        assertThat(set.samples().get(1).trainedCount()).isEqualTo(2);
        assertThat(set.truncated()).isEqualTo(1);
        assertThat(set.leftOut()).extracting(TrainingSample::line).containsExactly(3);
    }

    @Test
    void nothingLeftIsAnErrorWithTheLongestLength() {
        assertThatThrownBy(() -> SampleSet.select(List.of(sample(1, 30, 5), sample(2, 20, 5)), 10, false))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("the longest has 30");
    }
}
