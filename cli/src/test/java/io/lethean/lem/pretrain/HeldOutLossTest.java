package io.lethean.lem.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.pretrain.HeldOutLoss.Window;
import org.junit.jupiter.api.Test;

class HeldOutLossTest {

    @Test
    void sampleThatFits_isOneWindow() {
        assertThat(Window.over(8, 8)).containsExactly(new Window(0, 8, 1));
        assertThat(Window.over(1, 8)).isEmpty();
    }

    @Test
    void longSample_isPredictedOnceTokenByToken_withHalfAContextBefore() {
        assertThat(Window.over(15, 8))
                .containsExactly(new Window(0, 8, 1), new Window(4, 12, 8), new Window(8, 15, 12));
        for (int context = 2; context < 9; context++) {
            for (int tokens = 1; tokens < 40; tokens++) {
                int next = 1;
                for (Window window : Window.over(tokens, context)) {
                    assertThat(window.firstTarget()).isEqualTo(next).isGreaterThan(window.from());
                    assertThat(window.to() - window.from()).isLessThanOrEqualTo(context);
                    assertThat(window.from() == 0 || next - window.from() >= context / 2)
                            .isTrue();
                    next = window.to();
                }
                assertThat(next).isEqualTo(Math.max(1, tokens));
            }
        }
    }
}
