package io.lethean.lem.spark;

import io.lethean.lem.evaluation.BenchmarkException;
import io.lethean.lem.evaluation.run.Machine;
import io.lethean.lem.evaluation.run.NamedModel;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which kind of machine answers: the same for all models of an application that ask for the same device, because their answers are
 * compared.
 */
final class MachineKinds {

    private record Kind(Machine machine, String model) {}

    private final Map<String, Kind> byDevice = new HashMap<>();

    /**
     * The kind of machine that answers the questions of a model.
     *
     * @param recorded the kinds of its recorded answers
     * @param anywhere finds a machine, if no model has one yet
     * @throws BenchmarkException if the recorded answers are by several kinds, or by another one than those of an earlier model
     */
    synchronized Machine of(NamedModel model, List<Machine> recorded, Supplier<Machine> anywhere) {
        String device = model.options().compute().device();
        Kind before = byDevice.get(device);
        Optional<Machine> own = Machine.only(recorded);
        if (before == null) {
            Machine first = own.orElseGet(anywhere);
            byDevice.put(device, new Kind(first, model.name()));
            return first;
        }
        if (own.isPresent() && !own.get().answersAs(before.machine)) {
            throw new BenchmarkException(String.format(
                    Locale.ROOT,
                    "Recorded answers of %s were computed by %s, and those of %s by %s: a comparison of the two would depend on the"
                            + " machines. Use another folder, or allow a mix.",
                    model.name(),
                    own.get().described(),
                    before.model,
                    before.machine.described()));
        }
        return before.machine;
    }
}
