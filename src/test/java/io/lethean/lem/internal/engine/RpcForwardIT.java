package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.RpcDevice;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@link ForwardIT} on a device with its own memory. */
class RpcForwardIT extends ForwardIT {

    @RegisterExtension
    static final RpcDevice DEVICE = new RpcDevice();

    @Override
    Backend backend(EngineOptions options) {
        return DEVICE.backend();
    }
}
