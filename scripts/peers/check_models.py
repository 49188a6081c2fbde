"""Tokens and logits of published models in LEM and in transformers."""

import json

import torch
import transformers

import lem
import real_models

# Logits span 28 and 38. By default keys and values are rounded to 16 bits. Gemma's GELU is a table of 16-bit floats in
# llama.cpp, so that attention in 32 bits brings it no nearer.
MODELS = {
    "smollm2-135m-instruct-q4_1": (real_models.SMOLLM2, 0.03, 0.003),
    "gemma3-270m-q4_k_m": (real_models.GEMMA3, 0.075, 0.075),
}
FURTHER = 6


def texts(name):
    recorded = json.loads((lem.FIXTURES / "real" / (name + ".expected.json")).read_text(encoding="utf-8"))
    with open(lem.FIXTURES / "datasets" / "gsm8k" / "test.jsonl", encoding="utf-8") as lines:
        questions = [json.loads(next(lines))["question"] for _ in range(FURTHER)]
    return [each["text"] for each in recorded] + questions


def tokens(file, every):
    made = real_models.tokenizer(file)
    return [made(text, add_special_tokens=False, split_special_tokens=True)["input_ids"] for text in every]


def logits(file, every):
    model = real_models.network(file)
    with torch.no_grad():
        return [model(torch.tensor([ids]), logits_to_keep=1).logits[0, -1].numpy() for ids in every]


def compare(report, name, file, bound, wide_bound):
    every = texts(name)
    expected = tokens(file, every)
    ours = lem.probe([{"model": str(file), "tasks": [{"tokenize": text} for text in every]}])[0]
    report.equal(f"{name}: tokens", ours, expected)
    theirs = logits(file, expected)
    asked = [{"logits": ids} for ids in expected]
    wide = real_models.widened(file)
    for how, exact, largest in (("by default", False, bound), ("attention in 32 bits", True, wide_bound)):
        answer = lem.probe([{"model": str(wide), "exact": exact, "tasks": asked}])[0]
        report.close(f"{name}: logits, {how}", answer, theirs, largest)
    wide.unlink()


def main():
    report = lem.Report("Published models: LEM, transformers " + transformers.__version__)
    for name, (file, bound, wide_bound) in MODELS.items():
        compare(report, name, file, bound, wide_bound)
    report.finish()


if __name__ == "__main__":
    main()
