package io.lethean.lem.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lethean.lem.train.options.Target;
import org.junit.jupiter.api.Test;

class DropoutMasksTest {

    private static final int LENGTH = 1_000_001;

    @Test
    void asMuchIsLeftOutAsWasAskedFor_andTheMeanStays() {
        for (double dropout : new double[] {0.05, 0.3, 0.9}) {
            float[] mask = DropoutMasks.mask(3, 0, Target.Q, LENGTH, dropout);
            int leftOut = 0;
            double sum = 0;
            for (float factor : mask) {
                assertThat(factor == 0 || factor == (float) (1 / (1 - dropout))).isTrue();
                leftOut += factor == 0 ? 1 : 0;
                sum += factor;
            }
            // Five standard deviations of a binomial distribution.
            double bound = 5 * Math.sqrt(dropout * (1 - dropout) / LENGTH);
            assertThat((double) leftOut / LENGTH).isCloseTo(dropout, within(bound));
            assertThat(sum / LENGTH).isCloseTo(1, within(bound / (1 - dropout)));
        }
    }

    @Test
    void neighboursAreIndependent() {
        float[] mask = DropoutMasks.mask(3, 0, Target.Q, LENGTH, 0.5);
        for (int distance : new int[] {1, 2, 3, 64}) {
            assertThat(agreement(mask, mask, distance)).isCloseTo(0.5, within(0.003));
        }
    }

    @Test
    void everyIterationLayerAndProjectionHasMasksOfItsOwn() {
        float[] mask = mask(DropoutMasks.drawing(1, 1), 0, Target.Q);
        assertThat(mask).isEqualTo(mask(DropoutMasks.drawing(1, 1), 0, Target.Q));
        for (float[] other : new float[][] {
            mask(DropoutMasks.drawing(2, 1), 0, Target.Q),
            mask(DropoutMasks.drawing(1, 2), 0, Target.Q),
            mask(DropoutMasks.drawing(1, 1), 1, Target.Q),
            mask(DropoutMasks.drawing(1, 1), 0, Target.K)
        }) {
            assertThat(agreement(mask, other, 0)).isCloseTo(0.5, within(0.01));
        }
    }

    private static float[] mask(long drawing, int layer, Target target) {
        return DropoutMasks.mask(drawing, layer, target, 100_000, 0.5);
    }

    private static double agreement(float[] one, float[] other, int distance) {
        int same = 0;
        for (int i = distance; i < one.length; i++) {
            same += one[i] == other[i - distance] ? 1 : 0;
        }
        return (double) same / (one.length - distance);
    }
}
