package io.lethean.lem.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Tells the log when the download of a file starts and when it is complete. */
final class LogListener implements HubListener {

    private final Logger log;
    private String started = "";

    /** @param name of the logger */
    LogListener(String name) {
        log = System.getLogger(name);
    }

    @Override
    public synchronized void onProgress(HubProgress progress) {
        if (progress.complete()) {
            log.log(Level.INFO, "Downloaded " + progress.text() + ".");
        } else if (!started.equals(progress.file())) {
            started = progress.file();
            log.log(Level.INFO, "Downloading " + progress.text() + ".");
        }
    }
}
