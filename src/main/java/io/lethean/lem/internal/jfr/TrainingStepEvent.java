package io.lethean.lem.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The weights of an adapter, or of a model, were updated once. */
@Name("io.lethean.lem.TrainingStep")
@Label("Training Step")
@Category("LEM")
@Description("The batches of one update, with their gradients, and the optimizer")
@StackTrace(false)
public final class TrainingStepEvent extends Event {

    @Label("Iteration")
    private int iteration;

    @Label("Trained Tokens")
    private long trainedTokens;

    @Label("Loss")
    @Description("Mean per trained token since the last report, in nats")
    private double loss;

    @Label("Gradient Norm")
    private double gradientNorm;

    /** An event that begins now. */
    public static TrainingStepEvent start() {
        TrainingStepEvent event = new TrainingStepEvent();
        event.begin();
        return event;
    }

    /** Ends now. */
    public void updated(int at, long tokens, double mean, double norm) {
        iteration = at;
        trainedTokens = tokens;
        loss = mean;
        gradientNorm = norm;
        commit();
    }
}
