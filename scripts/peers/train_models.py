"""The models of scripts/peers/train.py: each as an F32 and as a Q4_1 file with the same weights."""

import os
import sys
from pathlib import Path

import gguf
import numpy

import workers

SMOLLM2 = Path(os.environ["LEM_REAL_SMOLLM2"])

# Qwen 2.5 0.5B.
QWEN = {"layers": 24, "hidden": 896, "heads": 14, "kv_heads": 2, "feed_forward": 4864, "vocabulary": 151936}


def smollm2():
    """The published Q4_1 file, and its weights as F32."""
    return widened(SMOLLM2, workers.WORK / "smollm2-f32.gguf"), SMOLLM2


def qwen():
    """Random weights in the shape of Qwen 2.5 0.5B, with the tokenizer of SmolLM2: Q4_1, and the same weights as F32."""
    random, small = workers.WORK / "qwen-random.gguf", workers.WORK / "qwen-q4_1.gguf"
    if not small.exists():
        write_qwen(random)
        quantize(random, small, "q4_1")
        random.unlink()
    return widened(small, workers.WORK / "qwen-f32.gguf"), small


def widened(file, wide):
    if not wide.exists():
        quantize(file, wide, "f32")
    return wide


def quantize(file, target, kind):
    part = target.with_suffix(".part.gguf")
    part.unlink(missing_ok=True)
    workers.must("quantize", "--model", file, "--save-path", part, "--type", kind)
    part.rename(target)


def write_qwen(file):
    print(f"Writing {file.name}", file=sys.stderr, flush=True)
    writer = gguf.GGUFWriter(file, "qwen2")
    q = QWEN
    writer.add_context_length(4096)
    writer.add_embedding_length(q["hidden"])
    writer.add_block_count(q["layers"])
    writer.add_feed_forward_length(q["feed_forward"])
    writer.add_head_count(q["heads"])
    writer.add_head_count_kv(q["kv_heads"])
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-6)
    copy_tokenizer(writer, q["vocabulary"])
    random = numpy.random.default_rng(1)

    def weight(name, rows, columns):
        values = random.standard_normal((rows, columns), dtype=numpy.float32)
        writer.add_tensor(name, values * numpy.float32(0.02))

    def vector(name, length, value):
        writer.add_tensor(name, numpy.full(length, value, dtype=numpy.float32))

    kv = q["hidden"] // q["heads"] * q["kv_heads"]
    weight("token_embd.weight", q["vocabulary"], q["hidden"])
    vector("output_norm.weight", q["hidden"], 1)
    for layer in range(q["layers"]):
        block = f"blk.{layer}."
        vector(block + "attn_norm.weight", q["hidden"], 1)
        vector(block + "ffn_norm.weight", q["hidden"], 1)
        for name, rows in (("q", q["hidden"]), ("k", kv), ("v", kv)):
            weight(f"{block}attn_{name}.weight", rows, q["hidden"])
            vector(f"{block}attn_{name}.bias", rows, 0.01)
        weight(block + "attn_output.weight", q["hidden"], q["hidden"])
        weight(block + "ffn_gate.weight", q["feed_forward"], q["hidden"])
        weight(block + "ffn_up.weight", q["feed_forward"], q["hidden"])
        weight(block + "ffn_down.weight", q["hidden"], q["feed_forward"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def copy_tokenizer(writer, vocabulary):
    """SmolLM2's, filled up with tokens that no text has."""
    for field in gguf.GGUFReader(SMOLLM2).fields.values():
        if not field.name.startswith("tokenizer."):
            continue
        contents, is_array = field.contents(), field.types[0] == gguf.GGUFValueType.ARRAY
        missing = vocabulary - len(contents) if is_array else 0
        if field.name == "tokenizer.ggml.tokens":
            contents = contents + [f"[unused {i}]" for i in range(missing)]
        elif field.name == "tokenizer.ggml.token_type":
            contents = contents + [int(gguf.TokenType.UNUSED)] * missing
        writer.add_key_value(field.name, contents, field.types[0], field.types[-1] if is_array else None)
