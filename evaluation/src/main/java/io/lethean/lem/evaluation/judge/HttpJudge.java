package io.lethean.lem.evaluation.judge;

import io.lethean.lem.evaluation.JudgeException;
import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.evaluation.score.JudgePrompt;
import io.lethean.lem.evaluation.score.JudgeReply;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks a service over HTTP, with retries and within its rate limit.
 *
 * <p>Retried with increasing delays: network errors, timeouts, status 429 and 5xx, truncated bodies, bodies in another
 * form than the service documents, and replies without usable ratings. Not retried: other statuses. The key is sent in
 * a header, is never stored, and is masked if a service quotes it.
 */
final class HttpJudge implements Judge {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int QUOTED = 120;

    /** Far beyond any reply; a service that sends without end must not fill the memory. */
    private static final long LONGEST_BODY = 1 << 22;

    private final String name;
    private final URI address;
    private final Map<String, String> headers;
    private final String secret;
    private final ReplyFormat format;
    private final JudgeOptions options;
    private final RateLimit rate;
    private final AtomicInteger failuresInARow = new AtomicInteger();
    private final HttpClient client;
    private volatile boolean reached;

    /**
     * @param headers sent with every request
     * @param secret the key that must not appear in any message; empty without a key
     */
    HttpJudge(
            String name,
            URI address,
            Map<String, String> headers,
            String secret,
            ReplyFormat format,
            JudgeOptions options) {
        this.name = name;
        this.address = address;
        this.headers = Map.copyOf(headers);
        this.secret = secret;
        this.format = format;
        this.options = options;
        rate = new RateLimit(options.interval());
        client = HttpClient.newBuilder().connectTimeout(options.timeout()).build();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public JudgeReply ask(JudgePrompt prompt) {
        try {
            JudgeReply reply = askPatiently(prompt);
            failuresInARow.set(0);
            return reply;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JudgeException(String.format(Locale.ROOT, "Asking the judge %s was interrupted.", name), e);
        } catch (UnusableReplyException e) {
            return failed(e);
        }
    }

    private JudgeReply failed(UnusableReplyException last) {
        if (failuresInARow.incrementAndGet() >= options.failuresToStop()) {
            throw new JudgeException(String.format(
                            Locale.ROOT,
                            "The judge %s at %s failed for %d answers in a row, the last time because %s;"
                                    + " try again later,",
                            name,
                            address,
                            options.failuresToStop(),
                            last.getMessage())
                    + " what it said so far is kept.");
        }
        return new JudgeReply.Failure(String.valueOf(last.getMessage()));
    }

    private JudgeReply askPatiently(JudgePrompt prompt) throws InterruptedException, UnusableReplyException {
        String body = format.request(prompt.text(), options.maxTokens());
        for (int attempt = 1; ; attempt++) {
            try {
                String text = attempt(body);
                if (attempt == options.attempts() || prompt.accepts(text)) {
                    return new JudgeReply.Text(text);
                }
                Thread.sleep(pause(attempt, 0));
            } catch (UnusableReplyException e) {
                requireReached(e);
                if (attempt == options.attempts()) {
                    throw e;
                }
                Thread.sleep(pause(attempt, e.waitSeconds()));
            }
        }
    }

    /** A judge that was never there is a wrong address; one that was there may come back. */
    private void requireReached(UnusableReplyException failure) {
        if (!reached && failure.nobodyThere()) {
            throw new JudgeException(String.format(
                    Locale.ROOT,
                    "Nobody answers at %s, where the judge %s was expected; start it, or check the address.",
                    address.getAuthority(),
                    name));
        }
    }

    private Duration pause(int attempt, long askedSeconds) {
        Duration grown = options.firstWait().multipliedBy(1L << Math.min(attempt - 1, 20));
        Duration asked = Duration.ofSeconds(Math.clamp(askedSeconds, 0, 86_400));
        Duration longer = grown.compareTo(asked) > 0 ? grown : asked;
        return longer.compareTo(options.longestWait()) < 0 ? longer : options.longestWait();
    }

    private String attempt(String body) throws InterruptedException, UnusableReplyException {
        rate.await();
        HttpResponse<String> response = send(body);
        reached = true;
        if (response.statusCode() != 200) {
            throw refused(response);
        }
        try {
            return format.text(JSON.readTree(response.body()));
        } catch (JacksonException e) {
            throw new UnusableReplyException("its answer is not JSON: " + quoted(response.body()));
        }
    }

    private HttpResponse<String> send(String body) throws InterruptedException, UnusableReplyException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        headers.forEach(request::header);
        // The client's own timeout ends with the headers; a body may then trickle in for ever.
        CompletableFuture<HttpResponse<String>> pending = client.sendAsync(
                request.build(),
                HttpResponse.BodyHandlers.limiting(
                        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8), LONGEST_BODY));
        try {
            return pending.get(options.timeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new UnusableReplyException(
                    "it did not answer within " + options.timeout().toMillis() + " ms");
        } catch (ExecutionException e) {
            throw networkTrouble(e.getCause());
        } finally {
            pending.cancel(true);
        }
    }

    private UnusableReplyException networkTrouble(@Nullable Throwable cause) {
        if (cause instanceof ConnectException) {
            return UnusableReplyException.nobody("nobody answers at " + address.getAuthority());
        }
        String message = cause instanceof IOException && cause.getMessage() != null
                ? cause.getMessage()
                : cause == null ? "no reason known" : cause.getClass().getSimpleName();
        return new UnusableReplyException("the connection broke (" + quoted(message) + ")");
    }

    private UnusableReplyException refused(HttpResponse<String> response) {
        int status = response.statusCode();
        String said = status + ": " + quoted(response.body());
        if (status == 429 || status >= 500) {
            long wait = response.headers()
                    .firstValue("Retry-After")
                    .map(HttpJudge::seconds)
                    .orElse(0L);
            return new UnusableReplyException("it answered with status " + said, wait);
        }
        throw new JudgeException(String.format(
                Locale.ROOT,
                "The judge %s at %s refuses to be asked, with status %s; check address, model name and key.",
                name,
                address,
                said));
    }

    private static long seconds(String retryAfter) {
        try {
            return Long.parseLong(retryAfter.strip());
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private String quoted(String text) {
        String open = secret.isEmpty() ? text : text.replace(secret, "[key]");
        String line = open.strip().replaceAll("\\s+", " ");
        return line.length() <= QUOTED ? line : line.substring(0, QUOTED) + "...";
    }
}
