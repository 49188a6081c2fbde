package io.lethean.lem.model;

import java.nio.file.Path;
import java.util.List;

/**
 * What a loaded model is and what was decided while loading it; {@code lem info} prints it.
 *
 * @param path the file
 * @param fileBytes its size
 * @param architecture such as {@code llama} or {@code gemma3}
 * @param description llama.cpp's one-line description, such as {@code llama 0.2M F32}
 * @param fileType the main number format of the weights, by llama.cpp's name
 * @param parameters number of weights
 * @param weightBytes bytes of all tensors
 * @param vocabularySize number of tokens in the vocabulary
 * @param embeddingSize width of the residual stream
 * @param layers number of transformer blocks
 * @param heads attention heads of the first block
 * @param kvHeads key and value heads of the first block
 * @param addsBos whether a prompt gets a beginning-of-sequence token
 * @param hasChatTemplate whether the file brings a chat template
 * @param trainedContextTokens context that the model was trained for
 * @param contextTokens context that was created
 * @param batchTokens most tokens of one call
 * @param microBatchTokens tokens computed at once
 * @param threads threads that generate
 * @param batchThreads threads that evaluate prompts
 * @param devices names of the devices that hold weights or cache, such as {@code CPU} or {@code CUDA0}, fastest first
 * @param deviceDescription the first device in words
 * @param layersOffloaded layers on a GPU, the output layer counting as one
 * @param kvTypeK format of the cached keys
 * @param kvTypeV format of the cached values
 * @param kvBytes bytes of the cache, as allocated
 * @param computeBytes bytes of the buffers for intermediate results, as allocated
 * @param flashAttention as requested
 * @param mmap whether the file is mapped
 * @param llamaCppVersion release of llama.cpp
 * @param backends backends that the native libraries were built with
 * @param warnings sentences that a user should see, such as a context larger than trained
 */
public record ModelInfo(
        Path path,
        long fileBytes,
        String architecture,
        String description,
        String fileType,
        long parameters,
        long weightBytes,
        int vocabularySize,
        int embeddingSize,
        int layers,
        int heads,
        int kvHeads,
        boolean addsBos,
        boolean hasChatTemplate,
        int trainedContextTokens,
        int contextTokens,
        int batchTokens,
        int microBatchTokens,
        int threads,
        int batchThreads,
        List<String> devices,
        String deviceDescription,
        int layersOffloaded,
        KvType kvTypeK,
        KvType kvTypeV,
        long kvBytes,
        long computeBytes,
        FlashAttention flashAttention,
        boolean mmap,
        String llamaCppVersion,
        String backends,
        List<String> warnings) {

    public ModelInfo {
        devices = List.copyOf(devices);
        warnings = List.copyOf(warnings);
    }
}
