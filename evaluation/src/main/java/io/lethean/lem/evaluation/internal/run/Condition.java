package io.lethean.lem.evaluation.internal.run;

import io.lethean.lem.Message;
import io.lethean.lem.evaluation.kernel.Kernel;
import io.lethean.lem.evaluation.probe.Probe;
import java.util.List;
import java.util.Optional;

/** How a probe is put: alone, or after a kernel as the system turn. */
public record Condition(String name, Optional<Kernel> kernel) {

    public static Condition baseline() {
        return new Condition(Kernel.BASELINE, Optional.empty());
    }

    public static Condition of(Kernel kernel) {
        return new Condition(kernel.name(), Optional.of(kernel));
    }

    public List<Message> messages(Probe probe) {
        Message user = Message.user(probe.prompt());
        return kernel.map(text -> List.of(Message.system(text.text()), user)).orElse(List.of(user));
    }
}
