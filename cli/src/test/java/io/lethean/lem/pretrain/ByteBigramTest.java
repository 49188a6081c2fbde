package io.lethean.lem.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ByteBigramTest {

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void bitsAreThoseOfTheSmoothedCounts() {
        ByteBigram bigram = new ByteBigram(List.of(bytes("abab")), 0.5);

        // After the start: a, 1 of 1. After a: b, 2 of 2. After b: a, 1 of 1.
        double first = 1.5 / (1 + 128);
        double afterA = 2.5 / (2 + 128);
        double unseen = 0.5 / (1 + 128);
        double expected = -(Math.log(first) + Math.log(afterA) + Math.log(unseen)) / Math.log(2) / 3;
        assertThat(bigram.bitsPerByte(List.of(bytes("abx")))).isCloseTo(expected, within(1e-12));
    }

    @Test
    void withoutCountsEveryByteTakesEightBits() {
        assertThat(new ByteBigram(List.of(), 1).bitsPerByte(List.of(bytes("any"), bytes("text \u00e9"))))
                .isCloseTo(8, within(1e-12));
    }
}
