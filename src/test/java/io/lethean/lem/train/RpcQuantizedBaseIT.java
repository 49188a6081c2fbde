package io.lethean.lem.train;

import io.lethean.lem.ggml.Backend;
import io.lethean.lem.ggml.RpcDevice;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The same on a device with memory of its own. */
class RpcQuantizedBaseIT extends QuantizedBaseIT {

    private static RpcDevice device;

    @BeforeAll
    static void start() throws IOException {
        device = RpcDevice.start();
    }

    @AfterAll
    static void stop() {
        if (device != null) {
            device.close();
        }
    }

    @Override
    Backend backend(EngineOptions options) {
        return device.backend();
    }
}
