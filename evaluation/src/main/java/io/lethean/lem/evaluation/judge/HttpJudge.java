package io.lethean.lem.evaluation.judge;

import io.lethean.lem.evaluation.JudgeException;
import io.lethean.lem.evaluation.judge.HttpTransport.Response;
import io.lethean.lem.evaluation.judge.UnusableReplyException.Kind;
import io.lethean.lem.evaluation.score.Judge;
import io.lethean.lem.evaluation.score.JudgePrompt;
import io.lethean.lem.evaluation.score.JudgeReply;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks a service over HTTP, with patience and within its rate.
 *
 * <p>Repeated after a growing wait: network errors, timeouts, status 408, 409, 425, 429 and 5xx, bodies cut short, and
 * bodies that are not what the service promises. Repeated at once, with a sentence about the fault: replies without
 * usable ratings. Not repeated: other statuses. They end the run, unless the service has answered before and refuses
 * one question only. The key is sent in a header, is never stored, and is replaced if a service quotes it.
 */
final class HttpJudge implements Judge {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int QUOTED = 120;
    private static final Set<Integer> PASSING = Set.of(408, 409, 425, 429);

    /** Statuses by which a service refuses what is asked, and not who asks. */
    private static final Set<Integer> REFUSED_QUESTION = Set.of(400, 413, 422);

    /** By how much the limit on tokens is raised for a model that spends all of them on its reasoning. */
    private static final int MORE_TOKENS = 8;

    private final String name;
    private final JudgeService service;
    private final ReplyFormat format;
    private final JudgeOptions options;
    private final RateLimit rate;
    private final AtomicInteger failuresInARow = new AtomicInteger();
    private final HttpTransport transport;
    private volatile boolean reached;
    private volatile boolean answered;
    private volatile int tokenFactor = 1;

    HttpJudge(String name, JudgeService service, ReplyFormat format, JudgeOptions options) {
        this.name = name;
        this.service = service;
        this.format = format;
        this.options = options;
        rate = new RateLimit(options.interval());
        transport = service.transport(options);
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
                            "The judge %s at %s failed for %s answers in a row, the last time because %s;"
                                    + " try again later.",
                            name,
                            service.shown(),
                            options.failuresToStop(),
                            last.getMessage())
                    + " Its replies so far are kept.");
        }
        return new JudgeReply.Failure(String.valueOf(last.getMessage()));
    }

    private JudgeReply askPatiently(JudgePrompt prompt) throws InterruptedException, UnusableReplyException {
        String text = prompt.text();
        for (int attempt = 1; ; attempt++) {
            try {
                String reply = attempt(text);
                Optional<String> fault = prompt.fault(reply);
                if (fault.isEmpty() || attempt == options.attempts()) {
                    return new JudgeReply.Text(reply);
                }
                text = prompt.textAfter(service.secrets().hide(reply), fault.get());
            } catch (UnusableReplyException e) {
                requireReached(e);
                if (attempt == options.attempts() || e.kind() == Kind.REFUSED) {
                    throw e;
                }
                tokenFactor = e.kind() == Kind.CUT_SHORT ? MORE_TOKENS : tokenFactor;
                Thread.sleep(pause(attempt, e.waiting()));
            }
        }
    }

    /** A judge that was never there is a wrong address; one that was there may come back. */
    private void requireReached(UnusableReplyException failure) {
        if (!reached && failure.kind() == Kind.NOBODY_THERE) {
            throw new JudgeException(String.format(
                    Locale.ROOT,
                    "Nobody answers at %s, where the judge %s was expected; start it, or check the address.",
                    service.address().getRawAuthority(),
                    name));
        }
    }

    private Duration pause(int attempt, Duration asked) {
        Duration grown = options.firstWait().multipliedBy(1L << Math.min(attempt - 1, 20));
        Duration longer = grown.compareTo(asked) > 0 ? grown : asked;
        return longer.compareTo(options.longestWait()) < 0 ? longer : options.longestWait();
    }

    private String attempt(String prompt) throws InterruptedException, UnusableReplyException {
        Response response = sendAdapted(prompt);
        reached = true;
        if (response.status() != 200) {
            throw refused(response);
        }
        answered = true;
        try {
            return format.text(JSON.readTree(response.body()));
        } catch (JacksonException e) {
            throw new UnusableReplyException("its answer is not JSON: " + quoted(response.body()));
        }
    }

    /** Sends a request, and sends it again for as long as a refusal changes the request. */
    private Response sendAdapted(String prompt) throws InterruptedException, UnusableReplyException {
        String sent = request(prompt);
        while (true) {
            Response response = send(sent);
            if (response.status() != 400 && response.status() != 422) {
                return response;
            }
            format.adapt(response.body());
            String adapted = request(prompt);
            if (adapted.equals(sent)) {
                return response;
            }
            sent = adapted;
        }
    }

    private String request(String prompt) {
        return format.request(prompt, Math.multiplyExact(options.maxTokens(), tokenFactor));
    }

    private Response send(String body) throws InterruptedException, UnusableReplyException {
        rate.await();
        try {
            return transport.post(service.headers(), body, options.timeout());
        } catch (TimeoutException e) {
            throw new UnusableReplyException(
                    "it did not answer within " + options.timeout().toMillis() + " ms");
        } catch (ConnectException e) {
            throw UnusableReplyException.nobody(
                    "nobody answers at " + service.address().getRawAuthority());
        } catch (IOException e) {
            String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new UnusableReplyException("the connection broke (" + quoted(message) + ")");
        }
    }

    private UnusableReplyException refused(Response response) {
        int status = response.status();
        String said = status + ": " + quoted(response.body());
        if (PASSING.contains(status) || status >= 500) {
            Duration asked = RetryAfter.of(response.headers(), Instant.now());
            return new UnusableReplyException("it answered with status " + said + tooLong(asked), asked);
        }
        if (answered && REFUSED_QUESTION.contains(status)) {
            return UnusableReplyException.refused("it refuses this question with status " + said);
        }
        String target = response.headers()
                .firstValue("Location")
                .map(location -> " It redirects to " + quoted(JudgeAddress.shown(location)) + ".")
                .orElse("");
        throw new JudgeException(String.format(
                Locale.ROOT,
                "The judge %s at %s refuses to be asked, with status %s; check address, model name and key.%s",
                name,
                service.shown(),
                said,
                target));
    }

    private String tooLong(Duration asked) {
        return asked.compareTo(options.longestWait()) <= 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        " (it asked for a wait of %s s, and the longest wait is %s s)",
                        seconds(asked),
                        seconds(options.longestWait()));
    }

    private static String seconds(Duration wait) {
        return wait.toMillis() % 1000 == 0
                ? Long.toString(wait.toSeconds())
                : Double.toString(wait.toMillis() / 1000.0);
    }

    private String quoted(String text) {
        String line = service.secrets().hide(text).strip().replaceAll("\\s+", " ");
        return line.length() <= QUOTED ? line : line.substring(0, QUOTED) + "...";
    }
}
