package io.lethean.lem.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** One answer was generated, from the end of its prompt to its last token. Texts are never recorded. */
@Name("io.lethean.lem.Generation")
@Label("Generation")
@Category("LEM")
@Description("Generating the tokens of one answer; other answers may grow at the same time")
@StackTrace(false)
public final class GenerationEvent extends Event {

    @Label("Prompt Tokens")
    private int promptTokens;

    @Label("Generated Tokens")
    private int generatedTokens;

    @Label("Time to First Token")
    @Description("From the call until the first token was chosen; 0 if there was no token")
    @Timespan(Timespan.NANOSECONDS)
    private long firstToken;

    @Label("Finish Reason")
    private String finishReason = "";

    /** An event that begins now. */
    public static GenerationEvent start(int prompt) {
        GenerationEvent event = new GenerationEvent();
        event.begin();
        event.promptTokens = prompt;
        return event;
    }

    /** Ends now. */
    public void finished(int tokens, long firstTokenNanos, Object reason) {
        generatedTokens = tokens;
        firstToken = firstTokenNanos;
        finishReason = String.valueOf(reason);
        commit();
    }
}
