package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.RpcDevice;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@link QuantizedBaseIT} on a device with its own memory. */
class RpcQuantizedBaseIT extends QuantizedBaseIT {

    @RegisterExtension
    static final RpcDevice DEVICE = new RpcDevice();

    @Override
    double bound() {
        return ROUNDING;
    }

    @Override
    Backend backend(EngineOptions options) {
        return DEVICE.backend();
    }
}
