package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lethean.lem.NativeCallException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LogitsTest {

    private static int argmax(float... logits) {
        int inPlace = Logits.argmax(MemorySegment.ofArray(logits), logits.length);
        assertThat(Logits.argmax(logits)).isEqualTo(inPlace);
        return inPlace;
    }

    @Test
    void theHighestScoreWins_whereverItStands() {
        for (int length = 1; length < 70; length++) {
            for (int at = 0; at < length; at++) {
                float[] logits = new float[length];
                Arrays.fill(logits, -3);
                logits[at] = -1;
                assertThat(argmax(logits)).isEqualTo(at);
            }
        }
    }

    @Test
    void amongEquals_theLowestTokenWins() {
        assertThat(argmax(1, 5, 5, 5)).isEqualTo(1);
        assertThat(argmax(-0f, 0f)).isZero();
    }

    @Test
    void scoresThatAreNotNumbers_neverWin() {
        assertThat(argmax(Float.NaN, 1, Float.NaN, 2, Float.NaN)).isEqualTo(3);
        assertThat(argmax(Float.NEGATIVE_INFINITY, -1e38f)).isEqualTo(1);
        assertThat(argmax(1, Float.POSITIVE_INFINITY)).isEqualTo(1);
    }

    @Test
    void nothingButNotNumbers_isATypedError() {
        assertThatThrownBy(() -> argmax(Float.NaN, Float.NaN)).isInstanceOf(NativeCallException.class);
        assertThatThrownBy(() -> argmax(Float.NEGATIVE_INFINITY)).isInstanceOf(NativeCallException.class);
    }
}
