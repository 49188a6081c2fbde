package io.lethean.lem.hub;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The requests for the content of one file, until all of it is there. A cut connection, a stall and a failure of the
 * server that may pass are followed by a request for the rest.
 */
final class Transfer {

    /** Failures in a row, between which less than this arrived, that end the transfer. */
    private static final int MOST_FAILURES = 5;

    private static final long PROGRESS_BYTES = 1 << 20;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int FORBIDDEN = 403;
    private static final int RANGE = 416;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final HubOptions options;
    private final HubHttp http;
    private final HubName name;
    private final RemoteFile file;
    private final ProgressMeter meter;

    /** The server's own mark of the content, by which it tells that a resumed file has changed. */
    private String validator = "";

    private int failures;
    private long lengthAtFailure;

    /** @param name of the file, with its commit as the revision */
    Transfer(HubOptions options, HubHttp http, HubName name, RemoteFile file, ProgressMeter meter) {
        this.options = options;
        this.http = http;
        this.name = name;
        this.file = file;
        this.meter = meter;
    }

    /** A failure after which the rest is asked for. */
    private static final class PassingException extends Exception {

        private static final long serialVersionUID = 1L;

        private final Duration wait;

        PassingException(String message, Duration wait, Throwable cause) {
            super(message, cause);
            this.wait = wait;
        }

        PassingException(String message, Duration wait) {
            super(message);
            this.wait = wait;
        }
    }

    /** Returns when as many bytes are there as the file has. */
    void run(PartialFile partial) throws IOException {
        lengthAtFailure = partial.length();
        meter.start(partial.length());
        while (partial.missing() > 0) {
            try {
                request(partial);
            } catch (PassingException passing) {
                waitAfter(passing, partial);
            }
        }
    }

    private void waitAfter(PassingException passing, PartialFile partial) throws IOException {
        failures = partial.length() - lengthAtFailure >= PROGRESS_BYTES ? 1 : failures + 1;
        lengthAtFailure = partial.length();
        if (failures > MOST_FAILURES || passing.wait.compareTo(LONGEST_WAIT) > 0) {
            throw new HubException(
                    passing.wait.isZero() ? Reason.UNREACHABLE : Reason.RATE_LIMITED,
                    "The download of " + name + " stopped at " + ByteCount.text(partial.length()) + " of "
                            + ByteCount.text(file.size()) + ": " + passing.getMessage() + ". Run it again"
                            + (passing.wait.isZero() ? "" : " in " + passing.wait.toSeconds() + " s")
                            + "; it resumes there.",
                    passing);
        }
        Pause.sleep(passing.wait.isZero() ? options.patience().retry().multipliedBy(failures) : passing.wait);
    }

    private void request(PartialFile partial) throws IOException, PassingException {
        Map<String, String> headers = new HashMap<>(Map.of("Accept-Encoding", "identity"));
        if (partial.length() > 0) {
            headers.put("Range", "bytes=" + partial.length() + "-");
            if (!validator.isEmpty()) {
                headers.put("If-Range", validator);
            }
        }
        try (HubAnswer answer = answer(headers)) {
            requireSameContent(answer);
            switch (answer.status()) {
                case OK -> whole(answer, partial);
                case PARTIAL -> rest(answer, partial);
                case RANGE -> noRange(answer, partial);
                default -> refuse(answer);
            }
        }
    }

    private HubAnswer answer(Map<String, String> headers) throws IOException, PassingException {
        URI uri = new HubApi(options, http, HubListener.SILENT).address(name, name.revisionOrMain(), file.path());
        try {
            return http.content(uri, headers);
        } catch (HubException e) {
            if (e.reason() != Reason.UNREACHABLE) {
                throw e;
            }
            String message = e.getCause() instanceof IOException failure ? HubHttp.reason(failure) : "no connection";
            throw new PassingException(message, Duration.ZERO, e);
        }
    }

    /** The commit is fixed, so its content cannot change; a hub that says otherwise is not believed. */
    private void requireSameContent(HubAnswer answer) {
        Optional<String> etag = answer.linkedEtag();
        if (etag.isPresent() && !etag.get().equals(file.etag())) {
            throw new HubException(
                    Reason.DAMAGED,
                    "The hub listed " + file.path() + " of " + name.repository() + " with the checksum " + file.etag()
                            + ", and now offers it with " + etag.get() + "; nothing was replaced. Run this again.");
        }
    }

    private void refuse(HubAnswer answer) throws PassingException {
        Duration asked = HubRefusal.retryAfter(answer.headers());
        // Where a signed address has expired, the hub makes a new one.
        if (answer.isPassing() || answer.status() == FORBIDDEN && !answer.fromHub()) {
            throw new PassingException(answer.uri().getHost() + " answered with status " + answer.status(), asked);
        }
        throw new HubRefusal(options, name).of(answer);
    }

    /** All of the file, also where only the rest was asked for. */
    private void whole(HubAnswer answer, PartialFile partial) throws IOException, PassingException {
        if (partial.length() > 0) {
            partial.restart();
            meter.start(0);
        }
        long announced = answer.headers().firstValueAsLong("Content-Length").orElse(file.size());
        requireLength(announced, file.size());
        copy(answer, partial);
    }

    private void rest(HubAnswer answer, PartialFile partial) throws IOException, PassingException {
        Matcher range = CONTENT_RANGE.matcher(
                answer.headers().firstValue("Content-Range").orElse(""));
        boolean fits = range.matches() && Long.parseLong(range.group(1)) == partial.length();
        if (!fits) {
            partial.restart();
            meter.start(0);
            throw new PassingException(
                    answer.uri().getHost() + " sent another part of the file than the one that was asked for",
                    Duration.ZERO);
        }
        if (!range.group(3).equals("*")) {
            requireLength(Long.parseLong(range.group(3)), file.size());
        }
        copy(answer, partial);
    }

    /** What is there does not fit what the server has; everything is asked for again. */
    private void noRange(HubAnswer answer, PartialFile partial) throws IOException, PassingException {
        if (partial.length() == 0) {
            throw new HubRefusal(options, name).of(answer);
        }
        partial.restart();
        meter.start(0);
        throw new PassingException(answer.uri().getHost() + " has no such part of the file", Duration.ZERO);
    }

    private void requireLength(long announced, long expected) {
        if (announced != expected) {
            throw new HubException(
                    Reason.DAMAGED,
                    "The hub lists " + file.path() + " of " + name.repository() + " with " + expected
                            + " bytes, and sends " + announced
                            + "; nothing was replaced. Run this again; if it repeats,"
                            + " a proxy or the hub changes the file.");
        }
    }

    private void copy(HubAnswer answer, PartialFile partial) throws IOException, PassingException {
        validator = answer.headers()
                .firstValue("ETag")
                .filter(tag -> tag.startsWith("\""))
                .orElse("");
        requireIdentity(answer);
        while (true) {
            List<ByteBuffer> pieces = next(answer);
            if (pieces.isEmpty()) {
                break;
            }
            for (ByteBuffer piece : pieces) {
                if (piece.remaining() > partial.missing()) {
                    requireLength(partial.length() + piece.remaining(), file.size());
                }
                partial.append(piece);
            }
            meter.update(partial.length());
        }
        if (partial.missing() > 0) {
            throw new PassingException("the connection was closed early", Duration.ZERO);
        }
    }

    private void requireIdentity(HubAnswer answer) {
        String encoding = answer.headers().firstValue("Content-Encoding").orElse("identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            throw new HubException(
                    Reason.UNEXPECTED,
                    "The hub sends " + name + " compressed (" + encoding
                            + "), which was not asked for; check the proxy.");
        }
    }

    private List<ByteBuffer> next(HubAnswer answer) throws IOException, PassingException {
        try {
            return answer.body().next(options.patience().stall());
        } catch (InterruptedException e) {
            throw HubHttp.interrupted(e);
        } catch (IOException cut) {
            throw new PassingException("the connection was cut", Duration.ZERO, cut);
        }
    }
}
