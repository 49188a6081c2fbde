package io.lethean.lem.evaluation.internal.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WallTimeTest {

    private static WallTime of(Object... endsAndSeconds) {
        WallTime wall = new WallTime();
        for (int i = 0; i < endsAndSeconds.length; i += 2) {
            wall.add("2026-11-29T10:00:%s.000000+00:00".formatted(endsAndSeconds[i]), (Double) endsAndSeconds[i + 1]);
        }
        return wall;
    }

    @Test
    void answersOneAfterTheOther_addUp() {
        assertThat(of("10", 4.0, "13", 2.5).seconds()).isCloseTo(6.5, within(1e-6));
    }

    @Test
    void answersInParallel_countOnce() {
        assertThat(of("10", 8.0, "11", 8.0, "12", 8.0, "07", 1.0).seconds()).isCloseTo(10, within(1e-6));
    }

    @Test
    void thePauseOfAnInterruptedRun_doesNotCount() {
        assertThat(of("10", 2.0, "50", 3.0, "49", 1.0).seconds()).isCloseTo(5, within(1e-6));
    }

    @Test
    void aTimeOfAnotherForm_countsAsASpanOfItsOwn() {
        WallTime wall = of("10", 2.0);
        wall.add("yesterday", 4);
        assertThat(wall.seconds()).isCloseTo(6, within(1e-6));
    }
}
