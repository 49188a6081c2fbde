package io.lethean.lem.spark;

import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.ModelIdentity;
import io.lethean.lem.evaluation.run.NamedModel;
import java.util.List;
import java.util.Optional;

/**
 * Who answers, as each executor is told.
 *
 * @param model by its path on every machine
 * @param identity of the driver's file, which the executors' files must have
 * @param expected the machine that all executors must answer as; empty if a mix is allowed
 */
record AskJob(NamedModel model, ModelIdentity identity, Optional<Machine> expected) {

    /** A job with absolute paths, because the executors work in other folders than the driver. */
    static AskJob of(NamedModel model, ModelIdentity identity, Optional<Machine> expected) {
        List<AdapterUse> adapters = model.adapters().stream()
                .map(adapter -> new AdapterUse(adapter.path().toAbsolutePath(), adapter.weight()))
                .toList();
        return new AskJob(
                new NamedModel(model.name(), model.file().toAbsolutePath(), adapters, model.options()),
                identity,
                expected);
    }

    String device() {
        return model.options().compute().device();
    }
}
