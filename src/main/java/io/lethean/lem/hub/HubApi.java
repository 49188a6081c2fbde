package io.lethean.lem.hub;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import io.lethean.lem.internal.io.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** The questions that are asked of the hub: the commit of a revision, the files of a commit, the facts of a file. */
final class HubApi {

    private static final int MOST_PAGES = 1000;
    private static final int ATTEMPTS = 3;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final Pattern NEXT = Pattern.compile("<([^>]*)>[^,]*?;\\s*rel=\"?next\"?");
    private static final Pattern MOVED = Pattern.compile("(?:/api/models)?/([^/]+/[^/]+)/(?:revision|tree|resolve)/.*");

    private final HubOptions options;
    private final HubHttp http;
    private final HubListener listener;
    private @Nullable String movedTo;

    HubApi(HubOptions options, HubHttp http, HubListener listener) {
        this.options = options;
        this.http = http;
        this.listener = listener;
    }

    /**
     * A file as the hub has it now.
     *
     * @param commit that the revision leads to
     * @param file its facts
     */
    record FileFacts(String commit, RemoteFile file) {}

    /**
     * The commit that a revision leads to now.
     *
     * @param patient whether a failure that may pass is worth a second attempt
     */
    String commit(HubName name, boolean patient) throws IOException {
        URI uri = uri("/api/models/" + name.repository() + "/revision/" + whole(name.revisionOrMain()));
        Map<?, ?> info = object(name, json(name, document(name, uri, patient)));
        if (info.get("sha") instanceof String sha && HubName.isCommit(sha)) {
            return sha;
        }
        throw notAHub(name, "it names no commit");
    }

    /** All files of a commit. */
    List<RemoteFile> files(HubName name, String commit) throws IOException {
        List<RemoteFile> files = new ArrayList<>();
        URI page = uri("/api/models/" + name.repository() + "/tree/" + commit + "?recursive=true&expand=false");
        for (int read = 0; page != null; read++) {
            HubAnswer answer = document(name, page, true);
            Optional<URI> next = nextPage(name, answer);
            if (json(name, answer) instanceof List<?> entries) {
                entries.forEach(entry -> file(object(name, entry)).ifPresent(files::add));
            } else {
                throw notAHub(name, "its listing is not a list");
            }
            page = next.orElse(null);
            if (page != null && (!http.isHome(page) || read == MOST_PAGES)) {
                throw notAHub(name, "its listing does not end, or continues on another host");
            }
        }
        return List.copyOf(files);
    }

    private Optional<URI> nextPage(HubName name, HubAnswer answer) {
        try {
            return answer.headers().allValues("Link").stream()
                    .flatMap(link -> NEXT.matcher(link).results().map(found -> found.group(1)))
                    .findFirst()
                    .map(answer.uri()::resolve);
        } catch (IllegalArgumentException e) {
            throw notAHub(name, "its listing continues at a malformed address");
        }
    }

    private static Optional<RemoteFile> file(Map<?, ?> entry) {
        boolean named = entry.get("path") instanceof String path && RepoPath.isSafe(path);
        if (!"file".equals(entry.get("type")) || !named || !(entry.get("size") instanceof Long size)) {
            return Optional.empty();
        }
        Map<?, ?> large = entry.get("lfs") instanceof Map<?, ?> lfs ? lfs : Map.of();
        return Optional.of(new RemoteFile(
                String.valueOf(entry.get("path")),
                large.get("size") instanceof Long real ? real : size,
                text(entry.get("oid")),
                text(large.get("oid")),
                text(entry.get("xetHash"))));
    }

    private static String text(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }

    /**
     * The facts of one file.
     *
     * @throws EntryNotFoundException if the repository does not have it
     */
    FileFacts file(HubName name, boolean patient) throws IOException {
        HubAnswer answer = asked(name, address(name, name.revisionOrMain(), name.path()), true, patient);
        Optional<String> commit = answer.commit();
        if (answer.isNotFound()
                && answer.headers().firstValue("X-Error-Code").orElse("").equals("EntryNotFound")) {
            throw new EntryNotFoundException(commit, new HubRefusal(options, name).of(answer));
        }
        if (answer.isError()) {
            throw new HubRefusal(options, name).of(answer);
        }
        answer.close();
        RemoteFile file = RemoteFile.ofEtag(
                name.path(), answer.size().orElse(-1), answer.etag().orElse(""));
        return new FileFacts(
                commit.orElseThrow(() -> notAHub(name, "its answer has no X-Repo-Commit with a commit")), file);
    }

    /** The repository exists, and the file does not. */
    static final class EntryNotFoundException extends IOException {

        private static final long serialVersionUID = 1L;

        private final String commit;
        private final HubException refusal;

        EntryNotFoundException(Optional<String> commit, HubException refusal) {
            super(refusal.getMessage(), refusal);
            this.commit = commit.orElse("");
            this.refusal = refusal;
        }

        /** The commit that does not have the file; empty if the hub did not say. */
        String commit() {
            return commit;
        }

        HubException refusal() {
            return refusal;
        }
    }

    /** Where the content of a file is asked for. */
    URI address(HubName name, String revision, String path) {
        return uri("/" + name.repository() + "/resolve/" + whole(revision) + "/" + encoded(path));
    }

    private HubAnswer document(HubName name, URI uri, boolean patient) throws IOException {
        HubAnswer answer = asked(name, uri, false, patient);
        if (answer.isError() || answer.isRedirect()) {
            throw new HubRefusal(options, name).of(answer);
        }
        return answer;
    }

    /** Asks again after failures that may pass. */
    private HubAnswer asked(HubName name, URI uri, boolean head, boolean patient) throws IOException {
        for (int attempt = 1; ; attempt++) {
            HubAnswer answer = head ? http.head(uri) : http.document(uri);
            noteMove(name, answer);
            Duration asked = HubRefusal.retryAfter(answer.headers());
            if (!answer.isPassing() || !patient || attempt == ATTEMPTS || asked.compareTo(LONGEST_WAIT) > 0) {
                return answer;
            }
            answer.close();
            Pause.sleep(asked.isZero() ? options.patience().retry().multipliedBy(attempt) : asked);
        }
    }

    /** A renamed repository redirects; the user is told once. */
    private void noteMove(HubName name, HubAnswer answer) {
        Matcher path = MOVED.matcher(answer.uri()
                .getPath()
                .substring(Math.min(
                        options.endpoint().getPath().length(),
                        answer.uri().getPath().length())));
        if (movedTo == null && path.matches() && !path.group(1).equalsIgnoreCase(name.repository())) {
            movedTo = path.group(1);
            listener.onNotice("The repository " + name.repository() + " has moved to " + movedTo + "; write "
                    + HubName.PREFIX + movedTo + " from now on.");
        }
    }

    private @Nullable Object json(HubName name, HubAnswer answer) throws IOException {
        try {
            return Json.parse(http.text(answer));
        } catch (JacksonException e) {
            throw notAHub(name, "its answer is not JSON");
        }
    }

    private Map<?, ?> object(HubName name, @Nullable Object value) {
        if (value instanceof Map<?, ?> object) {
            return object;
        }
        throw notAHub(name, "its answer is not a JSON object");
    }

    private HubException notAHub(HubName name, String fault) {
        return new HubException(
                Reason.UNEXPECTED,
                options.endpoint() + " does not answer as a hub when it is asked for " + name + ": " + fault
                        + ". Check HF_ENDPOINT; a proxy or a login page may answer instead.");
    }

    private URI uri(String encodedPath) {
        return URI.create(options.endpoint() + encodedPath);
    }

    /** A revision as one part of a path, where its slashes are encoded. */
    private static String whole(String revision) {
        return encoded(revision).replace("/", "%2F");
    }

    private static String encoded(String path) {
        try {
            return new URI(null, null, "/" + path, null).toASCIIString().substring(1);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("The path " + path + " cannot be part of an address.", e);
        }
    }
}
