package io.lethean.lem.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DraftAccountTest {

    private static final int[] WIDTHS = {3, 5, 9};
    private static final long STEP = 1000;

    private static CallTimes times(long three, long five, long nine) {
        CallTimes times = new CallTimes();
        times.add(1, STEP);
        for (int i = 0; i < 3; i++) {
            times.add(3, three);
            times.add(5, five);
            times.add(9, nine);
        }
        return times;
    }

    @Test
    void draftsThatAreAlwaysRight_getTheWidthThatGivesMostTokensPerTime() {
        CallTimes times = times(1500, 2000, 2700);
        DraftAccount account = new DraftAccount();
        for (int i = 0; i < 20; i++) {
            int rows = account.rows(WIDTHS, times);
            account.called(rows, rows - 1, times.median(rows), STEP);
        }
        assertThat(account.rows(WIDTHS, times)).isEqualTo(9);
        assertThat(account.rows(WIDTHS, times(1500, 2000, 4000))).isEqualTo(5);
        assertThat(account.rows(new int[] {3}, times)).isEqualTo(3);
        assertThat(account.rows(new int[0], times)).isEqualTo(1);
    }

    @Test
    void callsAsSlowAsTheirSteps_areNotMade() {
        assertThat(new DraftAccount().rows(WIDTHS, times(3000, 5000, 9000))).isEqualTo(1);
    }

    @Test
    void oneSlowCall_isNotBelieved() {
        CallTimes times = new CallTimes();
        times.add(1, STEP);
        times.add(3, 100 * STEP);
        assertThat(new DraftAccount().rows(new int[] {3}, times)).isEqualTo(3);
        times.add(3, 100 * STEP);
        times.add(3, 100 * STEP);
        assertThat(new DraftAccount().rows(new int[] {3}, times)).isEqualTo(1);
    }

    @Test
    void slowCallsOfLongAgo_areTriedAgain() {
        CallTimes times = times(100 * STEP, 100 * STEP, 100 * STEP);
        for (int step = 0; step < 63; step++) {
            times.add(1, STEP);
        }
        assertThat(new DraftAccount().rows(WIDTHS, times)).isEqualTo(1);
        times.add(1, STEP);
        assertThat(new DraftAccount().rows(WIDTHS, times)).isEqualTo(3);
    }

    @Test
    void draftsThatAreAlwaysWrong_loseAtMostTheirAllowance() {
        CallTimes times = times(2000, 2500, 4000);
        DraftAccount account = new DraftAccount();
        double lost = 0;
        for (int token = 1; token <= 2000; token++) {
            int rows = account.rows(WIDTHS, times);
            if (rows == 1) {
                account.stepped();
            } else {
                account.called(rows, 0, times.median(rows), STEP);
                lost += times.median(rows) - STEP;
            }
            assertThat(lost).isLessThanOrEqualTo((1.25 + 0.01 * token) * STEP);
        }
        assertThat(lost).as("tried again from time to time").isGreaterThan(10 * STEP);
        assertThat(account.hasGained()).isFalse();
    }

    @Test
    void whatWasGained_paysForLaterDraftsThatAreWrong() {
        CallTimes times = times(1500, 2000, 2700);
        DraftAccount account = new DraftAccount();
        account.called(3, 2, 1500, STEP);
        assertThat(account.hasGained()).isTrue();
        account.called(9, 0, 2700, STEP);
        assertThat(account.hasGained()).isFalse();
        assertThat(account.rows(WIDTHS, times)).isEqualTo(3);
    }

    @Test
    void medians_areOfTheLastCallsOnly() {
        CallTimes times = new CallTimes();
        assertThat(times.median(3)).isZero();
        times.add(3, 1_000_000);
        assertThat(times.median(3)).isEqualTo(1_000_000);
        for (int i = 0; i < 15; i++) {
            times.add(3, i);
        }
        assertThat(times.median(3)).isEqualTo(7);
        assertThat(times.median(5)).isZero();
    }
}
