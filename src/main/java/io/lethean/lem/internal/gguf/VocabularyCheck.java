package io.lethean.lem.internal.gguf;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * The parts of a vocabulary that llama.cpp asserts while loading or tokenizing, or that make its tokenizers run forever.
 *
 * <p>A model without a tokenizer passes, and so does one with a vocabulary that cannot express every text: both accept
 * tokens.
 */
final class VocabularyCheck {

    /** A quarter of a million is the largest real vocabulary; each token and merge takes llama.cpp over 100 bytes. */
    private static final int MAX_TOKENS = 1 << 22;

    /** Of a vocabulary of which only the size is known. */
    private static final int MAX_NAMELESS_TOKENS = 1 << 24;

    /** Tokens are put into trees that are built and freed by recursion, one level a byte. */
    private static final int MAX_TREE_DEPTH = 1024;

    /** PLaMo's tokenizer stores every suffix of every token. */
    private static final long MAX_SUFFIX_BYTES = 1L << 30;

    private static final int BYTE = 6;

    private final GgufFile file;
    private final VocabularyGuard tokenizer;
    private final GgufArray tokens;

    private VocabularyCheck(GgufFile file, VocabularyGuard tokenizer, GgufArray tokens) {
        this.file = file;
        this.tokenizer = tokenizer;
        this.tokens = tokens;
    }

    static void require(GgufFile file) {
        VocabularyGuard tokenizer = VocabularyGuard.of(file.metadata());
        if (tokenizer.kind() == VocabularyGuard.Kind.NONE) {
            requireNamelessSize(file);
        }
        if (tokenizer.kind() == VocabularyGuard.Kind.NONE
                || tokenizer.kind() == VocabularyGuard.Kind.UNKNOWN
                || tokenizer.tokens() == null) {
            return;
        }
        VocabularyCheck check = new VocabularyCheck(file, tokenizer, tokenizer.tokens());
        check.requireSize();
        check.requireDistinctTexts();
        check.requireTokenTypes();
        check.requireSpecialTokens();
        check.requireNewline();
    }

    private static void requireNamelessSize(GgufFile file) {
        long size =
                file.metadata().integer(file.metadata().ownKey("vocab_size")).orElse(0);
        if (size > MAX_NAMELESS_TOKENS) {
            throw GgufRule.VOCABULARY_SIZE.refuse(
                    file.path(),
                    "it has no tokenizer and a vocab_size of " + size + "; at most " + MAX_NAMELESS_TOKENS
                            + " are possible");
        }
    }

    private void requireSize() {
        int merges = file.metadata()
                .array("tokenizer.ggml.merges")
                .map(GgufArray::size)
                .orElse(0);
        if (tokens.size() > MAX_TOKENS || merges > MAX_TOKENS) {
            throw GgufRule.VOCABULARY_SIZE.refuse(
                    file.path(),
                    "it has " + tokens.size() + " tokens and " + merges + " merges; at most " + MAX_TOKENS
                            + " of each are possible");
        }
        requireTreeDepth();
    }

    private void requireTreeDepth() {
        if (!tokenizer.kind().buildsTrees()) {
            return;
        }
        long suffixBytes = 0;
        for (int id = 0; id < tokens.size(); id++) {
            long length = tokens.lengthAt(id);
            suffixBytes += length * length / 2;
            if (length > MAX_TREE_DEPTH
                    || tokenizer.kind() == VocabularyGuard.Kind.PLAMO2 && suffixBytes > MAX_SUFFIX_BYTES) {
                throw GgufRule.VOCABULARY_SIZE.refuse(
                        file.path(),
                        "token " + id + " has " + length + " bytes, which is too long for this tokenizer, alone or"
                                + " together with those before it");
            }
        }
    }

    /** llama.cpp reads a text up to its first NUL, and gives an empty one a name of its own. */
    private void requireDistinctTexts() {
        Set<String> texts = HashSet.newHashSet(tokens.size());
        boolean allEmpty = true;
        for (int id = 0; id < tokens.size(); id++) {
            String text = VocabularyGuard.text(tokens, id);
            allEmpty &= text.isEmpty();
            String name = text.isEmpty() ? "[EMPTY_" + id + "]" : text;
            if (!texts.add(name)) {
                throw GgufRule.TOKENS.refuse(
                        file.path(), "token " + id + " has the text of an earlier one: '" + printable(name) + "'");
            }
        }
        if (allEmpty) {
            throw GgufRule.TOKENS.refuse(
                    file.path(), tokens.size() == 0 ? "there are no tokens" : "all tokens are empty");
        }
    }

    private static String printable(String bytes) {
        String text = new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }

    private void requireTokenTypes() {
        if (tokenizer.kind() != VocabularyGuard.Kind.WORD_PIECE) {
            return;
        }
        GgufArray types = file.metadata().array("tokenizer.ggml.token_type").orElse(null);
        if (types == null || types.elementType() != GgufType.INT32 || types.size() < tokens.size()) {
            return;
        }
        for (int id = 0; id < tokens.size(); id++) {
            if (types.longAt(id) == BYTE) {
                throw GgufRule.TOKEN_TYPES.refuse(file.path(), "token " + id + " is a byte token");
            }
        }
    }

    private void requireSpecialTokens() {
        for (SpecialToken special : SpecialToken.values()) {
            if (special.isAddedBy(tokenizer) && special.id(tokenizer) < 0) {
                throw GgufRule.SPECIAL_TOKENS.refuse(
                        file.path(),
                        "the tokenizer adds a token " + special.key()
                                + " to every text, but the file has no such token");
            }
        }
    }

    private void requireNewline() {
        if (tokenizer.kind() == VocabularyGuard.Kind.RWKV
                && tokenizer.endlessBytes().get('\n')) {
            throw GgufRule.NEWLINE.refuse(
                    file.path(), "tokens start with a line break, but no token is a line break alone");
        }
    }
}
