package io.lethean.lem.hub;

/** Is told what a download does. Both methods are called on the thread that asked for the file. */
public interface HubListener {

    /** Ignores everything. */
    HubListener SILENT = progress -> {};

    /**
     * Called when a file starts, several times a second while it grows, and when it is complete and verified.
     *
     * @param progress of the file that is downloaded now
     */
    void onProgress(HubProgress progress);

    /**
     * Called with a sentence that a person should read: the hub is out of reach and the cache is used, a repository has
     * moved, another process downloads the same file.
     *
     * @param sentence ends with a full stop
     */
    default void onNotice(String sentence) {
        System.getLogger(Hub.class.getName()).log(System.Logger.Level.WARNING, sentence);
    }
}
