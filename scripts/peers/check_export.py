"""Models that lem export writes, as transformers and mlx-lm load them: tokens and logits against LEM's of the same file."""

import os
import pathlib
import shutil
import sys

import mlx.core as mx
import mlx_lm
import numpy
import torch
import transformers

import lem
import real_models
import small_models

SOURCE = pathlib.Path(os.environ["LLAMA_CPP_SRC"])
sys.path.insert(0, str(SOURCE / "gguf-py"))

import tokenizer_cases  # noqa: E402 - it needs the pinned source's gguf

WORK = lem.WORK / "export"
SPM = lem.FIXTURES / "hf" / "llama3-spm"
SMOLLM = lem.FIXTURES / "hf" / "llama-bpe"
LLAMA3 = WORK / "tokenizers" / "llama3"
QWEN2 = WORK / "tokenizers" / "qwen2"
SIZES = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 7, "num_attention_heads": 4,
         "num_key_value_heads": 2, "max_position_embeddings": 512, "bos_token_id": 1, "eos_token_id": 2}
LLAMA3_ROPE = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 64, "rope_theta": 500000.0}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128, "rope_theta": 1e6}
TEXTS = [
    "Hello, world! I'm here; they'll come, WE'VE 12345 reasons.",
    "  two spaces,\ttabs\n\nand\r\n lines   ",
    "Überraschung: größer, naïve, Ελληνικά, русский, 漢字かな, 한국어, العربية, हिन्दी",
    "emoji 🙂🙃 👩‍👩‍👧 and 0x7f \u00a0 \u200b end",
    "<s>Hi</s> <|im_start|>user\nWhat?<|im_end|> <unk> [INST] no [/INST]",
    "def f(x):\n    return {'a': [x ** 2, -1.5e-3]}  # comment",
]

mx.set_default_device(mx.cpu)


def models():
    """Names, the class of the configuration, its values, and the folder of the tokenizer."""
    T = transformers
    spm, bpe = SIZES | {"vocab_size": 32768}, SIZES | {"vocab_size": 49152}
    llama3 = SIZES | {"vocab_size": 128256, "bos_token_id": 128000, "eos_token_id": 128009}
    qwen = SIZES | {"vocab_size": 152000, "bos_token_id": None, "eos_token_id": 151645}
    return {
        "llama": (T.LlamaConfig, spm | {"tie_word_embeddings": False}, SPM),
        "llama-biases": (T.LlamaConfig, spm | {"attention_bias": True, "mlp_bias": True, "head_dim": 32}, SPM),
        "llama3-rope": (T.LlamaConfig, llama3 | {"rope_parameters": LLAMA3_ROPE, "tie_word_embeddings": True}, LLAMA3),
        "smollm": (T.LlamaConfig, bpe | {"tie_word_embeddings": True}, SMOLLM),
        "mistral": (T.MistralConfig, spm | {"head_dim": 24, "sliding_window": None}, SPM),
        "qwen2": (T.Qwen2Config, qwen | {"tie_word_embeddings": True}, QWEN2),
        "qwen2-yarn": (T.Qwen2Config, qwen | {"rope_parameters": YARN}, QWEN2),
        "qwen3": (T.Qwen3Config, qwen | {"head_dim": 32}, QWEN2),
        "gemma2": (T.Gemma2Config, spm | {"head_dim": 16, "query_pre_attn_scalar": 16, "sliding_window": 64}, SPM),
        "gemma3": (T.Gemma3TextConfig, spm | {"head_dim": 16, "query_pre_attn_scalar": 16, "sliding_window": 64}, SPM),
    }


def made(name):
    """A random model as GGUF in F32, and its folder."""
    kind, values, tokenizer = models()[name]
    folder, file = WORK / name, WORK / (name + ".gguf")
    torch.manual_seed(len(name))
    model = transformers.AutoModelForCausalLM.from_config(kind(**values), dtype=torch.float32)
    for parameter in model.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    for each in ("tokenizer.json", "tokenizer.model", "tokenizer_config.json", "chat_template.jinja"):
        if (tokenizer / each).exists():
            shutil.copyfile(tokenizer / each, folder / each)
    lem.must("convert", "--model", folder, "--save-path", file, "--type", "f32", "--overwrite")
    return file


def exported(file, to, *more):
    folder = WORK / f"{file.stem}-{to}{''.join(more)}"
    lem.must("export", "--model", file, "--to", to, "--save-path", folder, "--overwrite", *more)
    return folder


def chat(tokenizer):
    """A conversation by the template, if there is one."""
    turns = [{"role": "user", "content": "What is right?"}, {"role": "assistant", "content": "To help."},
             {"role": "user", "content": "Why?"}]
    return [tokenizer.apply_chat_template(turns, tokenize=False)] if tokenizer.chat_template else []


def torch_logits(folder, every):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        return [model(torch.tensor([ids]), logits_to_keep=1).logits[0, -1].numpy() for ids in every]


def mlx_logits(model, every):
    return [numpy.array(model(mx.array([ids]))[0, -1].astype(mx.float32)) for ids in every]


def own(tokenizer, text):
    """llama.cpp reads </s> as a control token wherever a vocabulary has it, in Qwen's too, where it is ordinary text."""
    return text if "</s>" in tokenizer.all_special_tokens else text.replace("</s>", "")


def compare(report, name, file, bound):
    """Tokens and logits of an F32 file and of its two exports."""
    hf, mlx = exported(file, "hf", "--dtype=f32"), exported(file, "mlx", "--dtype=f32")
    tokenizer = transformers.AutoTokenizer.from_pretrained(hf)
    model, other = mlx_lm.load(str(mlx))
    texts = [own(tokenizer, text) for text in TEXTS] + chat(tokenizer)
    ours, logits = [], []
    tokens = lem.probe([{"model": str(file), "tasks": [{"encode": text} for text in texts]}])[0]
    report.equal(f"{name}: tokens in transformers", tokens, [tokenizer(text)["input_ids"] for text in texts])
    report.equal(f"{name}: tokens in mlx-lm", tokens, [other.encode(text) for text in texts])
    tokens = [ids[:200] for ids in tokens]
    ours = lem.probe([{"model": str(file), "exact": True, "tasks": [{"logits": ids} for ids in tokens]}])[0]
    report.close(f"{name}: logits in transformers", ours, torch_logits(hf, tokens), bound)
    report.close(f"{name}: logits in mlx-lm", ours, mlx_logits(model, tokens), bound)


def quantized(report, name, file):
    """mlx's own quantization of the plain export gives the tensors of the quantized one."""
    plain = mx.load(str(exported(file, "mlx", "--dtype=bf16") / "model.safetensors"))
    for bits in (4, 8):
        folder = exported(file, "mlx", "--dtype=bf16", f"--bits={bits}")
        found = mx.load(str(folder / "model.safetensors"))
        expected = {}
        for key, value in plain.items():
            if key.removesuffix(".weight") + ".scales" in found:
                parts = mx.quantize(value, group_size=64, bits=bits)
                for part, tensor in zip(("weight", "scales", "biases"), parts, strict=True):
                    expected[key.removesuffix("weight") + part] = tensor
            else:
                expected[key] = value
        same = sum(mx.array_equal(found[key], value).item() for key, value in expected.items() if key in found)
        report.holds(f"{name}: {same} of {len(expected)} tensors of {bits} bits are mlx's own",
                     same == len(expected) == len(found))
        model, _ = mlx_lm.load(str(folder))
        wide = numpy.array(model(mx.array([[1, 5, 9]])).astype(mx.float32))
        report.holds(f"{name}: mlx-lm computes with {bits} bits", numpy.isfinite(wide).all())


def main():
    report = lem.Report(f"Exports: transformers {transformers.__version__}, mlx-lm {mlx_lm.__version__}")
    tokenizer_cases.add_byte_pairs(tokenizer_cases.Cases(WORK / "tokenizers"), SOURCE)
    chosen = sys.argv[1:] or [*models(), "stories260K", "smollm2", "gemma3-270m"]
    WORK.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        if name in models():
            # llama.cpp has a table of 16-bit floats for GELU.
            compare(report, name, made(name), 2e-3 if name.startswith("gemma") else 1e-4)
        elif name == "stories260K":
            compare(report, name, small_models.GGUF, 1e-4)
            quantized(report, name, small_models.GGUF)
        else:
            file, bound = (real_models.SMOLLM2, 0.003) if name == "smollm2" else (real_models.GEMMA3, 0.075)
            wide = real_models.widened(file)
            compare(report, name, wide, bound)
            wide.unlink()
    shutil.rmtree(WORK)
    report.finish()


if __name__ == "__main__":
    main()
