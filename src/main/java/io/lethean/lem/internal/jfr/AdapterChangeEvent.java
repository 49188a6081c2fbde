package io.lethean.lem.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The adapters that a model applies have changed. */
@Name("io.lethean.lem.AdapterChange")
@Label("Adapter Change")
@Category("LEM")
@Description("Loading and applying other LoRA adapters")
@StackTrace(false)
public final class AdapterChangeEvent extends Event {

    @Label("Adapters")
    @Description("Files and weights; empty if the model alone answers")
    private String adapters = "";

    /** An event that begins now. */
    public static AdapterChangeEvent start() {
        AdapterChangeEvent event = new AdapterChangeEvent();
        event.begin();
        return event;
    }

    /** Ends now. */
    public void applied(Object uses) {
        if (shouldCommit()) {
            adapters = String.valueOf(uses);
            commit();
        }
    }
}
