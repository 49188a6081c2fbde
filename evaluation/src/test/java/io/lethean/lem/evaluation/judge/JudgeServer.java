package io.lethean.lem.evaluation.judge;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A judge as OpenAI has it on the loopback address, for tests outside this package. */
public final class JudgeServer implements AutoCloseable {

    private final FlakyServer server;
    private volatile int most = Integer.MAX_VALUE;

    /** @param millis how long it thinks before each reply */
    public JudgeServer(String reply, int millis) throws IOException {
        server = new FlakyServer(exchange -> {
            Thread.sleep(prompts().size() <= most ? millis : TimeUnit.MINUTES.toMillis(10));
            FlakyServer.text(reply).answer(exchange);
        });
    }

    /** Leaves a request without a reply if more than this number were made, so that its client can be killed. */
    public void replyToAtMost(int requests) {
        most = requests;
    }

    /** Such as {@code http://127.0.0.1:4711}. */
    public String address() {
        return server.address();
    }

    /** The bodies of all requests so far. */
    public List<String> prompts() {
        return server.requests.stream().map(FlakyServer.Request::body).toList();
    }

    /** Clears the recorded requests. */
    public void forget() {
        server.requests.clear();
    }

    @Override
    public void close() {
        server.close();
    }
}
