package io.lethean.lem.internal.gguf;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is odd about a file without being a reason to refuse it. */
final class GgufWarnings {

    private static final Pattern BLOCK = Pattern.compile("^blk\\.(\\d{1,6})\\.");

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final List<String> warnings = new ArrayList<>();

    private GgufWarnings(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
    }

    static List<String> of(GgufFile file) {
        GgufWarnings warnings = new GgufWarnings(file);
        if (file.metadata().architecture().isEmpty()) {
            warnings.warnings.add("general.architecture is missing, so llama.cpp will refuse the file.");
        }
        if (!GgufReport.isAdapter(file)) {
            warnings.addBlocks();
            warnings.addVocabulary();
            warnings.addSpecialTokens();
            warnings.addChatTemplate();
        }
        return List.copyOf(warnings.warnings);
    }

    private void addBlocks() {
        OptionalLong announced = metadata.integer(metadata.ownKey("block_count"));
        long found = 0;
        for (GgufTensor tensor : file.tensors()) {
            Matcher block = BLOCK.matcher(tensor.name());
            if (block.find()) {
                found = Math.max(found, Long.parseLong(block.group(1)) + 1);
            }
        }
        if (announced.isPresent() && announced.getAsLong() != found) {
            warnings.add(
                    "block_count is " + announced.getAsLong() + ", but there are tensors of " + found + " blocks.");
        }
    }

    private void addVocabulary() {
        VocabularyGuard tokenizer = VocabularyGuard.of(metadata);
        switch (tokenizer.kind()) {
            case NONE -> warnings.add("The model has no tokenizer, so it cannot be given texts.");
            case UNKNOWN -> warnings.add("The tokenizer is missing or unknown, so llama.cpp will refuse the file.");
            case SENTENCE_PIECE -> addMissingBytes(tokenizer);
            case BYTE_PAIR, GEMMA4, WORD_PIECE, UNIGRAM, RWKV, PLAMO2, TEST -> {}
        }
        if (!tokenizer.endlessBytes().isEmpty()) {
            warnings.add("The vocabulary has tokens that start with a byte for which it has no token, so some texts"
                    + " cannot be tokenized.");
        }
    }

    private void addMissingBytes(VocabularyGuard tokenizer) {
        GgufArray tokens = tokenizer.tokens();
        if (tokens == null) {
            return;
        }
        for (int id = 0; id < tokens.size(); id++) {
            if (tokens.textAt(id).equals("<0x00>")) {
                return;
            }
        }
        warnings.add("The vocabulary has no byte tokens, so texts with other characters cannot be tokenized.");
    }

    private void addSpecialTokens() {
        int size = VocabularyGuard.of(metadata).size();
        for (String special : List.of("bos", "eos", "unknown")) {
            String key = "tokenizer.ggml." + special + "_token_id";
            metadata.integer(key).ifPresent(id -> {
                if (size > 0 && (id < 0 || id >= size)) {
                    warnings.add(key + " is " + id + ", but there are " + size + " tokens; a default is used.");
                }
            });
        }
    }

    private void addChatTemplate() {
        if (metadata.text("tokenizer.chat_template").isEmpty()) {
            warnings.add("The file has no chat template; chats use the plain form.");
        }
    }
}
