package io.lethean.lem.hub;

/**
 * A file of a repository at one commit.
 *
 * @param path in the repository
 * @param size in bytes; -1 if it is not known
 * @param blobId the SHA-1 of its git blob; of a large file that of the pointer to it; empty if it is not known
 * @param sha256 of its content, for large files; empty for others
 * @param xetHash by which the hub's newer store knows a large file; kept for Python's clients, may be empty
 */
record RemoteFile(String path, long size, String blobId, String sha256, String xetHash) {

    private static final int SHA1_DIGITS = 40;

    /** A file that is known by the name of its content alone. */
    static RemoteFile ofEtag(String path, long size, String etag) {
        boolean git = etag.length() == SHA1_DIGITS;
        return new RemoteFile(path, size, git ? etag : "", git ? "" : etag, "");
    }

    /** A file in a snapshot of which no listing is at hand. */
    static RemoteFile present(String path, long size) {
        return new RemoteFile(path, size, "", "", "");
    }

    /** The name of the content, which is the name of the file in the cache's folder of blobs. */
    String etag() {
        return sha256.isEmpty() ? blobId : sha256;
    }

    /** Whether the content can be verified when it arrives. */
    boolean isVerifiable() {
        return size >= 0 && etag().matches("[0-9a-f]{40}|[0-9a-f]{64}");
    }

    String name() {
        return RepoPath.fileName(path);
    }

    String folder() {
        return RepoPath.folder(path);
    }
}
