"""torch + PEFT's side of train.py: makes and saves the initial adapter, then takes a step for each line of input.

A line `gemm rows terms columns transposed` measures torch's product instead.
"""

import json
import sys
import time
from pathlib import Path

import peft
import torch
import transformers

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def say(value):
    print(json.dumps(value), flush=True)


def gflops(rows, terms, columns, transposed):
    a = torch.rand(rows, terms) - 0.5
    b = (torch.rand(terms, columns) if transposed else torch.rand(columns, terms)) - 0.5
    matrix = b if transposed else b.T
    out = torch.empty(rows, columns)
    torch.mm(a, matrix, out=out)
    begin, count, seconds = time.perf_counter(), 0, 0.0
    while seconds < 0.4:
        torch.mm(a, matrix, out=out)
        count += 1
        seconds = time.perf_counter() - begin
    return 2e-9 * rows * terms * columns * count / seconds


def batch(samples):
    """Padded on the right to the longest sample; what is not trained has the label -100."""
    length = max(len(sample["tokens"]) for sample in samples)
    tokens = torch.zeros(len(samples), length, dtype=torch.long)
    mask = torch.zeros(len(samples), length, dtype=torch.long)
    labels = torch.full((len(samples), length), -100, dtype=torch.long)
    for row, sample in enumerate(samples):
        count = len(sample["tokens"])
        tokens[row, :count] = torch.tensor(sample["tokens"])
        mask[row, :count] = 1
        trained = torch.tensor(sample["trained"])
        labels[row, :count][trained] = tokens[row, :count][trained]
    return {"input_ids": tokens, "attention_mask": mask, "labels": labels}


def network(file):
    model = transformers.AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    model.config.use_cache = False
    return model


def adapted(model, task):
    """A new adapter, or the one in the task's folder; B is zero in a new one."""
    folder = Path(task["adapter"])
    if (folder / "adapter_config.json").exists():
        return peft.PeftModel.from_pretrained(model, folder, is_trainable=True)
    torch.manual_seed(1)
    config = peft.LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16, lora_dropout=0.0, target_modules=TARGETS)
    made = peft.get_peft_model(model, config)
    made.save_pretrained(folder)
    return made


def save(model, folder):
    """Writes the weights as mlx-lm reads them. They came from a GGUF, so transformers takes the model for a quantized one."""
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    # mlx-lm does not know the member rope_parameters of transformers 5, and takes its default for what it does not find.
    config = Path(folder) / "config.json"
    members = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(members | {"rope_theta": members["rope_parameters"]["rope_theta"]}), encoding="utf-8")


def main():
    task = json.loads(sys.argv[1])
    torch.set_num_threads(task["threads"])
    if "model" in task:
        model = network(Path(task["model"]))
        if task.get("folder"):
            save(model, task["folder"])
        model = adapted(model, task)
        model.train()
        inputs = batch(task["samples"])
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        optimizer = torch.optim.Adam(trained, lr=task["rate"])
    say({"ready": True})
    for line in sys.stdin:
        words = line.split()
        if words and words[0] == "gemm":
            say(gflops(int(words[1]), int(words[2]), int(words[3]), words[4] == "true"))
            continue
        begin, cpu = time.perf_counter(), time.process_time()
        optimizer.zero_grad(set_to_none=True)
        loss = model(**inputs).loss
        loss.backward()
        optimizer.step()
        say({"loss": loss.item(), "seconds": time.perf_counter() - begin, "cpu": time.process_time() - cpu})


if __name__ == "__main__":
    main()
