package io.lethean.lem.server.internal.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/** Server-sent events of a response. The status is sent with the first of them. Confined to the request's thread. */
public final class EventStream {

    private static final byte[] COMMENT = ": waiting\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

    private final HttpCall call;

    EventStream(HttpCall call) {
        this.call = call;
    }

    /** Whether the status was sent, so that an error can only be an event. */
    public boolean hasBegun() {
        return call.hasBegunToAnswer();
    }

    private void begin() throws IOException {
        if (!hasBegun()) {
            call.beginEvents();
        }
    }

    /** Sends an event. */
    public void send(JsonNode data) throws IOException {
        begin();
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        event.writeBytes(DATA);
        event.writeBytes(HttpCall.bytes(data));
        event.writeBytes(END);
        call.write(event.toByteArray());
    }

    /** Sends a comment, which clients skip. It fails if the client is gone. */
    public void comment() throws IOException {
        begin();
        call.write(COMMENT);
    }

    /** Tells the client that the answer has failed. */
    public void fail(ApiError error) throws IOException {
        send(error.json());
    }

    /** Ends the stream as OpenAI does. */
    public void done() throws IOException {
        begin();
        call.write(DONE);
    }
}
