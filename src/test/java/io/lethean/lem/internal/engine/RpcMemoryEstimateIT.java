package io.lethean.lem.internal.engine;

import io.lethean.lem.internal.ggml.Backend;
import io.lethean.lem.internal.ggml.RpcDevice;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@link MemoryEstimateIT} on a device with its own memory and without operations of our own. */
class RpcMemoryEstimateIT extends MemoryEstimateIT {

    @RegisterExtension
    static final RpcDevice DEVICE = new RpcDevice();

    @Override
    Backend backend(EngineOptions options) {
        return DEVICE.backend();
    }

    @Override
    int bound(int ofCpu) {
        return 15;
    }

    /** DoRA of all projections; of the feed-forward part alone, the estimate is too high by more than the bound. */
    @Test
    @Override
    void magnitudes() throws IOException {
        for (EngineOptions options : List.of(OPTIONS, OPTIONS.withRecomputedLayers(3))) {
            assertPredicted(LLAMA, EVERYWHERE.withMagnitudes(), 2, 64, options);
            assertPredicted(LLAMA, EVERYWHERE.withMagnitudes(), 1, 768, options);
            assertPredicted(GEMMA, EVERYWHERE.withMagnitudes(), 1, 768, options);
        }
    }
}
