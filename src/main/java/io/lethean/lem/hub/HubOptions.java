package io.lethean.lem.hub;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where the hub and the cache are, and how patiently the hub is asked. Immutable.
 *
 * <p>{@link #fromEnvironment()} reads the variables of Python's clients: {@code HF_ENDPOINT}, {@code HF_HUB_CACHE},
 * {@code HUGGINGFACE_HUB_CACHE}, {@code HF_HOME}, {@code XDG_CACHE_HOME}, {@code HF_HUB_OFFLINE}, {@code
 * TRANSFORMERS_OFFLINE}, {@code HF_TOKEN}, {@code HF_TOKEN_PATH}, {@code HF_HUB_DISABLE_IMPLICIT_TOKEN}, {@code
 * HF_HUB_ETAG_TIMEOUT} (seconds to connect and to wait for an answer), {@code HF_HUB_DOWNLOAD_TIMEOUT} (seconds without
 * a byte before a download is resumed), {@code HF_HUB_DISABLE_SYMLINKS}.
 */
public final class HubOptions {

    private final URI endpoint;
    private final Path cache;
    private final Optional<HubToken> token;
    private final boolean offline;
    private final boolean symlinks;
    private final Patience patience;

    /**
     * How long to wait.
     *
     * @param connect for a connection
     * @param answer for the headers of an answer
     * @param stall for the next bytes of a file
     * @param retry before a request is repeated for the first time
     */
    record Patience(Duration connect, Duration answer, Duration stall, Duration retry) {}

    HubOptions(
            URI endpoint, Path cache, Optional<HubToken> token, boolean offline, boolean symlinks, Patience patience) {
        this.endpoint = HubEnvironment.endpoint(endpoint.toString());
        this.cache = Objects.requireNonNull(cache, "cache");
        this.token = token;
        this.offline = offline;
        this.symlinks = symlinks;
        this.patience = patience;
    }

    /**
     * {@return the options that the process's environment asks for}
     *
     * @throws IllegalArgumentException if a variable has a value that cannot be used
     */
    public static HubOptions fromEnvironment() {
        return fromEnvironment(System.getenv(), Path.of(System.getProperty("user.home", "")));
    }

    /**
     * {@return the options that an environment asks for}
     *
     * @param variables as {@link System#getenv()}
     * @param home of the user
     * @throws IllegalArgumentException if a variable has a value that cannot be used
     */
    public static HubOptions fromEnvironment(Map<String, String> variables, Path home) {
        return new HubEnvironment(variables, home).options();
    }

    /**
     * {@return the folder of the cache that an environment names} Nothing else of the environment is looked at.
     *
     * @param variables as {@link System#getenv()}
     * @param home of the user
     */
    public static Path cacheFolder(Map<String, String> variables, Path home) {
        return new HubEnvironment(variables, home).cache();
    }

    /**
     * Another hub, such as a mirror or one in the user's own network.
     *
     * @param other the address of the hub
     * @return the options with this value
     */
    public HubOptions withEndpoint(URI other) {
        return new HubOptions(other, cache, token, offline, symlinks, patience);
    }

    /**
     * Another folder for the cache; it is created when something is downloaded.
     *
     * @param other the folder of the cache
     * @return the options with this value
     */
    public HubOptions withCache(Path other) {
        return new HubOptions(endpoint, other, token, offline, symlinks, patience);
    }

    /**
     * Another token; empty for no token.
     *
     * @param other the token, which goes to the hub's own host only
     * @return the options with this value
     */
    public HubOptions withToken(String other) {
        return new HubOptions(
                endpoint, cache, HubToken.of(other, "the options of the hub"), offline, symlinks, patience);
    }

    /**
     * Whether the network must not be used, default as the environment says.
     *
     * @param off whether the cache alone is used
     * @return the options with this value
     */
    public HubOptions withOffline(boolean off) {
        return new HubOptions(endpoint, cache, token, off, symlinks, patience);
    }

    /**
     * The time that a connection may take, default 5 seconds.
     *
     * @param connect the longest time to connect
     * @return the options with this value
     */
    public HubOptions withConnectTimeout(Duration connect) {
        return withPatience(new Patience(connect, patience.answer(), patience.stall(), patience.retry()));
    }

    /**
     * How long the hub may take to answer a request, default 20 seconds.
     *
     * @param answer the longest time until an answer begins
     * @return the options with this value
     */
    public HubOptions withAnswerTimeout(Duration answer) {
        return withPatience(new Patience(patience.connect(), answer, patience.stall(), patience.retry()));
    }

    /**
     * The time that a download may stand still before it is resumed, default 30 seconds.
     *
     * @param stall the longest time without a byte
     * @return the options with this value
     */
    public HubOptions withStallTimeout(Duration stall) {
        return withPatience(new Patience(patience.connect(), patience.answer(), stall, patience.retry()));
    }

    /** How long to wait before the first repetition; later ones wait longer. */
    HubOptions withRetryWait(Duration retry) {
        return withPatience(new Patience(patience.connect(), patience.answer(), patience.stall(), retry));
    }

    private HubOptions withPatience(Patience other) {
        return new HubOptions(endpoint, cache, token, offline, symlinks, other);
    }

    /** {@return the address of the hub, without a slash at its end} */
    public URI endpoint() {
        return endpoint;
    }

    /** {@return the folder of the cache} */
    public Path cache() {
        return cache;
    }

    /** {@return whether the network must not be used} */
    public boolean isOffline() {
        return offline;
    }

    /** {@return whether there is a token} Its value is not told. */
    public boolean hasToken() {
        return token.isPresent();
    }

    Optional<HubToken> token() {
        return token;
    }

    boolean symlinks() {
        return symlinks;
    }

    Patience patience() {
        return patience;
    }
}
