package io.lethean.lem.internal.nativelib;

import io.lethean.lem.internal.io.CacheFolder;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A folder that libraries may be unpacked into.
 *
 * @param folder named by the content of the libraries
 * @param isPrivate whether it lies among the temporary files, where other users could prepare a folder of this name
 */
record UnpackPlace(Path folder, boolean isPrivate) {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    /** The places to try, in this order: the cache, if there is one, then the temporary files. */
    static List<UnpackPlace> of(String key) {
        List<UnpackPlace> places = new ArrayList<>();
        CacheFolder.ofProcess()
                .ifPresent(cache ->
                        places.add(new UnpackPlace(cache.resolve("unpacked").resolve(key), false)));
        Path temporary = Path.of(System.getProperty("java.io.tmpdir", "")).toAbsolutePath();
        places.add(new UnpackPlace(temporary.resolve("lem-natives-" + user() + "-" + key), true));
        return places;
    }

    /** A name that each user has alone, or "unnamed"; whoever finds the folder of another user is refused. */
    private static String user() {
        String name = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9._-]", "");
        if (!name.isEmpty()) {
            return name;
        }
        try {
            return "uid" + Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return "unnamed";
        }
    }

    /**
     * Makes the folder, or checks the one that is there.
     *
     * @throws IOException if it cannot be made, or if others than this user could have written libraries into it
     */
    void prepare() throws IOException {
        if (!isPrivate) {
            Files.createDirectories(folder);
            return;
        }
        boolean posix = Files.getFileStore(parent()).supportsFileAttributeView("posix");
        try {
            if (posix) {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            } else {
                Files.createDirectory(folder);
            }
        } catch (FileAlreadyExistsException e) {
            requireOwn(posix);
        }
    }

    private Path parent() {
        Path parent = folder.getParent();
        return parent == null ? folder : parent;
    }

    private void requireOwn(boolean posix) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(folder.toString(), null, "is not a folder");
        }
        Path probe = Files.createTempFile(folder, "owner", null);
        try {
            if (!Files.getOwner(probe).equals(Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS))) {
                throw new FileSystemException(folder.toString(), null, "belongs to another user");
            }
        } finally {
            Files.deleteIfExists(probe);
        }
        if (posix) {
            Set<PosixFilePermission> others =
                    new HashSet<>(Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS));
            others.removeAll(OWNER_ONLY);
            if (!others.isEmpty()) {
                throw new FileSystemException(folder.toString(), null, "is open to other users");
            }
        }
    }
}
