package io.lethean.lem.hub;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The checksum by which the hub names a file: SHA-256 of a large one, else SHA-1 of its git blob. */
final class BlobDigest {

    private static final int SHA256_DIGITS = 64;

    private final MessageDigest digest;
    private final String expected;

    /** Starts the checksum of a file that is known by its size and its name. */
    BlobDigest(RemoteFile file) {
        expected = file.etag();
        boolean large = expected.length() == SHA256_DIGITS;
        digest = algorithm(large ? "SHA-256" : "SHA-1");
        if (!large) {
            digest.update(("blob " + file.size() + "\0").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static MessageDigest algorithm(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("Every Java platform has " + name + ".", e);
        }
    }

    /** Adds all remaining bytes, and consumes them. */
    void update(ByteBuffer bytes) {
        digest.update(bytes);
    }

    /** What is wrong with all bytes together; empty if the checksum is the expected one. Ends the checksum. */
    String difference() {
        String found = HexFormat.of().formatHex(digest.digest());
        return found.equals(expected)
                ? ""
                : digest.getAlgorithm() + " " + found + ", and " + expected + " was expected";
    }
}
