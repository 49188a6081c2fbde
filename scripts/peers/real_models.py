"""The published models as GGUF and as transformers loads the same file."""

import os
from pathlib import Path

import torch
import transformers

import lem

SMOLLM2 = Path(os.environ["LEM_REAL_SMOLLM2"])
GEMMA3 = Path(os.environ["LEM_REAL_GEMMA3"])


def tokenizer(file):
    return transformers.AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)


def network(file):
    """In float32, with the dequantized weights."""
    return transformers.AutoModelForCausalLM.from_pretrained(
        file.parent, gguf_file=file.name, dtype=torch.float32, attn_implementation="eager").eval()


def widened(file):
    """The file with all weights as F32, to be deleted: llama.cpp rounds activations where weights are quantized."""
    wide = lem.WORK / (file.stem + "-f32.gguf")
    wide.unlink(missing_ok=True)
    lem.must("quantize", "--model", file, "--save-path", wide, "--type", "f32")
    return wide
