package io.lethean.lem.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class HubHttpTest {

    @Test
    void connectionThatEndsBetweenHeadAndContent_isSaidToBeClosedEarly() {
        IOException parser = new IOException("fixed content-length: 200000, bytes received: 0", new EOFException());

        assertThat(HubHttp.reason(new IOException(parser.getMessage(), parser)))
                .isEqualTo("the connection was closed early");
    }

    @Test
    void otherFailures_keepTheirMessage() {
        assertThat(HubHttp.reason(new IOException("Connection reset"))).isEqualTo("Connection reset");
        assertThat(HubHttp.reason(new IOException(""))).isEqualTo("the connection failed");
    }
}
