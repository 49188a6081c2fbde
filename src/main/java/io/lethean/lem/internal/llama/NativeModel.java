package io.lethean.lem.internal.llama;

import io.lethean.lem.InvalidModelException;
import io.lethean.lem.NativeCallException;
import io.lethean.lem.internal.ffi.LlamaCpp;
import io.lethean.lem.internal.ffi.llama_model_params;
import io.lethean.lem.internal.ffi.llama_progress_callback;
import io.lethean.lem.internal.gguf.VocabularyGuard;
import io.lethean.lem.internal.llama.NativeText.ErrorBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/** The weights of a loaded model. The model's thread frees them, after its contexts. */
public final class NativeModel implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final MemorySegment handle;

    private final Path path;

    private NativeModel(MemorySegment model, Path path) {
        handle = model.reinterpret(arena, null);
        this.path = path;
    }

    /**
     * Loads the file.
     *
     * @param listener told the loaded share from time to time, from 0 to 1; false ends the load
     * @throws InvalidModelException if llama.cpp refuses it, or it does not generate text
     * @throws CancellationException if the progress listener ends the load
     */
    public static NativeModel load(ModelParameters parameters, DoublePredicate listener) {
        try (Arena call = Arena.ofConfined()) {
            Progress progress = new Progress(listener);
            MemorySegment params = parameters.toNative(call);
            llama_model_params.progress_callback(params, llama_progress_callback.allocate(progress, call));
            ErrorBuffer error = new ErrorBuffer(call);
            NativeFailure.begin();
            MemorySegment loaded = LlamaCpp.lem_model_load(
                    call.allocateFrom(parameters.path().toString()), params, error.address(), error.size());
            if (loaded.equals(MemorySegment.NULL)) {
                throw progress.failure(parameters.path(), error.message());
            }
            NativeModel model = new NativeModel(loaded, parameters.path());
            return parameters.vocabularyOnly() ? model : model.requireGenerator();
        }
    }

    private NativeModel requireGenerator() {
        String objection = objection();
        if (objection != null) {
            close();
            throw new InvalidModelException(
                    "generates-text",
                    String.format(Locale.ROOT, "The model %s %s; load one that continues text.", path, objection));
        }
        return this;
    }

    private @Nullable String objection() {
        if (LlamaCpp.llama_model_has_encoder(handle)) {
            return "has an encoder, which this library does not run";
        }
        if (!LlamaCpp.llama_model_has_decoder(handle)) {
            return "has no decoder, so it cannot generate";
        }
        return LlamaCpp.llama_model_is_diffusion(handle) ? "is a diffusion model" : null;
    }

    /** Creates a context; this object must outlive it. */
    public NativeContext createContext(ContextParameters parameters) {
        try (Arena call = Arena.ofConfined()) {
            ErrorBuffer error = new ErrorBuffer(call);
            NativeFailure.begin();
            MemorySegment context =
                    LlamaCpp.lem_context_init(handle, parameters.toNative(call), error.address(), error.size());
            if (context.equals(MemorySegment.NULL)) {
                throw new NativeCallException(
                        String.format(
                                Locale.ROOT,
                                "llama.cpp could not create a context of %d tokens for %s. %s",
                                parameters.size().tokens(),
                                path,
                                reason(error.message())),
                        "llama_init_from_model",
                        0);
            }
            int threads = Math.max(parameters.threads(), parameters.batchThreads());
            return new NativeContext(
                    context,
                    LlamaCpp.llama_vocab_n_tokens(vocabularyHandle()),
                    threads,
                    parameters.size(),
                    keepsEveryToken());
        }
    }

    /** Whether its cache keeps every token; a sliding window drops the oldest, and a recurrent state keeps no token. */
    private boolean keepsEveryToken() {
        return LlamaCpp.llama_model_n_swa(handle) == 0 && !hasRecurrentState();
    }

    /** Whether it computes with a state that knows no earlier one, alone or in addition to a KV cache. */
    public boolean hasRecurrentState() {
        return LlamaCpp.llama_model_is_recurrent(handle) || LlamaCpp.llama_model_is_hybrid(handle);
    }

    private static String reason(String error) {
        return (error.isEmpty() ? "" : "The reason: " + error + ". ") + NativeFailure.explain();
    }

    public MemorySegment handle() {
        return handle;
    }

    /**
     * The vocabulary, which lives as long as the model.
     *
     * @param guard refuses texts that llama.cpp must not be given
     */
    public Vocabulary vocabulary(VocabularyGuard guard) {
        return new Vocabulary(vocabularyHandle(), guard, path.toString());
    }

    private MemorySegment vocabularyHandle() {
        return LlamaCpp.llama_model_get_vocab(handle).reinterpret(arena, null);
    }

    /** The scalar metadata, as llama.cpp prints them. */
    public Map<String, String> metadata() {
        Map<String, String> entries = new LinkedHashMap<>();
        int count = LlamaCpp.llama_model_meta_count(handle);
        for (int i = 0; i < count; i++) {
            int index = i;
            String key = read((buffer, size) -> LlamaCpp.llama_model_meta_key_by_index(handle, index, buffer, size));
            entries.put(
                    key,
                    read((buffer, size) -> LlamaCpp.llama_model_meta_val_str_by_index(handle, index, buffer, size)));
        }
        return Collections.unmodifiableMap(entries);
    }

    public String description() {
        return read((buffer, size) -> LlamaCpp.llama_model_desc(handle, buffer, size));
    }

    /** The main number format of the weights, by llama.cpp's name. */
    public String fileType() {
        return NativeText.read(LlamaCpp.llama_ftype_name(LlamaCpp.llama_model_ftype(handle)));
    }

    /** Number of weights. */
    public long parameters() {
        return LlamaCpp.llama_model_n_params(handle);
    }

    /** Bytes of all tensors. */
    public long weightBytes() {
        return LlamaCpp.llama_model_size(handle);
    }

    /** Width of the residual stream. */
    public int hiddenSize() {
        return LlamaCpp.llama_model_n_embd(handle);
    }

    /** Length of the embeddings that a context computes. */
    public int embeddingSize() {
        return LlamaCpp.llama_model_n_embd_out(handle);
    }

    /** Values that the classification head computes. */
    public int labels() {
        return LlamaCpp.llama_model_n_cls_out(handle);
    }

    /** Number of transformer blocks. */
    public int layers() {
        return LlamaCpp.llama_model_n_layer(handle);
    }

    /** Attention heads of the first block. */
    public int heads() {
        return LlamaCpp.llama_model_n_head(handle);
    }

    /** KV heads of the first block. */
    public int kvHeads() {
        return LlamaCpp.llama_model_n_head_kv(handle);
    }

    /** Context that the model was trained for. */
    public int trainedContextTokens() {
        return LlamaCpp.llama_model_n_ctx_train(handle);
    }

    /** A call that fills a buffer with a C string and returns the length that the whole string has. */
    private interface StringCall {
        int fill(MemorySegment buffer, long size);
    }

    private static String read(StringCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(256);
            int length = call.fill(buffer, buffer.byteSize());
            if (length >= buffer.byteSize()) {
                buffer = arena.allocate(length + 1L);
                call.fill(buffer, buffer.byteSize());
            }
            return buffer.getString(0);
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            LlamaCpp.llama_model_free(handle);
            arena.close();
        }
    }

    /** Stands between llama.cpp and the caller's listener, from which nothing may escape into native code. */
    private static final class Progress implements llama_progress_callback.Function {
        private final DoublePredicate listener;
        private @Nullable Throwable thrown;
        private boolean cancelled;
        private double reached;

        Progress(DoublePredicate listener) {
            this.listener = listener;
        }

        @Override
        public boolean apply(float fraction, MemorySegment ignored) {
            try {
                reached = fraction;
                cancelled = !listener.test(fraction);
            } catch (Throwable t) {
                thrown = t;
                cancelled = true;
            }
            return !cancelled;
        }

        RuntimeException failure(Path path, String error) {
            return switch (thrown) {
                case Error e -> throw e;
                case RuntimeException e -> e;
                case null, default ->
                    cancelled
                            ? new CancellationException(String.format(
                                    Locale.ROOT, "Loading %s was cancelled at %.0f %%.", path, 100 * reached))
                            : new InvalidModelException(
                                    "llama.cpp",
                                    String.format(Locale.ROOT, "llama.cpp could not load %s. %s", path, reason(error)));
            };
        }
    }
}
