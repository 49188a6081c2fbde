package io.lethean.lem.hub;

import io.lethean.lem.internal.io.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The folder of one repository in the cache, laid out as Python's clients do it.
 *
 * <pre>
 * CACHEDIR.TAG
 * .locks/models--org--name/&lt;etag&gt;.lock
 * models--org--name/blobs/&lt;etag&gt;                     the content
 * models--org--name/snapshots/&lt;commit&gt;/&lt;path&gt;        a relative link to a blob, or the content itself
 * models--org--name/refs/&lt;revision&gt;                  the commit, without a line feed
 * models--org--name/trees/&lt;commit&gt;.json              the files of the commit
 * models--org--name/.no_exist/&lt;commit&gt;/&lt;path&gt;        a file that the commit does not have
 * </pre>
 *
 * @param cache the folder of all repositories
 * @param repository {@code org/name}
 * @param symlinks whether links may be made
 */
record RepoFolder(Path cache, String repository, boolean symlinks) {

    static final String PREFIX = "models--";
    private static final String SNAPSHOTS = "snapshots";

    /** The first line is fixed by the CACHEDIR.TAG convention; programs for backups read it. */
    private static final String TAG = """
            Signature: 8a477f597d28d172789f06886806bc55
            # This folder holds downloads that can be had again from a Hugging Face hub. See https://bford.info/cachedir/
            """;

    Path folder() {
        return cache.resolve(folderName());
    }

    private String folderName() {
        return PREFIX + repository.replace("/", "--");
    }

    Path blob(String etag) {
        return folder().resolve("blobs").resolve(etag);
    }

    /** What has arrived of a blob; Python's clients use other names and never touch it. */
    Path partial(String etag) {
        return folder().resolve("blobs").resolve(etag + ".lem-partial");
    }

    Path lock(String etag) {
        return cache.resolve(".locks").resolve(folderName()).resolve(etag + ".lock");
    }

    Path snapshot(String commit) {
        return folder().resolve(SNAPSHOTS).resolve(commit);
    }

    /** The path under which programs open a file. */
    Path pointer(String commit, String path) {
        return snapshot(commit).resolve(path);
    }

    Path tree(String commit) {
        return folder().resolve("trees").resolve(commit + ".json");
    }

    private Path ref(String revision) {
        return folder().resolve("refs").resolve(revision);
    }

    private Path noExist(String commit, String path) {
        return folder().resolve(".no_exist").resolve(commit).resolve(path);
    }

    /** The commit that a revision led to when it was last asked for; a full hash is its own commit. */
    Optional<String> commitOf(String revision) {
        if (HubName.isCommit(revision)) {
            return Optional.of(revision);
        }
        try {
            return Optional.of(Files.readString(ref(revision)).strip()).filter(HubName::isCommit);
        } catch (IOException missing) {
            return Optional.empty();
        }
    }

    /** Notes which commit a revision leads to. */
    void writeRef(String revision, String commit) throws IOException {
        if (!HubName.isCommit(revision) && !commitOf(revision).equals(Optional.of(commit))) {
            AtomicFile.writeText(ref(revision), commit);
        }
    }

    boolean isKnownMissing(String commit, String path) {
        return Files.exists(noExist(commit, path));
    }

    void writeMissing(String commit, String path) throws IOException {
        Path mark = noExist(commit, path);
        if (Files.isDirectory(folder()) && !Files.exists(mark)) {
            Files.createDirectories(mark.getParent());
            Files.write(mark, new byte[0], StandardOpenOption.CREATE);
        }
    }

    /** Whether a snapshot has a file of the expected size. */
    boolean has(String commit, RemoteFile file) throws IOException {
        Path pointer = pointer(commit, file.path());
        return Files.isRegularFile(pointer) && (file.size() < 0 || Files.size(pointer) == file.size());
    }

    boolean hasBlob(RemoteFile file) throws IOException {
        Path blob = blob(file.etag());
        return Files.isRegularFile(blob) && Files.size(blob) == file.size();
    }

    /** The files that a snapshot has; links without a target are left out. */
    List<RemoteFile> present(String commit) throws IOException {
        Path snapshot = snapshot(commit);
        List<RemoteFile> files = new ArrayList<>();
        if (Files.isDirectory(snapshot)) {
            try (Stream<Path> all = Files.walk(snapshot)) {
                for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                    String path = snapshot.relativize(file).toString().replace('\\', '/');
                    files.add(RemoteFile.present(path, Files.size(file)));
                }
            }
        }
        return files;
    }

    /** The commits that have a snapshot. */
    List<String> commits() throws IOException {
        Path snapshots = folder().resolve(SNAPSHOTS);
        if (!Files.isDirectory(snapshots)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(snapshots)) {
            return all.map(each -> each.getFileName().toString())
                    .filter(HubName::isCommit)
                    .sorted()
                    .toList();
        }
    }

    /** Makes the folders that a download needs. */
    void prepare(String commit, RemoteFile file) throws IOException {
        Files.createDirectories(
                Objects.requireNonNull(pointer(commit, file.path()).getParent()));
        Files.createDirectories(Objects.requireNonNull(blob(file.etag()).getParent()));
        Files.createDirectories(Objects.requireNonNull(lock(file.etag()).getParent()));
        try {
            Files.writeString(
                    cache.resolve("CACHEDIR.TAG"), TAG, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException there) {
            // Made by an earlier download, or by another program.
        }
    }

    /** Puts a blob into a snapshot: as a relative link, else as a second name, else as a copy. */
    void link(String commit, RemoteFile file) throws IOException {
        Path blob = blob(file.etag());
        Path pointer = pointer(commit, file.path());
        Path folder = Objects.requireNonNull(pointer.getParent());
        Path made = folder.resolve("." + pointer.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            make(made, folder.relativize(blob), blob);
            Files.move(made, pointer, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw AtomicFile.named(pointer, e);
        } finally {
            Files.deleteIfExists(made);
        }
    }

    private void make(Path made, Path relative, Path blob) throws IOException {
        if (symlinks) {
            try {
                Files.createSymbolicLink(made, relative);
                return;
            } catch (IOException | UnsupportedOperationException impossible) {
                Files.deleteIfExists(made);
            }
        }
        try {
            Files.createLink(made, blob);
        } catch (IOException | UnsupportedOperationException impossible) {
            Files.copy(blob, made, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
