package io.lethean.lem.evaluation.curriculum;

import io.lethean.lem.internal.io.JsonLineReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The validation losses of a training, by iteration.
 *
 * @param byIteration as the log has them; of a part that was trained twice, the second
 */
record ValidationLosses(TreeMap<Long, Double> byIteration) {

    static ValidationLosses read(Path events) throws IOException {
        TreeMap<Long, Double> losses = new TreeMap<>();
        for (Map<String, Object> event : JsonLineReader.readAll(events)) {
            if ("valid".equals(event.get("event"))
                    && event.get("iteration") instanceof Long iteration
                    && event.get("val_loss") instanceof Double loss) {
                losses.put(iteration, loss);
            }
        }
        return new ValidationLosses(losses);
    }

    double first() {
        return byIteration.isEmpty() ? Double.NaN : byIteration.firstEntry().getValue();
    }

    double last() {
        return byIteration.isEmpty() ? Double.NaN : byIteration.lastEntry().getValue();
    }
}
