package io.lethean.lem.train.options;

/**
 * What a training may use of the machine.
 *
 * @param device what computes: {@code cpu}, the default; {@code auto} for the first GPU, or the CPU without one; or the
 *     name of a device such as {@code CUDA0}
 * @param threads CPU threads, at least 0; 0, the default, leaves one processor free
 * @param maxMemoryBytes bytes that the training may use in addition to the model; 0, the default, for what is free
 */
public record ResourceOptions(String device, int threads, long maxMemoryBytes) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ResourceOptions {
        OptionCheck.require(!device.isBlank(), "device", device, "cpu, auto or the name of a device");
        OptionCheck.requireAtLeast("number of threads", threads, 0);
        OptionCheck.require(maxMemoryBytes >= 0, "most memory", maxMemoryBytes, "at least 0");
    }

    /** {@return the CPU; one processor stays free, and all free memory may be used} */
    public static ResourceOptions defaults() {
        return new ResourceOptions("cpu", 0, 0);
    }

    /** {@return the threads to use} */
    public int threadsOrDefault() {
        return threads == 0 ? Math.max(1, Runtime.getRuntime().availableProcessors() - 1) : threads;
    }
}
