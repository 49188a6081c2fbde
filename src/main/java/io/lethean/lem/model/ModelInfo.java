package io.lethean.lem.model;

import java.nio.file.Path;
import java.util.List;

/**
 * What a loaded model is and what was decided while loading it; {@code lem info} prints it. Immutable.
 *
 * @param weights the file and its weights
 * @param architecture sizes of the network
 * @param vocabulary its tokens
 * @param context the context that was created
 * @param compute where it runs
 * @param build the native libraries
 * @param warnings sentences that a user should see, such as a context larger than the one in training
 */
public record ModelInfo(
        Weights weights,
        Architecture architecture,
        VocabularyInfo vocabulary,
        ContextInfo context,
        ComputeInfo compute,
        Build build,
        List<String> warnings) {

    /** Copies the list, so that later changes of it do not count. */
    public ModelInfo {
        warnings = List.copyOf(warnings);
    }

    /**
     * The file and its weights.
     *
     * @param path the file
     * @param fileBytes its size, all parts of a split model together
     * @param fileType the main number format of the weights, by llama.cpp's name
     * @param parameters number of weights
     * @param bytes bytes of all tensors
     * @param mmap whether the file is mapped
     */
    public record Weights(Path path, long fileBytes, String fileType, long parameters, long bytes, boolean mmap) {}

    /**
     * Sizes of the network.
     *
     * @param name such as {@code llama} or {@code gemma3}
     * @param description llama.cpp's one-line description, such as {@code llama 0.2M F32}
     * @param hiddenSize width of the residual stream
     * @param embeddingSize numbers in an embedding of a text, see {@link LemModel#embed(List, EmbeddingOptions)}
     * @param layers number of transformer blocks
     * @param heads attention heads of the first block
     * @param kvHeads KV heads of the first block
     * @param trainedContextTokens context that the model was trained for
     */
    public record Architecture(
            String name,
            String description,
            int hiddenSize,
            int embeddingSize,
            int layers,
            int heads,
            int kvHeads,
            int trainedContextTokens) {}

    /**
     * The tokens of a model.
     *
     * @param size number of tokens
     * @param addsBos whether a prompt gets a beginning-of-sequence token
     * @param hasChatTemplate whether the file brings a chat template
     */
    public record VocabularyInfo(int size, boolean addsBos, boolean hasChatTemplate) {}

    /**
     * The context that was created.
     *
     * @param tokens its size
     * @param batchTokens most tokens of one call
     * @param microBatchTokens tokens computed at once
     * @param kvTypeK format of the cached keys
     * @param kvTypeV format of the cached values
     * @param flashAttention as requested
     * @param kvBytes bytes of the KV cache, as allocated
     * @param computeBytes bytes of the buffers for intermediate results, as allocated
     */
    public record ContextInfo(
            int tokens,
            int batchTokens,
            int microBatchTokens,
            KvType kvTypeK,
            KvType kvTypeV,
            FlashAttention flashAttention,
            long kvBytes,
            long computeBytes) {}

    /**
     * Where a model runs.
     *
     * @param devices names of the devices that hold weights or cache, such as {@code CPU} or {@code CUDA0}, fastest first
     * @param deviceDescription the first device in words
     * @param layersOffloaded layers on a GPU; the output layer counts as one
     * @param threads threads that generate
     * @param batchThreads threads that evaluate prompts
     */
    public record ComputeInfo(
            List<String> devices, String deviceDescription, int layersOffloaded, int threads, int batchThreads) {

        /** Copies the list, so that later changes of it do not count. */
        public ComputeInfo {
            devices = List.copyOf(devices);
        }
    }

    /**
     * The native libraries.
     *
     * @param llamaCppVersion release of llama.cpp
     * @param backends backends that they were built with
     */
    public record Build(String llamaCppVersion, String backends) {}
}
