package io.lethean.lem.hub;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/** Brings one file into the cache: alone, resumed, verified, and under its name only when it is right. */
final class BlobDownload {

    private final RepoFolder folder;
    private final HubListener listener;
    private final HubHttp http;
    private final HubOptions options;

    BlobDownload(HubOptions options, HubHttp http, RepoFolder folder, HubListener listener) {
        this.options = options;
        this.http = http;
        this.folder = folder;
        this.listener = listener;
    }

    /**
     * Downloads a file unless the cache has it.
     *
     * @param source the name by which it was asked for
     * @param commit that the file belongs to
     */
    void fetch(HubName source, String commit, RemoteFile file) throws IOException {
        if (!file.isVerifiable()) {
            throw new HubException(
                    Reason.UNEXPECTED,
                    "The hub gives no size and checksum of " + file.path() + " in " + source.repository()
                            + ", so it could not be verified and is not downloaded; check HF_ENDPOINT.");
        }
        folder.prepare(commit, file);
        try (BlobLock _ = BlobLock.acquire(folder.lock(file.etag()), () -> waiting(file))) {
            if (!folder.hasBlob(file)) {
                requireRoom(file);
                transfer(source, commit, file);
            }
            folder.link(commit, file);
        }
    }

    private void waiting(RemoteFile file) {
        listener.onNotice("Another download of " + file.name() + " is running; waiting for it.");
    }

    private void transfer(HubName source, String commit, RemoteFile file) throws IOException {
        Path partial = folder.partial(file.etag());
        boolean resumed = Files.exists(partial) && Files.size(partial) > 0;
        for (int attempt = 1; ; attempt++) {
            String difference = arrived(source, commit, file);
            if (difference.isEmpty()) {
                Files.move(partial, folder.blob(file.etag()), StandardCopyOption.ATOMIC_MOVE);
                return;
            }
            Files.deleteIfExists(partial);
            // What an earlier process left may have been damaged since; that is worth one more attempt.
            if (attempt > 1 || !resumed) {
                throw new HubException(
                        Reason.DAMAGED,
                        file.path() + " of " + source.repository() + " arrived with the " + difference
                                + "; it was deleted. Run this again; if it repeats, a proxy or the hub changes the"
                                + " file.");
            }
        }
    }

    private String arrived(HubName source, String commit, RemoteFile file) throws IOException {
        ProgressMeter meter = new ProgressMeter(listener, file, System::nanoTime);
        try (PartialFile partial = PartialFile.open(folder.partial(file.etag()), file)) {
            new Transfer(options, http, source.withRevision(commit).withPath(file.path()), file, meter).run(partial);
            String difference = partial.difference();
            if (difference.isEmpty()) {
                partial.force();
                meter.complete();
            }
            return difference;
        }
    }

    /** A full disk is told before the first byte, where the system knows it. */
    private void requireRoom(RemoteFile file) throws IOException {
        Path partial = folder.partial(file.etag());
        Path blobs = Objects.requireNonNull(partial.getParent());
        long needed = file.size() - (Files.exists(partial) ? Files.size(partial) : 0);
        long free = Files.getFileStore(blobs).getUsableSpace();
        if (free > 0 && free < needed) {
            throw new FileSystemException(
                    blobs.toString(),
                    null,
                    file.name() + " needs " + ByteCount.text(needed) + ", and " + ByteCount.text(free) + " are free in "
                            + blobs + ". Free some space there, or name another folder for the cache with"
                            + " HF_HUB_CACHE.");
        }
    }
}
