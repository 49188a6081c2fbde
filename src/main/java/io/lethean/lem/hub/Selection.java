package io.lethean.lem.hub;

import java.util.List;

/**
 * What a name stands for.
 *
 * @param kind of it
 * @param path of the file or folder that a program opens, in the repository; empty for the whole snapshot
 * @param files that have to be in the cache
 */
record Selection(HubDownload.Kind kind, String path, List<RemoteFile> files) {}
