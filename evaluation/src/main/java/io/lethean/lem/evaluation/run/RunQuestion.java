package io.lethean.lem.evaluation.run;

import io.lethean.lem.Message;
import io.lethean.lem.model.GenerationOptions;
import java.util.List;

/**
 * One question of a run.
 *
 * @param probe the index of its probe in the run
 * @param id the probe's id; may be empty
 * @param condition under which it is asked; together with the index it tells the run's questions apart
 * @param messages what the model is given
 * @param options of the answer
 */
public record RunQuestion(int probe, String id, String condition, List<Message> messages, GenerationOptions options) {

    /** Copies the list, so that later changes of it do not count. */
    public RunQuestion {
        messages = List.copyOf(messages);
    }
}
