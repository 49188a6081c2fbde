package io.lethean.lem.internal.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Files that are wrong in one way each, with what must come of them.
 *
 * <p>They are the inputs that were once tried on llama.cpp itself, those that ended the process among them, and those
 * that were found since. All are made from one small random model.
 */
public final class BadGgufFiles {

    /** What must come of loading a file. */
    public enum Expectation {
        /** One of our rules refuses it. */
        REFUSED_BY_RULE,
        /** It passes our rules, and llama.cpp refuses it with an error. */
        REFUSED_BY_LLAMA,
        /** It is loaded, and generates something. */
        LOADS
    }

    /**
     * A file.
     *
     * @param rule the rule that must refuse it; null unless a rule must
     */
    public record Case(
            String name, Expectation expectation, @Nullable GgufRule rule, byte[] bytes) {

        /** Writes it into a folder. */
        public Path write(Path folder) throws IOException {
            return Files.write(folder.resolve(name.replaceAll("[^A-Za-z0-9]+", "-") + ".gguf"), bytes);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String MODEL = "tokenizer.ggml.model";

    private final Path base;
    private final List<Case> cases = new ArrayList<>();

    private BadGgufFiles(Path base) {
        this.base = base;
    }

    /** All of them; a scratch file is left in the folder. */
    public static List<Case> all(Path folder) throws IOException {
        Path base = folder.resolve("base-of-bad-files.gguf");
        RandomModel.llama(2, 32, 4, 2, 48, 420).write(base, 1);
        BadGgufFiles files = new BadGgufFiles(base);
        files.addBytes();
        files.addCounts();
        files.addValues();
        files.addAlignments();
        files.addTensors();
        files.addHyperparameters();
        files.addArchitectures();
        files.addVocabularies();
        files.addHarmless();
        return files.cases;
    }

    private void addBytes() throws IOException {
        byte[] whole = Files.readAllBytes(base);
        refused(GgufRule.MAGIC, "empty", new byte[0]);
        refused(GgufRule.MAGIC, "zeros", new byte[4096]);
        refused(GgufRule.MAGIC, "random bytes", random(4096));
        refused(GgufRule.MAGIC, "three bytes", Arrays.copyOf(whole, 3));
        refused(GgufRule.MAGIC, "wrong magic", draft(draft -> draft.magic = "GGML".getBytes()));
        byte[] magicAndRandom = random(4096);
        System.arraycopy("GGUF".getBytes(), 0, magicAndRandom, 0, 4);
        refused(GgufRule.VERSION, "magic and random bytes", magicAndRandom);
        for (int length : new int[] {4, 7, 8, 15}) {
            refused(GgufRule.HEADER, "cut after " + length + " bytes", Arrays.copyOf(whole, length));
        }
        refused(GgufRule.COUNTS, "cut after the counts", Arrays.copyOf(whole, 24));
        int dataOffset = (int) GgufFile.read(base).dataOffset();
        refused(GgufRule.LENGTH, "cut in the tokens", Arrays.copyOf(whole, 2000));
        refused(GgufRule.TENSOR_DATA, "cut at the data", Arrays.copyOf(whole, dataOffset));
        refused(GgufRule.TENSOR_DATA, "cut in the data", Arrays.copyOf(whole, dataOffset + 1000));
        refused(GgufRule.TENSOR_DATA, "one byte short", Arrays.copyOf(whole, whole.length - 1));
        for (int version : new int[] {0, 1, 99, Integer.MAX_VALUE}) {
            refused(GgufRule.VERSION, "version " + version, draft(draft -> draft.version = version));
        }
        refused(GgufRule.VERSION, "big-endian", draft(draft -> draft.version = 3 << 24));
        add("version 2", Expectation.LOADS, null, draft(draft -> draft.version = 2));
    }

    private void addCounts() throws IOException {
        for (long count : new long[] {10_000_000, 1L << 31, 1L << 40, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            refused(GgufRule.COUNTS, "tensor count " + count, draft(draft -> {
                draft.extraTensors = count - draft.tensors.size();
            }));
            refused(GgufRule.COUNTS, "value count " + count, draft(draft -> {
                draft.extraValues = count - draft.values.size();
            }));
        }
        llama("one tensor fewer", draft(draft -> draft.tensors.removeLast()));
    }

    private void addValues() throws IOException {
        for (long length : new long[] {1L << 30, 20L << 30, 1L << 62, -1}) {
            byte[] bytes = draft(draft -> {});
            ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).putLong(24, length);
            refused(GgufRule.LENGTH, "key length " + length, bytes);
        }
        refused(GgufRule.KEY, "key length 0", draft(draft -> draft.rename("general.name", "")));
        byte[] twice = draft(draft -> draft.rename("llama.vocab_size", "unused")
                .put("x.1", GgufValue.of(true))
                .put("x.2", GgufValue.of(true)));
        refused(GgufRule.KEY, "key twice", replaced(twice, "x.2", "x.1"));
        byte[] noUtf8 = draft(draft -> draft.put("x.1", GgufValue.of(true)));
        refused(GgufRule.KEY, "key that is no UTF-8", replaced(noUtf8, "x.1", "\u00FF\u00FE1"));
        for (long length : new long[] {1L << 31, 1L << 34, 1L << 62, -1}) {
            refused(
                    GgufRule.LENGTH,
                    "array length " + length,
                    draft(draft -> draft.put(
                            "x", 9, GgufDraft.bytes(out -> out.putInt(4).putLong(length)))));
            refused(
                    GgufRule.LENGTH,
                    "string array length " + length,
                    draft(draft -> draft.put(
                            "x", 9, GgufDraft.bytes(out -> out.putInt(8).putLong(length)))));
            refused(
                    GgufRule.LENGTH,
                    "string length " + length,
                    draft(draft -> draft.put("x", 8, GgufDraft.bytes(out -> out.putLong(length)))));
        }
        refused(
                GgufRule.VALUE_TYPE,
                "nested array",
                draft(draft -> draft.put(
                        "x",
                        9,
                        GgufDraft.bytes(out ->
                                out.putInt(9).putLong(1).putInt(4).putLong(1).putInt(7)))));
        refused(
                GgufRule.VALUE_TYPE,
                "unknown array type",
                draft(draft ->
                        draft.put("x", 9, GgufDraft.bytes(out -> out.putInt(13).putLong(1)))));
        for (int type : new int[] {13, 255, -1}) {
            refused(GgufRule.VALUE_TYPE, "value type " + type, draft(draft -> draft.put("x", type, (byte) 0)));
        }
    }

    private void addAlignments() throws IOException {
        for (long alignment : new long[] {0, 3, 33}) {
            refused(
                    GgufRule.ALIGNMENT,
                    "alignment " + alignment,
                    draft(draft -> draft.put("general.alignment", GgufValue.uint32(alignment))));
        }
        refused(
                GgufRule.ALIGNMENT,
                "alignment as text",
                draft(draft -> draft.put("general.alignment", GgufValue.of("32"))));
        refused(
                GgufRule.ALIGNMENT,
                "alignment as i32",
                draft(draft -> draft.put("general.alignment", GgufValue.integer(GgufType.INT32, 32))));
        refused(
                GgufRule.TENSOR_DATA,
                "alignment 2^31",
                draft(draft -> draft.put("general.alignment", GgufValue.uint32(1L << 31))));
        refused(GgufRule.TENSOR_ALIGNMENT, "alignment 8 and data at 8 modulo 32", draft(draft -> {
            draft.put("general.alignment", GgufValue.uint32(8)).alignment = 1;
            draft.put("x.padding", GgufValue.of("")).alignment = 8;
            int rest = (draft.bytes().length - draft.data.length) % 32;
            draft.put("x.padding", GgufValue.of("p".repeat((40 - rest) % 32)));
        }));
    }

    private void addTensors() throws IOException {
        for (int type : new int[] {-1, 4, 43, 255, Integer.MAX_VALUE}) {
            refused(GgufRule.TENSOR_TYPE, "tensor type " + type, draft(draft -> query(draft).type = type));
        }
        refused(GgufRule.TENSOR_TYPE, "rows that are no blocks", draft(draft -> {
            draft.tensors.getFirst().dims[0] = 65;
            draft.tensors.getFirst().type = GgmlType.Q8_0.id();
        }));
        for (long dim : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 62}) {
            refused(GgufRule.TENSOR_DIMS, "dimension " + dim, draft(draft -> query(draft).dims[1] = dim));
        }
        refused(GgufRule.TENSOR_DIMS, "dimensions that overflow to nothing", draft(draft -> {
            query(draft).dims[0] = 1L << 32;
            query(draft).dims[1] = 1L << 32;
        }));
        refused(GgufRule.TENSOR_DIMS, "no dimensions", draft(draft -> {
            query(draft).dimensionCount = 0;
            query(draft).dims = new long[0];
        }));
        refused(GgufRule.TENSOR_DIMS, "five dimensions", draft(draft -> {
            query(draft).dimensionCount = 5;
            query(draft).dims = new long[] {32, 32, 1, 1, 1};
        }));
        refused(GgufRule.TENSOR_DIMS, "dimension count 2^32-1", draft(draft -> query(draft).dimensionCount = -1));
        llama("transposed", draft(draft -> draft.tensor("blk.0.ffn_up.weight").dims = new long[] {48, 32}));
        for (long offset : new long[] {1, 16, 1L << 40, -32, Long.MIN_VALUE}) {
            refused(GgufRule.TENSOR_OFFSET, "offset " + offset, draft(draft -> query(draft).offset = offset));
        }
        refused(GgufRule.TENSOR_OFFSET, "overlapping tensors", draft(draft -> query(draft).offset -= 32));
        refused(GgufRule.TENSOR_NAME, "empty tensor name", draft(draft -> query(draft).name = new byte[0]));
        refused(GgufRule.TENSOR_NAME, "tensor name of 64 bytes", draft(draft -> query(draft).name = new byte[64]));
        refused(GgufRule.TENSOR_NAME, "tensor name of 5000 bytes", draft(draft -> query(draft).name = new byte[5000]));
        refused(
                GgufRule.TENSOR_NAME,
                "tensor name twice",
                draft(draft -> query(draft).name = draft.tensors.getFirst().name));
        refused(
                GgufRule.TENSOR_NAME,
                "tensor name with a NUL",
                draft(draft -> query(draft).name = "blk.0.attn_q.weight\0".getBytes()));
        refused(
                GgufRule.TENSOR_NAME,
                "tensor name that is no UTF-8",
                draft(draft -> query(draft).name[0] = (byte) 0xFF));
        llama("renamed tensor", draft(draft -> query(draft).name = "blk.0.attn_other.weight".getBytes()));
        for (GgmlType type : new GgmlType[] {GgmlType.I32, GgmlType.I8, GgmlType.I16}) {
            refused(
                    GgufRule.TENSOR_USE,
                    "last matrix of type " + type,
                    draft(draft -> draft.tensors.getLast().type = type.id()));
        }
        refused(GgufRule.TENSOR_USE, "norm of type F16", reencoded("output_norm.weight", GgmlType.F16));
        refused(GgufRule.TENSOR_USE, "norm of type I32", reencoded("output_norm.weight", GgmlType.I32));
        refused(GgufRule.TENSOR_USE, "matrix of type F64", reencoded("blk.0.attn_v.weight", GgmlType.F64));
        refused(GgufRule.TENSOR_USE, "matrix of type I64", reencoded("blk.0.attn_v.weight", GgmlType.I64));
        refused(GgufRule.TENSOR_USE, "matrix of type Q8_1", reencoded("blk.0.attn_v.weight", GgmlType.Q8_1));
        add("matrix of type F16", Expectation.LOADS, null, reencoded("blk.0.attn_v.weight", GgmlType.F16));
        add("matrix of type BF16", Expectation.LOADS, null, reencoded("blk.0.attn_v.weight", GgmlType.BF16));
    }

    private void addHyperparameters() throws IOException {
        for (long layers : new long[] {0, 513, 1000, Integer.MAX_VALUE, (1L << 32) - 1}) {
            refused(GgufRule.LAYERS, "block_count " + layers, with("llama.block_count", GgufValue.uint32(layers)));
        }
        refused(GgufRule.LAYERS, "nextn layers", with("llama.nextn_predict_layers", GgufValue.uint32(3)));
        for (long layers : new long[] {1, 3, 512}) {
            llama("block_count " + layers, with("llama.block_count", GgufValue.uint32(layers)));
        }
        refused(GgufRule.EXPERTS, "experts without used ones", with("llama.expert_count", GgufValue.uint32(8)));
        refused(GgufRule.EXPERTS, "100000 experts", with("llama.expert_count", GgufValue.uint32(100_000)));
        refused(GgufRule.EXPERTS, "used experts without any", with("llama.expert_used_count", GgufValue.uint32(2)));
        refused(
                GgufRule.EXPERTS,
                "used experts of a layer",
                with("llama.expert_used_count", GgufArray.ofIntegers(GgufType.UINT32, 0, 7)));
        refused(GgufRule.EXPERTS, "expert groups", with("llama.expert_group_count", GgufValue.uint32(2)));
        refused(
                GgufRule.EXPERTS,
                "expert groups that do not divide",
                draft(draft -> draft.put("llama.expert_count", GgufValue.uint32(8))
                        .put("llama.expert_used_count", GgufValue.uint32(2))
                        .put("llama.expert_group_count", GgufValue.uint32(3))
                        .put("llama.expert_group_used_count", GgufValue.uint32(1))));
        String epsilon = "llama.attention.layer_norm_rms_epsilon";
        for (float value : new float[] {Float.NaN, -1e-5f, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY}) {
            refused(GgufRule.NORM_EPSILON, "epsilon " + value, with(epsilon, GgufValue.of(value)));
        }
        refused(GgufRule.ROPE_SCALING, "unknown rope scaling", with("llama.rope.scaling.type", GgufValue.of("other")));
        for (long count : new long[] {0, 7, (1L << 32) - 4}) {
            refused(
                    GgufRule.ROPE_DIMENSIONS,
                    "rope dimensions " + count,
                    with("llama.rope.dimension_count", GgufValue.uint32(count)));
        }
        for (String architecture : List.of("", "unknown", "x".repeat(100_000), "gemma3", "bert", "clip")) {
            String name = architecture.length() > 100 ? "of 100 KB" : "'" + architecture + "'";
            llama("architecture " + name, with("general.architecture", GgufValue.of(architecture)));
        }
        llama("architecture missing", draft(draft -> draft.remove("general.architecture")));
        llama("architecture as number", with("general.architecture", GgufValue.uint32(1)));
        for (String key : List.of(
                "context_length",
                "embedding_length",
                "block_count",
                "feed_forward_length",
                "attention.head_count",
                "attention.layer_norm_rms_epsilon")) {
            if (!key.equals("feed_forward_length") && !key.equals("attention.head_count")) {
                llama(key + " missing", draft(draft -> draft.remove("llama." + key)));
            }
            llama(key + " as text", with("llama." + key, GgufValue.of("1")));
            llama(key + " as array", with("llama." + key, GgufArray.ofIntegers(GgufType.UINT64, 1, 2)));
        }
        for (String key : List.of("embedding_length", "feed_forward_length", "attention.head_count")) {
            for (long value : new long[] {0, 5, (1L << 32) - 1}) {
                llama(key + " " + value, with("llama." + key, GgufValue.uint32(value)));
            }
        }
        for (long value : new long[] {0, 3, (1L << 32) - 1}) {
            llama("key heads " + value, with("llama.attention.head_count_kv", GgufValue.uint32(value)));
        }
        llama("odd key length", with("llama.attention.key_length", GgufValue.uint32(7)));
        refused(
                GgufRule.SPLIT,
                "split count",
                draft(draft -> draft.put("split.count", GgufValue.integer(GgufType.UINT16, 3))));
        llama("split count of another type", with("split.count", GgufValue.uint32(3)));
    }

    /** Headers only: the rules come before any tensor is looked for. */
    private void addArchitectures() throws IOException {
        refused(GgufRule.DIVISORS, "rwkv6 with heads of nothing", headOf("rwkv6", "wkv.head_size", 0));
        refused(
                GgufRule.DIVISORS,
                "deepseek4 without output groups",
                headOf("deepseek4", "attention.output_group_count", 0));
        refused(GgufRule.DIVISORS, "mamba2 without groups", headOf("mamba2", "ssm.group_count", 0));
        refused(
                GgufRule.DIVISORS,
                "qwen35 with full attention every 0 layers",
                headOf("qwen35", "full_attention_interval", 0));
        refused(
                GgufRule.DIVISORS,
                "gemma3 without heads",
                draft(draft -> draft.put("general.architecture", GgufValue.of("gemma3"))
                        .put("gemma3.block_count", GgufValue.uint32(62))));
        refused(GgufRule.SLIDING_WINDOW, "afmoe without a window", headOf("afmoe", "attention.sliding_window", 0));
        refused(
                GgufRule.COMPANION_TENSORS,
                "falcon-h1 without the bias of a convolution",
                headOf("falcon-h1", "block_count", 1, "blk.0.ssm_conv1d.weight"));
        refused(
                GgufRule.COMPANION_TENSORS,
                "rwkv6qwen2 with half of a norm",
                headOf("rwkv6qwen2", "block_count", 1, "blk.0.time_mix_first.weight"));
        refused(
                GgufRule.COMPANION_TENSORS,
                "hy_v3 with a router and no experts",
                headOf("hy_v3", "block_count", 1, "blk.0.ffn_gate_inp.weight", "blk.0.ffn_down_exps.weight"));
        refused(
                GgufRule.COMPANION_TENSORS,
                "t5 without relative positions",
                headOf("t5", "block_count", 1, "enc.blk.0.attn_q.weight"));
        refused(
                GgufRule.EXPERTS,
                "first layer without experts of a known size",
                draft(draft -> draft.put("llama.expert_count", GgufValue.uint32(4))
                        .put("llama.expert_used_count", GgufArray.ofIntegers(GgufType.UINT32, 0, 2))));
        llama("plamo2 without groups, as it should be", headOf("plamo2", "ssm.group_count", 0));
        llama("mamba2 without heads", headOf("mamba2", "attention.head_count", 0));
        llama(
                "granitehybrid with a complete convolution",
                headOf("granitehybrid", "block_count", 1, "blk.0.ssm_conv1d.weight", "blk.0.ssm_conv1d.bias"));
        llama(
                "rwkv6qwen2 without the optional norm",
                headOf("rwkv6qwen2", "block_count", 1, "blk.0.time_mix_key.weight"));
        llama(
                "hy_v3 with fused experts",
                headOf(
                        "hy_v3",
                        "block_count",
                        1,
                        "blk.0.ffn_gate_inp.weight",
                        "blk.0.ffn_gate_up_exps.weight",
                        "blk.0.ffn_down_exps.weight"));
    }

    private byte[] headOf(String architecture, String key, long value, String... tensors) throws IOException {
        Path path = base.resolveSibling("head.gguf");
        GgufWriter writer = new GgufWriter()
                .put("general.architecture", architecture)
                .put(architecture + "." + key, GgufValue.uint32(value));
        if (!key.equals("attention.head_count")) {
            writer.put(architecture + ".attention.head_count", GgufValue.uint32(1));
        }
        for (String tensor : tensors) {
            writer.tensor(tensor, List.of(1L), GgmlType.F32, GgufWriter.TensorSource.of(new byte[4]));
        }
        writer.write(path);
        byte[] bytes = Files.readAllBytes(path);
        Files.delete(path);
        return bytes;
    }

    private void addVocabularies() throws IOException {
        refused(GgufRule.TOKENS, "duplicate token", draft(draft -> tokens(draft, 300, "a", 301, "a")));
        refused(
                GgufRule.TOKENS,
                "tokens that differ after a NUL",
                draft(draft -> tokens(draft, 300, "a\0b", 301, "a")));
        refused(
                GgufRule.TOKENS,
                "token named like an empty one",
                draft(draft -> tokens(draft, 300, "", 301, "[EMPTY_300]")));
        refused(
                GgufRule.TOKENS,
                "all tokens invalid and equal",
                with(TOKENS, GgufArray.ofByteStrings(java.util.Collections.nCopies(420, new byte[] {(byte) 0xFF}))));
        refused(
                GgufRule.TOKENS,
                "all tokens empty",
                with(TOKENS, GgufArray.ofStrings(java.util.Collections.nCopies(420, ""))));
        refused(GgufRule.TOKENS, "no tokens", with(TOKENS, GgufArray.ofStrings(List.of())));
        refused(GgufRule.TOKEN_TYPES, "tokenizer bert with byte tokens", with(MODEL, GgufValue.of("bert")));
        refused(
                GgufRule.SPECIAL_TOKENS,
                "tokenizer gemma4 without BOS",
                draft(draft -> gpt2(draft).put(MODEL, GgufValue.of("gemma4")).remove("tokenizer.ggml.bos_token_id")));
        refused(
                GgufRule.SPECIAL_TOKENS,
                "pre-tokenizer glm4 that adds a BOS it does not have",
                draft(draft -> gpt2(draft)
                        .put("tokenizer.ggml.pre", GgufValue.of("glm4"))
                        .put("tokenizer.ggml.add_bos_token", GgufValue.of(true))
                        .remove("tokenizer.ggml.bos_token_id")));
        refused(
                GgufRule.SPECIAL_TOKENS,
                "pre-tokenizer gemma4 with ten tokens",
                draft(draft -> gpt2(draft)
                        .put("tokenizer.ggml.pre", GgufValue.of("gemma4"))
                        .put("tokenizer.ggml.add_bos_token", GgufValue.of(false))
                        .put(TOKENS, GgufArray.ofStrings(numbered(10)))
                        .remove("tokenizer.ggml.bos_token_id")));
        refused(
                GgufRule.SPECIAL_TOKENS,
                "EOS wanted where there is none",
                draft(draft -> draft.put(MODEL, GgufValue.of("bert"))
                        .put("tokenizer.ggml.token_type", GgufArray.ofIntegers(GgufType.INT32, new long[99]))
                        .put(TOKENS, GgufArray.ofStrings(numbered(99)))));
        refused(
                GgufRule.NEWLINE,
                "tokenizer rwkv that never ends",
                draft(draft -> tokens(draft.put(MODEL, GgufValue.of("rwkv")), 300, "\\n\\n", 301, "b2")));
        refused(
                GgufRule.VOCABULARY_SIZE,
                "tokenizer t5 with a token of 2000 bytes",
                draft(draft -> tokens(draft.put(MODEL, GgufValue.of("t5")), 300, "x".repeat(2000), 301, "b2")));
        refused(
                GgufRule.VOCABULARY_SIZE,
                "no tokenizer and 2^31 tokens",
                draft(draft ->
                        draft.put(MODEL, GgufValue.of("none")).put("llama.vocab_size", GgufValue.uint32(1L << 31))));
        llama("tokens missing", draft(draft -> draft.remove(TOKENS)));
        llama("tokens as numbers", with(TOKENS, GgufArray.ofIntegers(GgufType.INT32, 1, 2)));
        llama("tokens too few", with(TOKENS, GgufArray.ofStrings(numbered(419))));
        llama("tokens too many", with(TOKENS, GgufArray.ofStrings(numbered(421))));
        llama("scores too short", with("tokenizer.ggml.scores", GgufArray.ofFloats(1, 2)));
        llama("scores as texts", with("tokenizer.ggml.scores", GgufArray.ofStrings(List.of("1"))));
        llama("types too short", with("tokenizer.ggml.token_type", GgufArray.ofIntegers(GgufType.INT32, 1)));
        llama("types as texts", with("tokenizer.ggml.token_type", GgufArray.ofStrings(List.of("1"))));
        llama("tokenizer unknown", with(MODEL, GgufValue.of("other")));
        llama("tokenizer missing", draft(draft -> draft.remove(MODEL)));
        llama("tokenizer gpt2 without merges", with(MODEL, GgufValue.of("gpt2")));
        llama("pre-tokenizer unknown", draft(draft -> gpt2(draft).put("tokenizer.ggml.pre", GgufValue.of("other"))));
        llama("add_bos as text", with("tokenizer.ggml.add_bos_token", GgufValue.of("yes")));
    }

    private void addHarmless() throws IOException {
        for (String special : List.of("bos", "eos", "unknown")) {
            loads(
                    special + " out of range",
                    with("tokenizer.ggml." + special + "_token_id", GgufValue.uint32(100_000)));
        }
        loads("scores missing", draft(draft -> draft.remove("tokenizer.ggml.scores")));
        loads("scores as integers", with("tokenizer.ggml.scores", GgufArray.ofIntegers(GgufType.INT32, new long[420])));
        loads("types missing", draft(draft -> draft.remove("tokenizer.ggml.token_type")));
        loads(
                "types unknown",
                with(
                        "tokenizer.ggml.token_type",
                        GgufArray.ofIntegers(
                                GgufType.INT32,
                                java.util.stream.LongStream.generate(() -> 77)
                                        .limit(420)
                                        .toArray())));
        loads("vocab_size wrong", with("llama.vocab_size", GgufValue.uint32(7)));
        loads("context_length 0", with("llama.context_length", GgufValue.uint32(0)));
        loads("context_length 2^32-1", with("llama.context_length", GgufValue.uint32((1L << 32) - 1)));
        loads("epsilon 0", with("llama.attention.layer_norm_rms_epsilon", GgufValue.of(0f)));
        loads("chat template as number", with("tokenizer.chat_template", GgufValue.uint32(1)));
        loads("chat template of 1 MB", with("tokenizer.chat_template", GgufValue.of("x".repeat(1 << 20))));
        loads("gpt2 with broken merges", draft(BadGgufFiles::gpt2));
        for (String tokenizer : List.of("rwkv", "t5", "plamo2", "none", "no_vocab")) {
            loads(
                    "tokenizer " + tokenizer,
                    draft(draft ->
                            draft.put(MODEL, GgufValue.of(tokenizer)).put("llama.vocab_size", GgufValue.uint32(420))));
        }
        loads("weights that are NaN", draft(draft -> Arrays.fill(draft.data, (byte) 0xFF)));
        loads("weights that are noise", draft(draft -> draft.data = random(draft.data.length)));
        loads("one empty token", draft(draft -> tokens(draft, 300, "", 301, "b2")));
        loads(
                "token that is no UTF-8",
                replaced(draft(draft -> tokens(draft, 300, "###", 301, "b2")), "###", "\u00FF\u00FE#"));
        loads("text value that is no UTF-8", with("general.name", GgufText.ofBytes(new byte[] {(byte) 0xC3, 0x28})));
        loads("rope scaling yarn", with("llama.rope.scaling.type", GgufValue.of("yarn")));
        loads(
                "more data than tensors",
                draft(draft -> draft.data = Arrays.copyOf(draft.data, draft.data.length + 4096)));
        loads(
                "unknown keys of every kind",
                draft(draft -> draft.put("x.a", GgufArray.ofDoubles(1))
                        .put("x.b", GgufValue.of(1.0))
                        .put("x.c", GgufArray.ofIntegers(GgufType.BOOL, 1, 0))));
        loads(
                "no tokens of bytes",
                draft(draft -> draft.put(
                                "tokenizer.ggml.token_type",
                                GgufArray.ofIntegers(
                                        GgufType.INT32,
                                        java.util.stream.LongStream.generate(() -> 1)
                                                .limit(420)
                                                .toArray()))
                        .put(TOKENS, GgufArray.ofStrings(numbered(420)))));
    }

    private static GgufDraft gpt2(GgufDraft draft) {
        return draft.put(MODEL, GgufValue.of("gpt2"))
                .put("tokenizer.ggml.merges", GgufArray.ofStrings(List.of("", " ", "a", "a b c", "\uFFFD x")));
    }

    private static List<String> numbered(int count) {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tokens.add("t" + i);
        }
        return tokens;
    }

    private static void tokens(GgufDraft draft, int first, String text, int second, String other) {
        GgufArray old = tokensOf(draft);
        List<String> tokens = new ArrayList<>();
        for (int id = 0; id < old.size(); id++) {
            tokens.add(id == first ? text : id == second ? other : old.textAt(id));
        }
        draft.put(TOKENS, GgufArray.ofStrings(tokens));
    }

    private static GgufArray tokensOf(GgufDraft draft) {
        List<String> texts = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(draft.values.get(TOKENS)).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        long count = in.position(8).getLong();
        for (long i = 0; i < count; i++) {
            byte[] text = new byte[(int) in.getLong()];
            in.get(text);
            texts.add(new String(text, StandardCharsets.UTF_8));
        }
        return GgufArray.ofStrings(texts);
    }

    /** The file with one tensor of another type and zeros for data. */
    private byte[] reencoded(String name, GgmlType type) throws IOException {
        GgufFile file = GgufFile.read(base);
        Path path = base.resolveSibling("reencoded.gguf");
        try (GgufTensorData data = GgufTensorData.open(file)) {
            GgufWriter writer = new GgufWriter().putAll(file.metadata());
            for (GgufTensor tensor : file.tensors()) {
                if (tensor.name().equals(name)) {
                    long bytes = type.rowBytes(tensor.dim(0)) * tensor.rows();
                    writer.tensor(name, tensor.dims(), type, GgufWriter.TensorSource.of(new byte[(int) bytes]));
                } else {
                    writer.copy(tensor, data);
                }
            }
            writer.write(path);
        }
        byte[] bytes = Files.readAllBytes(path);
        Files.delete(path);
        return bytes;
    }

    private static GgufDraft.Tensor query(GgufDraft draft) {
        return draft.tensor("blk.0.attn_q.weight");
    }

    private byte[] with(String key, GgufValue value) throws IOException {
        return draft(draft -> draft.put(key, value));
    }

    private byte[] draft(Consumer<GgufDraft> change) throws IOException {
        GgufDraft draft = GgufDraft.of(base);
        change.accept(draft);
        return draft.bytes();
    }

    /** Replaces the last occurrence of Latin-1 characters by as many others. */
    private static byte[] replaced(byte[] bytes, String from, String to) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.lastIndexOf(from);
        return (text.substring(0, at) + to + text.substring(at + from.length())).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private void refused(GgufRule rule, String name, byte[] bytes) {
        add(name, Expectation.REFUSED_BY_RULE, rule, bytes);
    }

    private void llama(String name, byte[] bytes) {
        add(name, Expectation.REFUSED_BY_LLAMA, null, bytes);
    }

    private void loads(String name, byte[] bytes) {
        add(name, Expectation.LOADS, null, bytes);
    }

    private void add(String name, Expectation expectation, @Nullable GgufRule rule, byte[] bytes) {
        cases.add(new Case(name, expectation, rule, bytes));
    }
}
