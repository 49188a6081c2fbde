package io.lethean.lem.hub;

import java.util.List;
import java.util.Optional;

/**
 * The files of a repository at one commit.
 *
 * @param name that was asked for
 * @param commit that its revision leads to
 * @param files of the commit
 * @param complete whether these are all files of the commit, or only those that the cache has
 */
record RepoView(HubName name, String commit, List<RemoteFile> files, boolean complete) {

    /** The file of exactly this path. */
    Optional<RemoteFile> find(String path) {
        return files.stream().filter(file -> file.path().equals(path)).findFirst();
    }

    /** The folder that the name means, with its slash; empty for all of the repository. */
    String folder() {
        return name.path().isEmpty() ? "" : name.path() + "/";
    }

    /** The files in the folder that the name means and in its subfolders. */
    List<RemoteFile> inFolder() {
        String folder = folder();
        return files.stream().filter(file -> file.path().startsWith(folder)).toList();
    }
}
