package io.lethean.lem.hub;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How far the download of a file is.
 *
 * @param file the file's name in its repository
 * @param done bytes on this machine, those of an earlier attempt included
 * @param total bytes of the file
 * @param bytesPerSecond the rate of this download over the last seconds; 0 before it is known
 * @param complete whether the file is verified and in the cache
 */
public record HubProgress(String file, long done, long total, long bytesPerSecond, boolean complete) {

    /** {@return the time that is left at this rate; empty before the rate is known} */
    public Optional<Duration> timeLeft() {
        return bytesPerSecond <= 0
                ? Optional.empty()
                : Optional.of(Duration.ofSeconds(Math.ceilDiv(total - done, bytesPerSecond)));
    }

    /** {@return a line such as {@code model.gguf: 12.3 of 98.0 MB (12 %), 4.1 MB/s, 21 s left}} */
    public String text() {
        StringBuilder text = new StringBuilder(file).append(": ");
        if (complete) {
            return text.append(ByteCount.text(total)).append(", verified").toString();
        }
        text.append(String.format(
                Locale.ROOT,
                "%s of %s (%d %%)",
                ByteCount.text(done),
                ByteCount.text(total),
                total == 0 ? 100 : Math.floorDiv(100 * done, total)));
        timeLeft()
                .ifPresent(left -> text.append(
                        String.format(Locale.ROOT, ", %s/s, %s left", ByteCount.text(bytesPerSecond), clock(left))));
        return text.toString();
    }

    private static String clock(Duration left) {
        if (left.toHours() > 0) {
            return String.format(Locale.ROOT, "%d h %d min", left.toHours(), left.toMinutesPart());
        }
        return left.toMinutes() > 0
                ? String.format(Locale.ROOT, "%d min %d s", left.toMinutes(), left.toSecondsPart())
                : left.toSeconds() + " s";
    }
}
