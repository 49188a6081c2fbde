package io.lethean.lem.internal.llama;

import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_model_params;
import io.lethean.lem.internal.ggml.NativeDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/**
 * How weights are loaded.
 *
 * @param path the file; of a split model, its first part
 * @param devices GPUs to use; empty for the processor alone
 * @param gpuLayers layers on them; {@link #ALL_LAYERS} means all
 * @param mmap whether the file is mapped
 * @param checkTensors whether to look for NaN and infinite weights
 * @param vocabularyOnly whether to load the vocabulary without the weights
 */
public record ModelParameters(
        Path path,
        List<NativeDevice> devices,
        int gpuLayers,
        boolean mmap,
        boolean checkTensors,
        boolean vocabularyOnly) {

    /** As many layers as the model has, and the output layer. */
    public static final int ALL_LAYERS = -1;

    public ModelParameters {
        devices = List.copyOf(devices);
    }

    /** Loads the vocabulary of a file and nothing else. */
    public static ModelParameters vocabularyOf(Path path) {
        return new ModelParameters(path, List.of(), 0, true, false, true);
    }

    /** As llama.cpp takes them, starting from its own defaults. */
    public MemorySegment toNative(Arena arena) {
        MemorySegment params = LlamaCpp.llama_model_default_params(arena);
        llama_model_params.devices(params, deviceList(arena));
        llama_model_params.n_gpu_layers(params, gpuLayers);
        llama_model_params.check_tensors(params, checkTensors);
        llama_model_params.use_extra_bufts(params, LlamaCpp.lem_has_row_products() == 0);
        llama_model_params.vocab_only(params, vocabularyOnly);
        if (!mmap) {
            llama_model_params.load_mode(params, LlamaCpp.LLAMA_LOAD_MODE_NONE());
        }
        return params;
    }

    /** The devices, ended by NULL; an empty list keeps llama.cpp from choosing GPUs itself. */
    private MemorySegment deviceList(Arena arena) {
        MemorySegment list = arena.allocate(ValueLayout.ADDRESS, devices.size() + 1L);
        for (int i = 0; i < devices.size(); i++) {
            list.setAtIndex(ValueLayout.ADDRESS, i, devices.get(i).address());
        }
        return list;
    }
}
