package io.lethean.lem.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class LogitParityTest {

    private static final Offset<Double> EXACT = Offset.offset(1e-7);

    /** A model that gives the same rows whatever it reads, through one array as a real one may. */
    private static LogitSource fixed(float[]... rows) {
        return (tokens, consumer) -> {
            float[] shared = new float[rows[0].length];
            for (int i = 0; i < tokens.length; i++) {
                System.arraycopy(rows[i], 0, shared, 0, shared.length);
                consumer.accept(shared);
            }
        };
    }

    private static float log(double probability) {
        return (float) Math.log(probability);
    }

    @Test
    void figuresAreThoseOfTheDistributionsGiven() {
        // Probabilities 1/2, 1/4, 1/4 against 1/4, 1/2, 1/4; a constant added to a row's logits leaves them.
        LogitSource adapter =
                fixed(new float[] {log(0.5), log(0.25), log(0.25)}, new float[] {log(0.5), log(0.25), log(0.25)});
        LogitSource merged = fixed(
                new float[] {log(0.5) + 3, log(0.25) + 3, log(0.25) + 3}, new float[] {log(0.25), log(0.5), log(0.25)});
        LogitParity parity = LogitParity.compare(adapter, merged, List.of(new int[] {2, 1}));
        assertThat(parity.positions()).isEqualTo(2);
        assertThat(parity.largestDifference()).isCloseTo(3, Offset.offset(1e-6));
        double squares = 3 * 9 + 2 * Math.pow(Math.log(2), 2);
        assertThat(parity.rmsDifference()).isCloseTo(Math.sqrt(squares / 6), Offset.offset(1e-6));
        // KL of the second row: 1/2 ln 2 - 1/4 ln 2, and 0 of the first.
        assertThat(parity.divergence()).isCloseTo(Math.log(2) / 4 / 2, EXACT);
        assertThat(parity.sameChoice()).isEqualTo(0.5);
        assertThat(parity.adapterPerplexity()).isCloseTo(4, Offset.offset(1e-6));
        assertThat(parity.mergedPerplexity()).isCloseTo(4, Offset.offset(1e-6));
    }

    @Test
    void perplexityIsThatOfTheTokensThatFollow() {
        float[] row = {log(0.8), log(0.1), log(0.1)};
        LogitSource model = fixed(row, row, row);
        LogitParity parity = LogitParity.compare(model, model, List.of(new int[] {2, 0, 1}, new int[] {0, 0}));
        double loss = -(Math.log(0.8) + Math.log(0.1) + Math.log(0.8)) / 3;
        assertThat(parity.mergedPerplexity()).isCloseTo(Math.exp(loss), Offset.offset(1e-6));
        assertThat(parity.largestDifference()).isZero();
        assertThat(parity.sameChoice()).isEqualTo(1);
        assertThat(parity.text()).contains("5 positions", "same first choice 100.0 %");
    }

    @Test
    void impossibleTokenDoesNotSpoilTheDivergence() {
        LogitSource model = fixed(new float[] {0, -1e30f}, new float[] {0, -1e30f});
        assertThat(LogitParity.compare(model, model, List.of(new int[] {0, 0})).divergence())
                .isZero();
    }

    @Test
    void nothingToCompareIsRefused() {
        LogitSource model = fixed(new float[] {0, 1}, new float[] {0, 1});
        LogitSource other = fixed(new float[] {0, 1, 2}, new float[] {0, 1, 2});
        LogitSource silent = (tokens, rows) -> {};
        assertThatThrownBy(() -> LogitParity.compare(model, model, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LogitParity.compare(model, model, List.of(new int[1])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LogitParity.compare(model, other, List.of(new int[2])))
                .hasMessageContaining("2 and 3 tokens");
        assertThatThrownBy(() -> LogitParity.compare(model, silent, List.of(new int[2])))
                .hasMessageContaining("0 rows");
    }
}
