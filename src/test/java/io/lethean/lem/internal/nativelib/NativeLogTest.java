package io.lethean.lem.internal.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NativeLogTest {

    private static final int INFO = 2;
    private static final int ERROR = 4;
    private static final int CONT = 5;

    @BeforeEach
    void forget() {
        NativeLog.forget();
    }

    @Test
    void aLineArrivesInPieces() {
        NativeLog.append(INFO, "loading ");
        NativeLog.append(CONT, "tensor");
        NativeLog.append(CONT, " 5\n");

        assertThat(NativeLog.lastLines()).containsExactly("loading tensor 5");
    }

    @Test
    void aTextMayHoldSeveralLines() {
        NativeLog.append(ERROR, "one\ntwo\nthr");
        NativeLog.append(CONT, "ee\n");

        assertThat(NativeLog.lastLines()).containsExactly("one", "two", "three");
    }

    @Test
    void aNewLevelEndsALineThatHasNoEnd() {
        NativeLog.append(INFO, "no end");
        NativeLog.append(ERROR, "next\n");

        assertThat(NativeLog.lastLines()).containsExactly("no end", "next");
    }

    @Test
    void progressDotsAndEmptyLinesAreNoLines() {
        NativeLog.append(INFO, "....");
        NativeLog.append(CONT, "..\n\n");

        assertThat(NativeLog.lastLines()).isEmpty();
    }

    @Test
    void theLastFiftyAreKept() {
        for (int i = 0; i < 60; i++) {
            NativeLog.append(INFO, i + "\n");
        }

        List<String> lines = NativeLog.lastLines();
        assertThat(lines).hasSize(50).startsWith("10").endsWith("59");
    }

    @Test
    void threadsDoNotSeeEachOthersLines() throws InterruptedException {
        NativeLog.append(INFO, "mine\n");
        Thread other = Thread.ofPlatform().start(() -> NativeLog.append(INFO, "yours\n"));
        other.join();

        assertThat(NativeLog.lastLines()).containsExactly("mine");
    }
}
