"""Adapters of experts and routers of LEM in PEFT and mlx-lm, and theirs in LEM, by the logits of small random mixtures."""

import json
import shutil
import sys
from pathlib import Path

import mlx.core as mx
import peft
import torch
from mlx.utils import tree_flatten
from mlx_lm.tuner.utils import linear_to_lora_layers
from mlx_lm.utils import load_model, save_config
from safetensors.torch import load_file, save_file

import check_adapters
import convert_models
import lem
from check_adapters import TOKENS, peft_adapter, place, torch_logits, torch_model

check_adapters.WORK = lem.WORK / "experts"
check_adapters.BOUND = BOUND = 1e-4
EFFECT = 0.03
plain_mlx_logits = check_adapters.mlx_logits
check_adapters.mlx_logits = lambda folder, adapter: plain_mlx_logits(of_mlx(folder), adapter)
LAYERS = 2
ATTENTION = ["q_proj", "v_proj"]
STACKS = ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]


def adjust(name, config):
    """Names that mlx-lm reads, weights of chosen experts with a sum of 1, and YaRN's limits rounded, as in llama.cpp and mlx-lm."""
    config.update(norm_topk_prob=True, num_experts=config["num_local_experts"],
                  rope_theta=config["rope_parameters"]["rope_theta"])
    if name == "gpt-oss":
        config["rope_parameters"]["truncate"] = True
        config["rope_scaling"] = config["rope_parameters"]


def of_mlx(folder):
    """The folder that mlx-lm reads: that of transformers, or the other one of a GPT-OSS."""
    other = Path(str(folder) + "-for-mlx")
    return other if other.exists() else Path(folder)


def for_mlx(folder):
    """A GPT-OSS with the tensors of mlx-lm, which reads those of transformers in MXFP4 only."""
    tensors = {}
    for name, tensor in load_file(folder / "model.safetensors").items():
        module, _, parameter = name.rpartition(".")
        if parameter == "gate_up_proj":
            tensors[module + ".gate_proj.weight"] = tensor[..., ::2].transpose(1, 2).contiguous()
            tensors[module + ".up_proj.weight"] = tensor[..., 1::2].transpose(1, 2).contiguous()
        elif parameter == "gate_up_proj_bias":
            tensors[module + ".gate_proj.bias"] = tensor[..., ::2].contiguous()
            tensors[module + ".up_proj.bias"] = tensor[..., 1::2].contiguous()
        elif parameter == "down_proj":
            tensors[name + ".weight"] = tensor.transpose(1, 2).contiguous()
        elif parameter == "down_proj_bias":
            tensors[module + ".down_proj.bias"] = tensor
        else:
            tensors[name] = tensor
    target = Path(str(folder) + "-for-mlx")
    target.mkdir()
    save_file(tensors, target / "model.safetensors", metadata={"format": "mlx"})
    shutil.copy(folder / "config.json", target)


def mixture(name):
    """A random mixture of 32-bit floats as GGUF and as a folder of transformers."""
    folder = convert_models.make(name, place(name), torch.float32)
    convert_models.edit_config(folder, lambda config: adjust(name, config))
    if name == "gpt-oss":
        for_mlx(folder)
    file = place(name + ".gguf")
    lem.must("convert", "--model", folder, "--type", "f32", "--save-path", file)
    return file, folder


def everywhere(report, name, model, adapter, expected, before):
    report.apart(f"{name}: effect", expected, before, EFFECT)
    check_adapters.everywhere(report, name, model, adapter, expected)


def trained_by_lem(report, name, model, data, before):
    for label, options in {
        "all": ["--targets", "q,k,v,o,gate,up,down,router", "--num-layers", -1],
        "up-of-the-last-layer": ["--targets", "up", "--num-layers", 1],
        "routers": ["--targets", "router", "--num-layers", -1],
    }.items():
        folder = place(f"{name}-lem-{label}")
        lem.must("train", "--model", model[0], "--data", data, "--adapter-path", folder, "--iters", 20,
                 "--batch-size", 1, "--learning-rate", 1e-2, "--threads", 1, "--rank", 4, "--scale", 8, *options)
        everywhere(report, folder.name, model, folder, lem.logits(model[0], [folder], TOKENS), before)


def made_by_peft(report, name, model, before):
    router = "mlp.router.weight" if name == "gpt-oss" else "mlp.gate.weight"
    every = {"r": 4, "lora_alpha": 40, "target_modules": ATTENTION, "target_parameters": [*STACKS, router]}
    for label, options in {
        "parameters": every,
        "patterns": {**every, "use_rslora": True, "rank_pattern": {"gate_up_proj": 6, "layers.0.mlp.experts.down_proj": 2},
                     "alpha_pattern": {router: 60, "gate_up_proj": 30}},
        "one-layer": {"r": 4, "lora_alpha": 40, "target_modules": [],
                      "target_parameters": ["model.layers.1.mlp.experts.gate_up_proj", "model.layers.0.mlp.experts.down_proj"]},
    }.items():
        folder, expected = peft_adapter(f"{name}-peft-{label}", model, **options)
        everywhere(report, folder.name, model, folder, expected, before)


def named_as_before(report, name, model, before):
    """The names of modules that experts were before transformers 5, given to PEFT, and a file with such modules."""
    gate, up, down, block = ("w1", "w3", "w2", "block_sparse_moe") if name == "mixtral" else (
        "gate_proj", "up_proj", "down_proj", "mlp")
    names = [gate, up, down, "gate", *ATTENTION]
    folder, expected = peft_adapter(f"{name}-peft-old-names", model, r=4, lora_alpha=40, target_modules=names)
    everywhere(report, folder.name, model, folder, expected, before)

    folder = place(f"{name}-peft-modules")
    folder.mkdir()
    config = torch_model(model[1]).config
    hidden = getattr(config, "moe_intermediate_size", config.intermediate_size)
    torch.manual_seed(8)
    factors = {}

    def module(path, inputs, outputs):
        factors[f"base_model.model.{path}.lora_A.weight"] = 0.1 * torch.randn(4, inputs)
        factors[f"base_model.model.{path}.lora_B.weight"] = 0.1 * torch.randn(outputs, 4)

    for layer in range(LAYERS):
        path = f"model.layers.{layer}.{block}"
        module(path + ".gate", config.hidden_size, config.num_local_experts)
        for expert in range(config.num_local_experts):
            module(f"{path}.experts.{expert}.{gate}", config.hidden_size, hidden)
            module(f"{path}.experts.{expert}.{up}", config.hidden_size, hidden)
            module(f"{path}.experts.{expert}.{down}", hidden, config.hidden_size)
    save_file(factors, folder / "adapter_model.safetensors")
    peft.LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=40, target_modules=[gate, up, down, "gate"]).save_pretrained(folder)
    expected = torch_logits(peft.PeftModel.from_pretrained(torch_model(model[1]), folder))
    everywhere(report, folder.name, model, folder, expected, before)


def made_by_mlx(report, name, model, before):
    """Factors of every linear layer, the experts included, saved as mlx-lm's trainer saves them."""
    folder = place(f"{name}-mlx")
    folder.mkdir()
    network, _ = load_model(of_mlx(model[1]))
    network.freeze()
    keys = sorted({name for name, module in network.layers[0].named_modules() if "to_lora" in dir(module) or "weight" in module}
                  - {"input_layernorm", "post_attention_layernorm", "self_attn.q_norm", "self_attn.k_norm"})
    parameters = {"rank": 4, "scale": 10.0, "dropout": 0.0, "keys": keys}
    linear_to_lora_layers(network, LAYERS, parameters)
    mx.random.seed(3)
    trained = tree_flatten(network.trainable_parameters())
    mx.save_safetensors(str(folder / "adapters.safetensors"),
                        {name: 0.1 * mx.random.normal(value.shape) for name, value in trained})
    save_config({"fine_tune_type": "lora", "num_layers": LAYERS, "lora_parameters": parameters}, folder / "adapter_config.json")
    report.holds(f"{name}-mlx: experts and router are among {len(keys)} adapted modules",
                 sum("switch_mlp." in key or "experts." in key for key in keys) == 3
                 and any(key.endswith((".gate", ".router")) for key in keys))
    everywhere(report, folder.name, model, folder, check_adapters.mlx_logits(model[1], folder), before)


def refused(report, model):
    """What has no form in the other program."""
    folder, _ = peft_adapter("refused-bias", model, r=2, lora_alpha=4, target_modules=[],
                             target_parameters=["mlp.experts.down_proj_bias"])
    run = lem.lem("adapter", "convert", "--model", model[0], "--adapter", folder, "--save-path", place("refused.gguf"))
    report.holds("biases of experts: refused by name: " + run.stderr.strip().split(folder.name, 1)[-1][:150],
                 run.returncode == 1 and "down_proj_bias" in run.stderr and not place("refused.gguf").exists())


def main():
    report = lem.Report("Adapters of experts: LEM, PEFT " + peft.__version__ + ", mlx-lm on mlx " + mx.__version__)
    shutil.rmtree(check_adapters.WORK, ignore_errors=True)
    check_adapters.WORK.mkdir(parents=True)
    data = check_adapters.training_data()
    for name in sys.argv[1:] or ["mixtral", "qwen3-moe", "gpt-oss"]:
        model = mixture(name)
        before = check_adapters.base(report, model, name)
        trained_by_lem(report, name, model, data, before)
        made_by_peft(report, name, model, before)
        if name != "gpt-oss":
            named_as_before(report, name, model, before)
        made_by_mlx(report, name, model, before)
        if name == "gpt-oss":
            refused(report, model)
    report.finish()


if __name__ == "__main__":
    main()
