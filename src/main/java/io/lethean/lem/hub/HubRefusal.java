package io.lethean.lem.hub;

import io.lethean.lem.HubException;
import io.lethean.lem.HubException.Reason;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * What an answer with an error means, and what to do next.
 *
 * @param options of the hub that answered
 * @param name that was asked for
 */
record HubRefusal(HubOptions options, HubName name) {

    private static final int LONGEST_QUOTE = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int RANGE = 416;

    /** The refusal as an exception; the answer is closed. */
    HubException of(HubAnswer answer) {
        answer.close();
        String code = answer.headers().firstValue("X-Error-Code").orElse("");
        return switch (code) {
            case "GatedRepo" -> gated();
            case "RepoNotFound" -> noRepository(answer);
            case "RevisionNotFound" -> noRevision();
            case "EntryNotFound" -> noEntry();
            default -> byStatus(answer);
        };
    }

    private HubException byStatus(HubAnswer answer) {
        if (answer.isRateLimit()) {
            return rateLimited(answer);
        }
        return switch (answer.status()) {
            case UNAUTHORIZED -> noRepository(answer);
            case FORBIDDEN -> forbidden(answer);
            case NOT_FOUND -> noEntry();
            case RANGE -> odd(answer, "The part of the file that was asked for does not exist there");
            default ->
                answer.isPassing()
                        ? new HubException(
                                Reason.UNAVAILABLE,
                                host(answer) + " answered with status " + answer.status() + quoted(answer)
                                        + ", a failure of its own; try again later. A download resumes where it"
                                        + " stopped.")
                        : odd(answer, "That is not an answer of a hub");
        };
    }

    private HubException gated() {
        String page = page();
        return new HubException(
                Reason.ACCESS_DENIED,
                options.token()
                        .map(token -> name.repository() + " is gated, and the account of the token in " + token.source()
                                + " may not read it; accept its conditions at " + page
                                + " with that account, and wait if the authors approve by hand.")
                        .orElseGet(() -> name.repository() + " is gated: its authors ask for a licence to be accepted."
                                + " Accept it at " + page + ", make a token with the right to read at "
                                + options.endpoint() + "/settings/tokens, and put it in the environment variable"
                                + " HF_TOKEN."));
    }

    private HubException noRepository(HubAnswer answer) {
        boolean badToken = answer.status() == UNAUTHORIZED
                && answer.headers()
                        .firstValue("X-Error-Message")
                        .filter(message -> message.contains("nvalid"))
                        .isPresent();
        Optional<String> source = options.token().map(HubToken::source);
        if (badToken && source.isPresent()) {
            return new HubException(
                    Reason.ACCESS_DENIED,
                    options.endpoint() + " does not accept the token in " + source.get()
                            + "; make a new one at " + options.endpoint() + "/settings/tokens, or remove it: public"
                            + " models need no token.");
        }
        return new HubException(
                Reason.NOT_FOUND,
                source.map(token -> options.endpoint() + " has no model repository " + name.repository()
                                + " that the account of the token in " + token
                                + " may see; check the spelling, or ask its owner for access.")
                        .orElseGet(() -> options.endpoint() + " has no public model repository " + name.repository()
                                + "; check the spelling, or set HF_TOKEN if it is private."));
    }

    private HubException noRevision() {
        return new HubException(
                Reason.NOT_FOUND,
                name.repository() + " has no revision " + name.revisionOrMain() + "; " + page()
                        + " lists its branches, and without @ the branch main is used.");
    }

    HubException noEntry() {
        String what = name.path().isEmpty() ? "what was asked for" : "a file " + name.path();
        return new HubException(
                Reason.NOT_FOUND,
                name.repository() + " does not have " + what + " at the revision " + name.revisionOrMain() + "; "
                        + page() + "/tree/" + name.revisionOrMain() + " shows its files.");
    }

    private HubException forbidden(HubAnswer answer) {
        return new HubException(
                Reason.ACCESS_DENIED,
                host(answer) + " refuses access to " + name.repository() + quoted(answer) + "; "
                        + (options.hasToken()
                                ? "the token needs the right to read this repository: see " + options.endpoint()
                                        + "/settings/tokens."
                                : "if it is private or gated, set HF_TOKEN, and see " + page() + "."));
    }

    private HubException rateLimited(HubAnswer answer) {
        Duration wait = retryAfter(answer.headers());
        return new HubException(
                Reason.RATE_LIMITED,
                host(answer) + " limits how many requests it takes; try again "
                        + (wait.isZero() ? "in some minutes" : "in " + wait.toSeconds() + " s")
                        + (options.hasToken() ? "." : ", or set HF_TOKEN: with a token the limit is higher."));
    }

    private HubException odd(HubAnswer answer, String meaning) {
        return new HubException(
                Reason.UNEXPECTED,
                host(answer) + " answered with status " + answer.status() + quoted(answer) + " for " + name + ". "
                        + meaning + "; check HF_ENDPOINT and the proxy.");
    }

    private static String host(HubAnswer answer) {
        return answer.uri().getScheme() + "://" + answer.uri().getRawAuthority();
    }

    private String page() {
        return options.endpoint() + "/" + name.repository();
    }

    /** The server's own words, in one line and without the token. */
    private String quoted(HubAnswer answer) {
        String said = answer.headers()
                .firstValue("X-Error-Message")
                .orElse("")
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip();
        String hidden = options.token().map(token -> token.hide(said)).orElse(said);
        return hidden.isEmpty() ? "" : " (" + hidden.substring(0, Math.min(LONGEST_QUOTE, hidden.length())) + ")";
    }

    /** The wait that a server asks for; zero if it does not say. */
    static Duration retryAfter(HttpHeaders headers) {
        String value = headers.firstValue("Retry-After").orElse("").strip();
        if (value.matches("\\d{1,6}")) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration wait = Duration.between(Instant.now(), until);
            return wait.isNegative() ? Duration.ZERO : wait.plusSeconds(1);
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }
}
