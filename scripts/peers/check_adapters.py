"""Adapters of LEM in PEFT and mlx-lm, and theirs in LEM, by the logits that a small model gives with them.

All sides compute in 32-bit floats, so that only the order of additions differs.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import mlx.core as mx
import numpy
import peft
import torch
import transformers
from mlx.utils import tree_flatten
from mlx_lm.tuner.utils import linear_to_lora_layers, load_adapters
from mlx_lm.utils import load_model, save_config

import lem
import small_models

BOUND = 2e-4
EFFECT = 0.1
DORA_STEPS = 30
WORK = lem.WORK / "adapters"
TOKENS = [[1, 403, 407, 261, 378][:count] + list(range(300, 300 + 7 * count, 7)) for count in range(1, 6)]
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

mx.set_default_device(mx.cpu)


def torch_model(folder):
    return transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def torch_logits(model):
    with torch.no_grad():
        return [model.eval()(torch.tensor([tokens])).logits[0, -1].numpy() for tokens in TOKENS]


def peft_logits(folder, adapter):
    """What PEFT gives with an adapter; weights that it does not find, or finds too many, end the check."""
    model = torch_model(folder)
    if adapter:
        model = peft.PeftModel.from_pretrained(model, adapter)
        written = set(peft.utils.load_peft_weights(adapter, device="cpu"))
        expected = set(peft.get_peft_model_state_dict(model))
        if {name for name in written if ".lora_" in name} != {name for name in expected if ".lora_" in name}:
            sys.exit(f"{adapter}: PEFT expects other tensors: {sorted(written ^ expected)[:4]}")
    return torch_logits(model)


def mlx_logits(folder, adapter):
    model, _ = load_model(Path(folder))
    if adapter:
        model = load_adapters(model, str(adapter))
    model.eval()
    return [numpy.array(model(mx.array([tokens]))[0, -1]) for tokens in TOKENS]


def place(name):
    """A path below this check's folder, which is emptied at the start."""
    return WORK / name


def convert(model, adapter, form, name):
    target = place(name)
    lem.must("adapter", "convert", "--model", model[0], "--adapter", adapter, "--format", form, "--save-path", target)
    return target


def everywhere(report, name, model, adapter, expected):
    """An adapter in LEM as it is and as GGUF, and converted in PEFT and mlx-lm, against the expected logits."""
    gguf = convert(model, adapter, "gguf", name + ".gguf")
    as_peft, as_mlx = convert(model, gguf, "peft", name + "-peft"), convert(model, gguf, "mlx", name + "-mlx")
    report.close(f"{name}: LEM, as it is", lem.logits(model[0], [adapter], TOKENS), expected, BOUND)
    report.close(f"{name}: LEM, as GGUF", lem.logits(model[0], [gguf], TOKENS), expected, BOUND)
    report.close(f"{name}: PEFT", peft_logits(model[1], as_peft), expected, BOUND)
    report.close(f"{name}: mlx-lm", mlx_logits(model[1], as_mlx), expected, BOUND)


def base(report, model, name):
    expected = torch_logits(torch_model(model[1]))
    report.close(f"{name}, no adapter: LEM", lem.logits(model[0], [], TOKENS), expected, BOUND)
    report.close(f"{name}, no adapter: mlx-lm", mlx_logits(model[1], None), expected, BOUND)
    return expected


def training_data():
    folder = place("data")
    folder.mkdir(parents=True)
    texts = [f"Once upon a time {name} had a red ball and went to the park." for name in ("Tim", "Lily", "Ben", "Sue")]
    for file in ("train.jsonl", "valid.jsonl"):
        (folder / file).write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return folder


def trained_by_lem(report, model, unadapted, data):
    for name, options in {
        "lem train": ["--rank", 4, "--scale", 3],
        "lem train, some layers": ["--rank", 2, "--scale", 8, "--num-layers", 2, "--targets", "Q,V,DOWN"],
    }.items():
        folder = place(name.replace(", ", "-").replace(" ", "-"))
        lem.must("train", "--model", model[0], "--data", data, "--adapter-path", folder, "--iters", 15,
                 "--batch-size", 1, "--learning-rate", 2e-3, "--threads", 2, *options)
        expected = lem.logits(model[0], [folder], TOKENS)
        report.apart(f"{name}: effect", expected, unadapted, EFFECT)
        everywhere(report, folder.name, model, folder, expected)


def trained_by_mlx(report, model, unadapted, data):
    """By mlx-lm's own command, with its own defaults for what is adapted."""
    folder = place("mlx-lm-lora")
    subprocess.run(
        [sys.executable, "-m", "mlx_lm", "lora", "--train", "--model", model[1], "--data", data,
         "--adapter-path", folder, "--iters", "15", "--batch-size", "1", "--num-layers", "3",
         "--learning-rate", "2e-3", "--max-seq-length", "64"],
        check=True, stdout=sys.stderr)
    expected = mlx_logits(model[1], folder)
    report.apart("mlx-lm lora: effect", expected, unadapted, EFFECT)
    everywhere(report, folder.name, model, folder, expected)


def made_by_mlx(report, model, unadapted):
    """Factors everywhere, the embedding and the head included, saved as mlx-lm's trainer saves them."""
    folder = place("mlx-embedding-head")
    folder.mkdir(parents=True)
    network, _ = load_model(Path(model[1]))
    network.freeze()
    keys = ["self_attn.q_proj", "self_attn.o_proj", "mlp.down_proj", "model.embed_tokens", "lm_head"]
    parameters = {"rank": 4, "scale": 2.5, "dropout": 0.0, "keys": keys}
    linear_to_lora_layers(network, 5, parameters)
    mx.random.seed(3)
    trained = tree_flatten(network.trainable_parameters())
    factors = {name: 0.1 * mx.random.normal(value.shape) for name, value in trained}
    mx.save_safetensors(str(folder / "adapters.safetensors"), factors)
    config = {"fine_tune_type": "lora", "num_layers": 5, "lora_parameters": parameters}
    save_config(config, folder / "adapter_config.json")
    expected = mlx_logits(model[1], folder)
    report.apart("mlx-lm, embedding and head: effect", expected, unadapted, EFFECT)
    everywhere(report, folder.name, model, folder, expected)


def peft_adapter(name, model, seed=5, **options):
    """An adapter with random factors, saved by PEFT."""
    folder = place(name)
    torch.manual_seed(seed)
    adapted = peft.get_peft_model(torch_model(model[1]), peft.LoraConfig(task_type="CAUSAL_LM", **options))
    with torch.no_grad():
        for parameter_name, parameter in adapted.named_parameters():
            if ".lora_" in parameter_name:
                parameter.copy_(0.1 * torch.randn_like(parameter))
    adapted.save_pretrained(folder)
    return folder, torch_logits(adapted)


def made_by_peft(report, model, unadapted, untied, untied_unadapted):
    uneven = {"rank_pattern": {"layers.0.self_attn.q_proj": 2, "down_proj": 6, "layers.4.mlp.up_proj": 1},
              "alpha_pattern": {"v_proj": 20, "layers.1.mlp.gate_proj": 3}}
    for name, target, before, options in (
        ("peft-uniform", model, unadapted, {"r": 4, "lora_alpha": 10, "target_modules": LINEAR}),
        ("peft-rslora", model, unadapted, {"r": 4, "lora_alpha": 5, "use_rslora": True, "target_modules": LINEAR}),
        ("peft-uneven", model, unadapted, {"r": 4, "lora_alpha": 10, "target_modules": LINEAR, **uneven}),
        ("peft-uneven-rslora", model, unadapted,
         {"r": 4, "lora_alpha": 5, "use_rslora": True, "target_modules": LINEAR, **uneven}),
        ("peft-some-layers", model, unadapted,
         {"r": 3, "lora_alpha": 12, "target_modules": ["q_proj", "v_proj"], "layers_to_transform": [1, 3]}),
        ("peft-gaussian", model, unadapted,
         {"r": 4, "lora_alpha": 10, "init_lora_weights": "gaussian", "target_modules": LINEAR}),
        ("peft-embedding-head", untied, untied_unadapted,
         {"r": 4, "lora_alpha": 6, "target_modules": ["embed_tokens", "lm_head", "q_proj"],
          "rank_pattern": {"lm_head": 2}}),
    ):
        folder, expected = peft_adapter(name, target, **options)
        report.apart(f"{name}: effect", expected, before, EFFECT)
        everywhere(report, name, target, folder, expected)


def dora(report, model, unadapted):
    """DoRA of PEFT merged by LEM, and in mlx-lm and PEFT after LEM converted it; llama.cpp cannot apply it."""
    folder, expected = peft_adapter("peft-dora", model, r=4, lora_alpha=10, target_modules=LINEAR, use_dora=True)
    report.apart("peft-dora: effect", expected, unadapted, EFFECT)
    as_mlx = convert(model, folder, "mlx", "peft-dora-mlx")
    as_peft = convert(model, as_mlx, "peft", "peft-dora-mlx-peft")
    report.close("peft-dora: mlx-lm", mlx_logits(model[1], as_mlx), expected, BOUND)
    report.close("peft-dora: PEFT, through mlx-lm's form", peft_logits(model[1], as_peft), expected, BOUND)
    for name, adapter in {"as it is": folder, "in mlx-lm's form": as_mlx}.items():
        merged = place("merged-" + adapter.name + ".gguf")
        lem.must("fuse", "--model", model[0], "--adapter", adapter, "--save-path", merged, "--no-parity")
        report.close(f"peft-dora: merged by LEM, {name}", lem.logits(merged, [], TOKENS), expected, BOUND)
    run = lem.lem("adapter", "convert", "--model", model[0], "--adapter", folder, "--save-path", place("dora.gguf"))
    report.holds("peft-dora: refused as GGUF", run.returncode == 1 and "lem fuse" in run.stderr)


def dora_losses(report, model):
    """The losses of a training of DoRA from one adapter, by LEM and by PEFT."""
    text = "Once upon a time there was a little girl who had a red ball and went to the park with her dog."
    data = place("dora-data")
    data.mkdir(parents=True)
    (data / "train.jsonl").write_text(json.dumps({"text": text}) + "\n")
    torch.manual_seed(6)
    network = peft.get_peft_model(torch_model(model[1]), peft.LoraConfig(
        task_type="CAUSAL_LM", r=4, lora_alpha=8, target_modules=LINEAR, use_dora=True))
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if "lora_B" in name:
                parameter.copy_(0.02 * torch.randn_like(parameter))
    start = place("dora-start")
    network.save_pretrained(start)
    folder = place("dora-lem")
    lem.must("train", "--model", model[0], "--data", data, "--adapter-path", folder, "--fine-tune-type", "dora",
             "--resume-adapter-file", start, "--iters", DORA_STEPS, "--batch-size", 1, "--learning-rate", 2e-3,
             "--steps-per-report", 1, "--threads", 1)
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    ours = [event["train_loss"] for event in events if event["event"] == "train"]
    encoded = lem.probe([{"model": str(model[0]), "adapters": [], "tasks": [{"encode": text}]}])[0][0]
    tokens = torch.tensor([encoded + [network.config.eos_token_id]])
    optimizer = torch.optim.AdamW(
        [parameter for parameter in network.parameters() if parameter.requires_grad], lr=2e-3, weight_decay=0)
    network.train()
    theirs = []
    for _ in range(DORA_STEPS):
        loss = network(input_ids=tokens, labels=tokens).loss
        theirs.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    report.close(f"DoRA, losses of {DORA_STEPS} steps, {theirs[0]:.3f} to {theirs[-1]:.3f}", [ours], [theirs], 1e-4)
    report.apart("DoRA, losses: effect", theirs[:1], theirs[-1:], EFFECT)


def refused(report, model):
    """Adapters that answer wrongly on the original model: PEFT changes its weights when it loads them."""
    for name, options in {
        "pissa": {"init_lora_weights": "pissa"},
        "olora": {"init_lora_weights": "olora"},
        "kasa": {"kasa_config": peft.tuners.lora.config.KasaConfig()},
        "bias": {"bias": "all"},
        "modules_to_save": {"modules_to_save": ["lm_head"]},
    }.items():
        folder = place("refused-" + name)
        network = peft.get_peft_model(
            torch_model(model[1]),
            peft.LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, target_modules=["q_proj"], **options))
        network.save_pretrained(folder)
        target = place(f"refused-{name}.gguf")
        arguments = ["adapter", "convert", "--model", model[0], "--adapter", folder, "--save-path", target]
        run = lem.lem(*arguments)
        report.holds(f"{name}: refused by name: {run.stderr.strip().split(folder.name, 1)[-1][:150]}",
                     run.returncode == 1 and name in run.stderr.lower() and not target.exists())
        if name in ("pissa", "olora"):
            lem.must(*arguments, "--force")
            theirs = torch_logits(peft.PeftModel.from_pretrained(torch_model(model[1]), folder))
            ours = lem.logits(model[0], [target], TOKENS)
            report.apart(f"{name}, forced onto the original model", ours, theirs, EFFECT)


def main():
    report = lem.Report("Adapters: LEM, PEFT " + peft.__version__ + ", mlx-lm on mlx " + mx.__version__)
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    model, untied = small_models.tied(), small_models.untied()
    data = training_data()
    unadapted = base(report, model, "stories260K")
    untied_unadapted = base(report, untied, "stories260K with a head of its own")
    trained_by_lem(report, model, unadapted, data)
    trained_by_mlx(report, model, unadapted, data)
    made_by_mlx(report, untied, untied_unadapted)
    made_by_peft(report, model, unadapted, untied, untied_unadapted)
    dora(report, model, unadapted)
    dora_losses(report, model)
    refused(report, model)
    report.finish()


if __name__ == "__main__":
    main()
