package io.lethean.lem.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** The prompt of one answer was evaluated. */
@Name("io.lethean.lem.Prompt")
@Label("Prompt")
@Category("LEM")
@Description("Evaluating the prompt of one answer; other answers may grow at the same time")
@StackTrace(false)
public final class PromptEvent extends Event {

    @Label("Prompt Tokens")
    private int promptTokens;

    @Label("Reused Tokens")
    @Description("Tokens at the beginning that were evaluated before")
    private int reusedTokens;

    @Label("Waiting")
    @Description("From the call until the prompt was begun")
    @Timespan(Timespan.NANOSECONDS)
    private long waiting;

    /** An event that begins now. */
    public static PromptEvent start(int tokens, long waitingNanos) {
        PromptEvent event = new PromptEvent();
        event.begin();
        event.promptTokens = tokens;
        event.waiting = waitingNanos;
        return event;
    }

    /** Ends now. */
    public void evaluated(int reused) {
        reusedTokens = reused;
        commit();
    }
}
