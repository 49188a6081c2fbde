package io.lethean.lem.evaluation.bench;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import java.util.List;
import java.util.Optional;

/** How a probe is put: alone, or after a kernel as the system turn. */
record AbCondition(String name, Optional<Kernel> kernel) {

    static AbCondition baseline() {
        return new AbCondition(Kernel.BASELINE, Optional.empty());
    }

    static AbCondition of(Kernel kernel) {
        return new AbCondition(kernel.name(), Optional.of(kernel));
    }

    List<Message> messages(Probe probe) {
        Message user = Message.user(probe.prompt());
        return kernel.map(text -> List.of(Message.system(text.text()), user)).orElse(List.of(user));
    }
}
