package io.lethean.lem.hub;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import io.lethean.lem.hub.HubApi.EntryNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** One name on its way from the hub or the cache to a path. */
final class HubSession {

    /** Failures of the network or the hub that a cached revision bridges. */
    private static final Set<Reason> BRIDGED = EnumSet.of(Reason.UNREACHABLE, Reason.UNAVAILABLE, Reason.RATE_LIMITED);

    private final HubOptions options;
    private final HubListener listener;
    private final HubHttp http;
    private final HubApi api;
    private final RepoFolder folder;
    private final HubName name;

    HubSession(HubOptions options, HubHttp http, HubListener listener, HubName name) {
        this.options = options;
        this.http = http;
        this.listener = listener;
        this.name = name;
        api = new HubApi(options, http, listener);
        folder = new RepoFolder(options.cache(), name.repository(), options.symlinks());
    }

    /** Brings what a choice selects into the cache. */
    HubDownload fetch(Function<RepoView, Selection> choice) throws IOException {
        if (name.isCommit()) {
            Optional<HubDownload> known = fromKnownCommit(choice);
            if (known.isPresent()) {
                return known.get();
            }
        } else if (options.isOffline()) {
            return fromCache(choice, Optional.empty());
        }
        String commit;
        try {
            commit = name.isCommit()
                    ? name.revision()
                    : api.commit(name, cachedCommit().isEmpty());
        } catch (HubException e) {
            if (!BRIDGED.contains(e.reason()) || cachedCommit().isEmpty()) {
                throw e;
            }
            return fromCache(choice, Optional.of(e));
        }
        RepoView view = new RepoView(name, commit, listing(commit), true);
        return download(view, choice.apply(view));
    }

    /** A commit never changes, so that a listing or a complete snapshot in the cache needs no network. */
    private Optional<HubDownload> fromKnownCommit(Function<RepoView, Selection> choice) throws IOException {
        String commit = name.revision();
        Optional<List<RemoteFile>> tree = TreeFile.read(folder.tree(commit));
        if (tree.isPresent() && !options.isOffline()) {
            return Optional.empty();
        }
        if (options.isOffline()) {
            return Optional.of(fromCache(choice, Optional.empty()));
        }
        RepoView view = new RepoView(name, commit, folder.present(commit), false);
        try {
            return view.files().isEmpty() ? Optional.empty() : Optional.of(download(view, choice.apply(view)));
        } catch (HubException incomplete) {
            return Optional.empty();
        }
    }

    private Optional<String> cachedCommit() {
        return folder.commitOf(name.revisionOrMain());
    }

    private List<RemoteFile> listing(String commit) throws IOException {
        Optional<List<RemoteFile>> cached = TreeFile.read(folder.tree(commit));
        if (cached.isPresent()) {
            return cached.get();
        }
        List<RemoteFile> files = api.files(name, commit);
        TreeFile.write(folder.tree(commit), files);
        return files;
    }

    /**
     * What the cache has of a revision.
     *
     * @param because the failure that keeps the hub from being asked; empty if the network is switched off
     */
    private HubDownload fromCache(Function<RepoView, Selection> choice, Optional<HubException> because)
            throws IOException {
        Optional<String> commit = cachedCommit();
        List<RemoteFile> files = commit.isPresent() ? folder.present(commit.get()) : List.of();
        if (files.isEmpty()) {
            throw notCached("It is not in the cache.", because);
        }
        RepoView view = new RepoView(name, commit.orElseThrow(), files, false);
        Selection selection;
        try {
            selection = choice.apply(view);
        } catch (HubException unfit) {
            throw notCached(String.valueOf(unfit.getMessage()), because);
        }
        because.ifPresent(failure -> listener.onNotice("The hub cannot be asked for " + name + ", so the copy in the"
                + " cache is used: " + failure.getMessage()));
        return download(view, selection);
    }

    private HubException notCached(String fault, Optional<HubException> because) throws IOException {
        String contents = CacheContents.sentence(options.cache());
        return because.map(failure -> new HubException(
                        failure.reason(), failure.getMessage() + " " + fault + " " + contents, failure))
                .orElseGet(() -> new HubException(
                        Reason.OFFLINE,
                        "The network is switched off by HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE, so " + name
                                + " cannot be downloaded. " + fault + " " + contents));
    }

    private HubDownload download(RepoView view, Selection selection) throws IOException {
        List<Path> paths = new ArrayList<>();
        long bytes = 0;
        for (RemoteFile file : selection.files()) {
            if (!folder.has(view.commit(), file)) {
                new BlobDownload(options, http, folder, listener).fetch(name, view.commit(), file);
            }
            paths.add(folder.pointer(view.commit(), file.path()));
            bytes += Math.max(0, file.size());
        }
        noteRef(view.commit());
        return new HubDownload(name, selection.kind(), folder.pointer(view.commit(), selection.path()), paths, bytes);
    }

    /** A cache that may only be read still serves its files. */
    private void noteRef(String commit) {
        try {
            folder.writeRef(name.revisionOrMain(), commit);
        } catch (IOException e) {
            listener.onNotice("The cache could not note which commit " + name.revisionOrMain() + " of "
                    + name.repository() + " is (" + e.getMessage() + "), so it will not be found without the network.");
        }
    }

    /**
     * Brings one file into the cache, with all parts if it is part of a split model. The path is that of the file, or of
     * the first part.
     *
     * @throws EntryNotFoundException if the repository does not have a file of this path
     */
    HubDownload fetchFile() throws IOException {
        List<String> parts = GgufModel.partPaths(name.path());
        Optional<String> commit = commitWith(parts);
        if (commit.isEmpty()) {
            commit = Optional.of(downloadFirst(parts.getFirst()));
        }
        List<RemoteFile> files = new ArrayList<>();
        for (String part : parts) {
            files.add(present(commit.get(), part));
        }
        RepoView view = new RepoView(name, commit.get(), files, false);
        HubDownload.Kind kind = GgufModel.isGguf(name.path()) ? HubDownload.Kind.MODEL : HubDownload.Kind.FILE;
        return download(view, new Selection(kind, parts.getFirst(), files));
    }

    /** The commit, where the cache has all parts and the hub need not or must not be asked. */
    private Optional<String> commitWith(List<String> parts) throws IOException {
        if (!name.isCommit() && !options.isOffline()) {
            return Optional.empty();
        }
        Optional<String> commit = cachedCommit();
        for (String part : parts) {
            if (commit.isEmpty() || !folder.has(commit.get(), RemoteFile.present(part, -1))) {
                if (options.isOffline()) {
                    throw notCached("It is not in the cache.", Optional.empty());
                }
                if (commit.isPresent() && folder.isKnownMissing(commit.get(), part)) {
                    throw missing(commit.get());
                }
                return Optional.empty();
            }
        }
        return commit;
    }

    private EntryNotFoundException missing(String commit) {
        return new EntryNotFoundException(Optional.of(commit), new HubRefusal(options, name).noEntry());
    }

    /** Asks for the facts of the first file, and returns the commit that all parts are taken from. */
    private String downloadFirst(String part) throws IOException {
        HubName first = name.withPath(part);
        Optional<String> cached = cachedCommit().filter(commit -> hasQuietly(commit, part));
        try {
            HubApi.FileFacts facts = api.file(first, cached.isEmpty());
            fetchIfMissing(facts);
            return facts.commit();
        } catch (EntryNotFoundException e) {
            if (HubName.isCommit(e.commit())) {
                folder.writeMissing(e.commit(), part);
            }
            throw e;
        } catch (HubException e) {
            if (!BRIDGED.contains(e.reason()) || cached.isEmpty()) {
                throw e;
            }
            listener.onNotice(
                    "The hub cannot be asked for " + name + ", so the copy in the cache is used: " + e.getMessage());
            return cached.get();
        }
    }

    private boolean hasQuietly(String commit, String path) {
        try {
            return folder.has(commit, RemoteFile.present(path, -1));
        } catch (IOException e) {
            return false;
        }
    }

    /** A file of a commit that is in the cache then. */
    private RemoteFile present(String commit, String path) throws IOException {
        RemoteFile file = RemoteFile.present(path, -1);
        if (!folder.has(commit, file)) {
            fetchIfMissing(api.file(name.withPath(path).withRevision(commit), true));
        }
        return RemoteFile.present(path, Files.size(folder.pointer(commit, path)));
    }

    private void fetchIfMissing(HubApi.FileFacts facts) throws IOException {
        if (!folder.has(facts.commit(), facts.file())) {
            new BlobDownload(options, http, folder, listener).fetch(name, facts.commit(), facts.file());
        }
    }
}
