package io.lethean.lem.evaluation.judge;

import java.io.IOException;
import java.util.List;

/** A judge as OpenAI has it on the loopback address, for tests outside this package. */
public final class JudgeServer implements AutoCloseable {

    private final FlakyServer server;

    /** @param millis how long it thinks before each reply */
    public JudgeServer(String reply, int millis) throws IOException {
        server = new FlakyServer(exchange -> {
            Thread.sleep(millis);
            FlakyServer.text(reply).answer(exchange);
        });
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
