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

        // Behind the beginning a once of once, behind a twice b of twice, behind b once a of once.
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
