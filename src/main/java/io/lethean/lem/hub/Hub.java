package io.lethean.lem.hub;

import io.lethean.lem.HubException;
import io.lethean.lem.hub.HubApi.EntryNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Downloads models and adapters from the Hugging Face hub into the cache that Python's clients use, and finds them there
 * again.
 *
 * <pre>{@code
 * Path file = Hub.fromEnvironment().fetchModel(HubName.parse("hf:org/name:Q4_K_M"));
 * }</pre>
 *
 * <p>A revision that is a branch costs one request each time, to learn whether it has changed; if the hub is out of
 * reach, the cache is used, and the listener is told. A revision that is a full commit hash costs no request if its files
 * are in the cache. An interrupted download resumes. A file gets its name in the cache only when its checksum is right.
 *
 * <p>Safe for use by several threads and processes: each file is downloaded once. An interrupt ends a download with
 * {@link java.io.InterruptedIOException}.
 */
public final class Hub {

    private final HubOptions options;
    private final HubListener listener;
    private final HubHttp http;

    /**
     * A hub without a listener; notices go to the log.
     *
     * @param options which hub, and where its files are kept
     */
    public Hub(HubOptions options) {
        this(options, HubListener.SILENT);
    }

    /**
     * A hub.
     *
     * @param options where hub and cache are
     * @param listener told of progress
     */
    public Hub(HubOptions options, HubListener listener) {
        this.options = Objects.requireNonNull(options, "options");
        this.listener = Objects.requireNonNull(listener, "listener");
        http = new HubHttp(options);
    }

    /** {@return the hub and the cache that the process's environment names; see {@link HubOptions}} */
    public static Hub fromEnvironment() {
        return new Hub(HubOptions.fromEnvironment());
    }

    /**
     * {@return the file of a model that a text names: a path as it is, or a name that begins with {@code hf:}, which is
     * fetched from the hub that the environment names} Downloads are told to the log.
     *
     * @param pathOrName a path, or a name such as {@code hf:org/name:Q4_K_M}
     * @throws HubException if the model cannot be had; the message says what there is and what to do
     * @throws IOException if the cache cannot be read or written
     */
    public static Path locateModel(String pathOrName) throws IOException {
        return HubName.isHubName(pathOrName) ? logged().fetchModel(HubName.parse(pathOrName)) : Path.of(pathOrName);
    }

    /**
     * {@return the file or folder of an adapter that a text names; as for {@link #locateModel}}
     *
     * @param pathOrName a path, or a name such as {@code hf:org/name:Q4_K_M}
     * @throws HubException if the adapter cannot be had; the message says what there is and what to do
     * @throws IOException if the cache cannot be read or written
     */
    public static Path locateAdapter(String pathOrName) throws IOException {
        return HubName.isHubName(pathOrName) ? logged().fetchAdapter(HubName.parse(pathOrName)) : Path.of(pathOrName);
    }

    private static Hub logged() {
        return new Hub(HubOptions.fromEnvironment(), new LogListener(Hub.class.getName()));
    }

    /**
     * {@return a file that a cache has, without asking the hub} Its content was verified when it was downloaded.
     *
     * @param cache folder, as {@link HubOptions#cache()}
     * @param name with the path of the file; without a revision the commit that was last downloaded is meant
     */
    public static Optional<Path> cachedFile(Path cache, HubName name) {
        RepoFolder folder = new RepoFolder(cache, name.repository(), true);
        return folder.commitOf(name.revisionOrMain())
                .map(commit -> folder.pointer(commit, name.path()))
                .filter(Files::isRegularFile);
    }

    /** {@return the options of this hub} */
    public HubOptions options() {
        return options;
    }

    /**
     * {@return a model that can be loaded: the GGUF file, or the first part of a split one, of which all parts are
     * fetched}
     *
     * @param name of a repository with one GGUF model, or with a quantization, or of a file
     * @throws HubException if it cannot be had; the message says what there is and what to do
     * @throws IOException if the cache cannot be read or written
     */
    public Path fetchModel(HubName name) throws IOException {
        return fetch(name, view -> new ModelChoice(view).choose()).path();
    }

    /**
     * {@return an adapter: the folder with {@code adapter_config.json} and the weights of PEFT or mlx-lm, or the file
     * if the name is that of a file or the repository has a GGUF adapter}
     *
     * @param name the name of a repository, or of a file in it
     * @throws HubException if it cannot be had; the message says what there is and what to do
     * @throws IOException if the cache cannot be read or written
     */
    public Path fetchAdapter(HubName name) throws IOException {
        return fetch(name, view -> new AdapterChoice(view).choose()).path();
    }

    /**
     * {@return a folder that can be converted to GGUF: safetensors, configuration, tokenizer, templates, description}
     * Weights in other formats are not fetched.
     *
     * @param name of a repository, or of a folder in it
     * @throws HubException if it cannot be had; the message says what there is and what to do
     * @throws IOException if the cache cannot be read or written
     */
    public Path fetchModelFolder(HubName name) throws IOException {
        return session(name).fetch(view -> new FolderChoice(view).choose()).path();
    }

    /**
     * {@return a single file of any kind}
     *
     * @param name with the path of the file
     * @throws HubException if it cannot be had; the message says what to do
     * @throws IOException if the cache cannot be read or written
     */
    public Path fetchFile(HubName name) throws IOException {
        if (name.path().isEmpty()) {
            throw new IllegalArgumentException(
                    name + " does not name a file; add its path, as in " + name.withPath("config.json") + ".");
        }
        try {
            return session(name).fetchFile().path();
        } catch (EntryNotFoundException e) {
            throw e.refusal();
        }
    }

    /**
     * Whatever a name stands for: a GGUF model, else an adapter, else a folder that can be converted; or the file that
     * it names.
     *
     * @param name the name of a repository, or of a file in it
     * @return what it stands for, and where it is now
     * @throws HubException if it cannot be had; the message says what there is and what to do
     * @throws IOException if the cache cannot be read or written
     */
    public HubDownload pull(HubName name) throws IOException {
        return fetch(name, Hub::any);
    }

    private static Selection any(RepoView view) {
        ModelChoice model = new ModelChoice(view);
        if (!model.models().isEmpty() || view.find(view.name().path()).isPresent()) {
            return model.choose();
        }
        AdapterChoice adapter = new AdapterChoice(view);
        if (adapter.isAdapter()) {
            return adapter.choose();
        }
        FolderChoice folder = new FolderChoice(view);
        return folder.hasWeights() ? folder.choose() : model.choose();
    }

    /** A path that may be that of a file is asked for as one first, which costs the fewest requests. */
    private HubDownload fetch(HubName name, Function<RepoView, Selection> choice) throws IOException {
        if (RepoPath.fileName(name.path()).matches(".+\\.[A-Za-z][A-Za-z0-9]*")) {
            try {
                return session(name).fetchFile();
            } catch (EntryNotFoundException isFolder) {
                return session(name).fetch(choice);
            }
        }
        return session(name).fetch(choice);
    }

    private HubSession session(HubName name) {
        return new HubSession(options, http, listener, name);
    }
}
