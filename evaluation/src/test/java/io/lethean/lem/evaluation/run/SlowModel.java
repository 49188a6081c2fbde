package io.lethean.lem.evaluation.run;

import io.lethean.lem.Message;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import java.util.List;

/** Answers by rule, after a while. */
public final class SlowModel extends SideBySideModel {

    private final int millis;

    public SlowModel(int millis) {
        this(millis, 1);
    }

    public SlowModel(int millis, int parallel) {
        super(parallel);
        this.millis = millis;
    }

    @Override
    public Generation chat(List<Message> messages, GenerationOptions with) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return super.chat(messages, with);
    }
}
