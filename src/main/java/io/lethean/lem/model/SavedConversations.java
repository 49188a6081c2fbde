package io.lethean.lem.model;

import io.lethean.lem.InvalidConversationException;
import io.lethean.lem.LemVersion;
import io.lethean.lem.MalformedDataException;
import io.lethean.lem.adapter.AdapterFiles;
import io.lethean.lem.adapter.AdapterUse;
import io.lethean.lem.internal.io.Sha256;
import io.lethean.lem.internal.llama.NativeContext;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Conversations of a model to files and back. Safe for use by any number of threads. */
final class SavedConversations {

    private final LoadedModel loaded;
    private @Nullable Map<String, String> weights;

    SavedConversations(LoadedModel loaded) {
        this.loaded = loaded;
    }

    /**
     * Saves a conversation with what is held of it.
     *
     * @param prompt the conversation as tokens
     */
    void save(Conversation conversation, List<Integer> prompt, List<AdapterUse> adapters, Path file)
            throws IOException {
        Map<String, String> identity = identity(adapters);
        try (Arena arena = Arena.ofShared()) {
            ConversationFile content = loaded.withMemory(memory -> {
                Optional<Place> place = memory.holding(Tokenizer.ids(prompt));
                int[] tokens = place.map(Place::held).orElse(new int[0]);
                MemorySegment state = place.map(each -> each.state(arena)).orElse(MemorySegment.NULL);
                return conversation.toFile(identity, tokens, state);
            });
            content.write(file);
        }
    }

    /**
     * Reads a conversation and puts back what was held of it.
     *
     * @throws InvalidConversationException if it was saved by another library or model, or with other settings
     */
    Conversation load(LemModel model, List<AdapterUse> adapters, Path file) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            ConversationFile content = ConversationFile.read(file, arena);
            requireSame(file, content.identity(), identity(adapters));
            requireTokens(file, content);
            boolean restored = content.tokens().length == 0
                    || loaded.withMemory(memory -> {
                        requireUsable(file, content.tokens().length);
                        return memory.restore(content.tokens(), content.state());
                    });
            if (!restored) {
                throw new MalformedDataException(
                        file,
                        "what it has of the KV cache is not that of its " + content.tokens().length
                                + " tokens; use another copy of the file.");
            }
            return Conversation.of(model, content);
        }
    }

    private void requireTokens(Path file, ConversationFile content) throws MalformedDataException {
        int capacity = loaded.context().capacity();
        if (content.tokens().length > capacity) {
            throw new InvalidConversationException("The conversation in " + file + " has "
                    + content.tokens().length + " tokens in the KV cache and the context has room for " + capacity
                    + "; load the model with a larger context.");
        }
        loaded.tokenizer().vocabulary().requireTokens(content.tokens());
    }

    /** For the model's thread, after it was found out which tokens can be used again. */
    private void requireUsable(Path file, int tokens) {
        if (loaded.context().usableAgain(tokens) != tokens) {
            throw new InvalidConversationException("The conversation in " + file + " has " + tokens
                    + " tokens in the KV cache, and this processor can use whole blocks of " + NativeContext.BLOCK
                    + " only; load it on a processor like the one where it was saved.");
        }
    }

    private static void requireSame(Path file, Map<String, String> saved, Map<String, String> present) {
        present.forEach((name, value) -> {
            String other = saved.get(name);
            if (!value.equals(other)) {
                throw new InvalidConversationException("The conversation in " + file + " was saved with " + name + " "
                        + other + ", and this model has " + value + "; load the model as it was then.");
            }
        });
        if (saved.size() != present.size()) {
            throw new InvalidConversationException(
                    "The conversation in " + file + " was saved with settings that this version does not know.");
        }
    }

    /** What the bits in the KV cache depend on. */
    private Map<String, String> identity(List<AdapterUse> adapters) throws IOException {
        Map<String, String> identity = new LinkedHashMap<>(ofModel());
        for (int index = 0; index < adapters.size(); index++) {
            AdapterUse use = adapters.get(index);
            identity.put("adapter " + (index + 1), Sha256.of(AdapterFiles.files(use.path())) + " x " + use.weight());
        }
        return identity;
    }

    private synchronized Map<String, String> ofModel() throws IOException {
        if (weights == null) {
            ModelInfo info = loaded.parts().info();
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put("LEM for Java", LemVersion.VERSION);
            facts.put("llama.cpp", info.build().llamaCppVersion());
            facts.put("the model of SHA-256", loaded.sha256());
            facts.put(
                    "the KV type",
                    info.context().kvTypeK() + " and " + info.context().kvTypeV());
            facts.put("batchInvariant", String.valueOf(loaded.context().isBatchInvariant()));
            facts.put("flash attention", info.context().flashAttention().name());
            facts.put("the device", info.compute().deviceDescription());
            weights = facts;
        }
        return weights;
    }
}
