package io.lethean.lem.pretrain;

import io.lethean.lem.internal.gguf.GgufArray;
import io.lethean.lem.internal.gguf.GgufType;
import io.lethean.lem.internal.gguf.GgufValue;
import io.lethean.lem.internal.gguf.GgufWriter;
import io.lethean.lem.internal.gguf.RandomVocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A byte-level byte-pair vocabulary, as GPT-2's: control tokens, a token for each byte, and what merges make of them.
 *
 * <p>Every text has tokens, and they give the text back byte for byte.
 *
 * @param merges the pairs that are put together, the first wins; each token by its id
 */
record ByteLevelVocabulary(List<Merge> merges) {

    /** Two tokens that become one. */
    record Merge(int left, int right) {}

    static final String BEGIN_OF_TEXT = "<s>";
    static final String END_OF_TEXT = "</s>";

    /** ChatML's, which llama.cpp knows by name. */
    static final String BEGIN_OF_TURN = "<|im_start|>";

    static final String END_OF_TURN = "<|im_end|>";

    private static final List<String> CONTROL = List.of(BEGIN_OF_TEXT, END_OF_TEXT, BEGIN_OF_TURN, END_OF_TURN);

    /** As gpt-2 cuts texts, under a name with which llama.cpp does not remove spaces before punctuation again. */
    private static final String CUTTING = "trillion";

    private static final int BYTES = 256;
    private static final int NORMAL_TYPE = 1;
    private static final int CONTROL_TYPE = 3;

    /** The chat template that goes with the control tokens. */
    static final String CHAT_TEMPLATE = "{{ bos_token }}{% for message in messages %}{{ '" + BEGIN_OF_TURN
            + "' + message['role'] + '\\n' + message['content'] + '" + END_OF_TURN + "\\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '" + BEGIN_OF_TURN + "assistant\\n' }}{% endif %}";

    ByteLevelVocabulary {
        merges = List.copyOf(merges);
    }

    /** How many tokens there are before the first merge. */
    static int baseSize() {
        return CONTROL.size() + BYTES;
    }

    /** The token of a byte. */
    static int ofByte(byte value) {
        return CONTROL.size() + Byte.toUnsignedInt(value);
    }

    int size() {
        return baseSize() + merges.size();
    }

    /** The tokens' texts in the visible characters that files use for bytes. */
    List<String> tokens() {
        List<String> tokens = new ArrayList<>(CONTROL);
        for (int value = 0; value < BYTES; value++) {
            tokens.add(RandomVocabulary.byteLevel(value));
        }
        for (Merge merge : merges) {
            tokens.add(tokens.get(merge.left()) + tokens.get(merge.right()));
        }
        return tokens;
    }

    /** Puts the tokenizer's metadata in place of what is there. */
    void putInto(GgufWriter writer) {
        List<String> tokens = tokens();
        long[] types = new long[tokens.size()];
        Arrays.fill(types, NORMAL_TYPE);
        Arrays.fill(types, 0, CONTROL.size(), CONTROL_TYPE);
        List<String> pairs = merges.stream()
                .map(merge -> tokens.get(merge.left()) + " " + tokens.get(merge.right()))
                .toList();
        writer.put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", CUTTING)
                .put("tokenizer.ggml.tokens", GgufArray.ofStrings(tokens))
                .put("tokenizer.ggml.token_type", GgufArray.ofIntegers(GgufType.INT32, types))
                .put("tokenizer.ggml.merges", GgufArray.ofStrings(pairs))
                .put("tokenizer.ggml.bos_token_id", id(BEGIN_OF_TEXT))
                .put("tokenizer.ggml.eos_token_id", id(END_OF_TEXT))
                .put("tokenizer.ggml.eot_token_id", id(END_OF_TURN))
                .put("tokenizer.ggml.add_bos_token", GgufValue.of(true))
                .put("tokenizer.ggml.add_eos_token", GgufValue.of(false))
                .put("tokenizer.chat_template", CHAT_TEMPLATE)
                .remove("tokenizer.ggml.unknown_token_id")
                .remove("tokenizer.ggml.scores");
    }

    private static GgufValue id(String control) {
        return GgufValue.uint32(CONTROL.indexOf(control));
    }
}
