package io.lethean.lem.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lethean.lem.hub.HubProgress;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class DownloadProgressTest {

    private static final long SECOND = 1_000_000_000;

    private final StringWriter err = new StringWriter();
    private long now;

    private DownloadProgress progress(boolean terminal) {
        return new DownloadProgress(new PrintWriter(err), terminal, () -> now);
    }

    private static HubProgress at(String file, long done) {
        return new HubProgress(file, done, 1000, 0, false);
    }

    @Test
    void withoutATerminal_eachTenthAndEachHalfMinuteIsALine() {
        DownloadProgress progress = progress(false);

        for (long done : new long[] {0, 50, 99, 100, 150, 320}) {
            progress.onProgress(at("a", done));
        }
        now = 31 * SECOND;
        progress.onProgress(at("a", 330));
        progress.onProgress(at("a", 340));
        progress.onProgress(new HubProgress("a", 1000, 1000, 0, true));
        progress.onProgress(at("b", 0));

        assertThat(err).hasToString("""
                a: 0 bytes of 1.0 kB (0 %)
                a: 100 bytes of 1.0 kB (10 %)
                a: 320 bytes of 1.0 kB (32 %)
                a: 330 bytes of 1.0 kB (33 %)
                a: 1.0 kB, verified
                b: 0 bytes of 1.0 kB (0 %)
                """);
    }

    @Test
    void onATerminal_oneLineChanges_andANoticeDoesNotContinueIt() {
        DownloadProgress progress = progress(true);

        progress.onProgress(at("a", 100));
        progress.onNotice("Another download is running.");
        progress.onProgress(at("a", 999));
        progress.onProgress(new HubProgress("a", 1000, 1000, 0, true));

        assertThat(err)
                .hasToString("\ra: 100 bytes of 1.0 kB (10 %)\nlem: Another download is running.\n"
                        + "\ra: 999 bytes of 1.0 kB (99 %)\ra: 1.0 kB, verified          \n");
    }
}
