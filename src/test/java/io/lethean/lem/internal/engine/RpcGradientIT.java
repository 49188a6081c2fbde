package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.RpcDevice;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@link GradientIT} on a device with its own memory. */
class RpcGradientIT extends GradientIT {

    @RegisterExtension
    static final RpcDevice DEVICE = new RpcDevice();

    @Override
    Backend backend(EngineOptions options) {
        return DEVICE.backend();
    }
}
