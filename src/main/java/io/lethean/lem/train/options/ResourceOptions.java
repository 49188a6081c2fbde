package io.lethean.lem.train.options;

/**
 * What a training may use of the machine.
 *
 * @param threads CPU threads, at least 0; 0, the default, leaves one processor free
 * @param maxMemoryBytes bytes that the training may use in addition to the model; 0, the default, for what is free
 */
public record ResourceOptions(int threads, long maxMemoryBytes) {

    public ResourceOptions {
        OptionCheck.requireAtLeast("number of threads", threads, 0);
        OptionCheck.require(maxMemoryBytes >= 0, "most memory", maxMemoryBytes, "at least 0");
    }

    /** One processor stays free, and all free memory may be used. */
    public static ResourceOptions defaults() {
        return new ResourceOptions(0, 0);
    }

    /** The threads to use. */
    public int threadsOrDefault() {
        return threads == 0 ? Math.max(1, Runtime.getRuntime().availableProcessors() - 1) : threads;
    }
}
