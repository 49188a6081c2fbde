package io.lethean.lem.evaluation.run;

import io.lethean.lem.Message;
import io.lethean.lem.model.Generation;
import io.lethean.lem.model.GenerationOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Answers by rule, after a while, and after some answers no more. */
public final class SlowModel extends SideBySideModel {

    private final int millis;
    private final int most;

    public SlowModel(int millis, int most) {
        this(millis, most, 1);
    }

    /**
     * @param millis the time of an answer
     * @param most how many answers it gives: the next one takes so long that the process is killed while it runs
     */
    public SlowModel(int millis, int most, int parallel) {
        super(parallel);
        this.millis = millis;
        this.most = most;
    }

    /**
     * Takes the time of one answer.
     *
     * @param given answers of this process before it
     */
    public static void take(int millis, int most, int given) {
        try {
            TimeUnit.MILLISECONDS.sleep(given < most ? millis : TimeUnit.MINUTES.toMillis(10));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Generation chat(List<Message> messages, GenerationOptions with) {
        take(millis, most, asked.size());
        return super.chat(messages, with);
    }
}
