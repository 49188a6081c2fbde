package io.lethean.lem.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Weights and context were loaded, or failed to load. */
@Name("io.lethean.lem.ModelLoad")
@Label("Model Load")
@Category("LEM")
@Description("Loading the weights of a model and creating its context")
@StackTrace(false)
public final class ModelLoadEvent extends Event {

    @Label("Path")
    private String path = "";

    @Label("Model")
    @Description("llama.cpp's description of the network; empty if the model could not be loaded")
    private String description = "";

    @Label("Devices")
    private String devices = "";

    @Label("Weights")
    @DataAmount
    private long weightBytes;

    @Label("Context Tokens")
    private int contextTokens;

    @Label("Threads")
    private int threads;

    @Label("Loaded")
    private boolean loaded;

    /** An event that begins now. */
    public static ModelLoadEvent start(Object file) {
        ModelLoadEvent event = new ModelLoadEvent();
        event.begin();
        if (event.isEnabled()) {
            event.path = String.valueOf(file);
        }
        return event;
    }

    /** Notes what was loaded. */
    public void loaded(String model, String usedDevices, long bytes, int tokens, int usedThreads) {
        description = model;
        devices = usedDevices;
        weightBytes = bytes;
        contextTokens = tokens;
        threads = usedThreads;
        loaded = true;
    }
}
