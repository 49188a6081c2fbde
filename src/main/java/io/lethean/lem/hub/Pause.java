package io.lethean.lem.hub;

import java.io.InterruptedIOException;
import java.time.Duration;

/** Waits before something is tried again. */
final class Pause {

    private Pause() {}

    static void sleep(Duration time) throws InterruptedIOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw HubHttp.interrupted(e);
        }
    }
}
