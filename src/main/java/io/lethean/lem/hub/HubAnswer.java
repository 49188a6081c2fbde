package io.lethean.lem.hub;

import java.io.Closeable;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The last answer of a chain of redirects.
 *
 * @param status of the answer
 * @param headers of the answer
 * @param uri that gave it
 * @param fromHub whether the hub itself gave it, and not a host that the hub redirects to
 * @param body not read yet
 * @param earlier headers of the hub's redirects before it, the latest first
 */
record HubAnswer(int status, HttpHeaders headers, URI uri, boolean fromHub, TimedBody body, List<HttpHeaders> earlier)
        implements Closeable {

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int FIRST_ERROR = 400;
    private static final int NOT_FOUND = 404;
    private static final int TIMEOUT = 408;
    private static final int TOO_MANY = 429;
    private static final int SERVER = 500;

    boolean isRedirect() {
        return REDIRECTS.contains(status) && headers.firstValue("Location").isPresent();
    }

    boolean isError() {
        return status >= FIRST_ERROR || status >= 300 && !isRedirect();
    }

    boolean isNotFound() {
        return status == NOT_FOUND;
    }

    /** Whether the same request may succeed in a moment. */
    boolean isPassing() {
        return status == TOO_MANY || status == TIMEOUT || status >= SERVER;
    }

    boolean isRateLimit() {
        return status == TOO_MANY;
    }

    /** A header of this answer, or else of the redirects that led to it. Other hosts than the hub are not asked. */
    Optional<String> fromHub(String header) {
        Optional<String> own = fromHub ? headers.firstValue(header) : Optional.empty();
        return own.or(() -> earlier.stream()
                .flatMap(each -> each.firstValue(header).stream())
                .findFirst());
    }

    /** The commit that the file or the listing belongs to. */
    Optional<String> commit() {
        return fromHub("X-Repo-Commit").filter(HubName::isCommit);
    }

    /** The checksum by which the hub names a large file's content, where the answer has one. */
    Optional<String> linkedEtag() {
        return fromHub("X-Linked-Etag").map(HubAnswer::bare);
    }

    /** The name of the content: of a large file its SHA-256, of others the SHA-1 of its git blob. */
    Optional<String> etag() {
        return linkedEtag().or(() -> headers.firstValue("ETag").map(HubAnswer::bare));
    }

    /** The size of the file; a redirect's own length is the length of its page. */
    OptionalLong size() {
        Optional<String> linked = fromHub("X-Linked-Size");
        Optional<String> text = linked.isEmpty() && !isRedirect() ? headers.firstValue("Content-Length") : linked;
        return text.filter(digits -> digits.matches("\\d{1,18}"))
                .map(digits -> OptionalLong.of(Long.parseLong(digits)))
                .orElseGet(OptionalLong::empty);
    }

    /** An entity tag without its quotes and its mark of weakness. */
    private static String bare(String tag) {
        return tag.replaceFirst("\\AW/", "").replace("\"", "");
    }

    @Override
    public void close() {
        body.close();
    }
}
