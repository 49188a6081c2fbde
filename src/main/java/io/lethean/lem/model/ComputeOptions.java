package io.lethean.lem.model;

import static io.lethean.lem.model.OptionRange.require;

import java.util.Objects;

/**
 * Where a model computes and with how many threads.
 *
 * @param device {@code auto}, the default, uses the GPUs that are present, else the CPU; {@code cpu} uses nothing else;
 *     any other text is the name of a device such as {@code CUDA0}, {@code Metal} or {@code Vulkan0}, and an error if
 *     it is absent
 * @param gpuLayers layers on the GPU, default {@link GpuLayers#AUTO}
 * @param threads threads that generate; 0, the default, leaves one processor free and takes at least one. More threads
 *     than processors are refused: they make generation 50 to 100 times slower
 * @param batchThreads threads that evaluate prompts; 0, the default, takes {@code threads}
 */
public record ComputeOptions(String device, GpuLayers gpuLayers, int threads, int batchThreads) {

    private static final int MAX_THREADS = 512;

    static final ComputeOptions DEFAULTS = new ComputeOptions("auto", GpuLayers.AUTO, 0, 0);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is out of its range
     */
    public ComputeOptions {
        Objects.requireNonNull(gpuLayers, "gpuLayers");
        require("threads", threads, 0, MAX_THREADS);
        require("batchThreads", batchThreads, 0, MAX_THREADS);
        require(!device.isBlank(), "device", "\"" + device + "\"", "auto, cpu or the name of a device");
    }
}
