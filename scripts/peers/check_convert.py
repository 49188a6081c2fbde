"""Converted folders against the pinned converter of llama.cpp: the same file, byte for byte."""

import contextlib
import hashlib
import json
import logging
import os
import pathlib
import shutil
import sys

import mlx_lm
import torch

import convert_models
import lem
from java_convert import Ours

SOURCE = pathlib.Path(os.environ["LLAMA_CPP_SRC"])
sys.path.insert(1, str(SOURCE / "gguf-py"))
sys.path.insert(1, str(SOURCE))
import convert_hf_to_gguf  # noqa: E402
import gguf  # noqa: E402
from conversion import base  # noqa: E402

RESOURCES = lem.ROOT / "src" / "test" / "resources" / "convert"
WORK = lem.WORK / "convert"
ORDER = "at most the order differs"
# Writes the resources of FamiliesIT.
RECORD = bool(os.environ.get("LEM_CONVERT_RECORD"))
TYPES = ("auto", "f32", "f16", "bf16", "q8_0")
DTYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}


def recognized(pre):
    """Names SmolLM's pre-tokenizer where transformers gives a class, such as Qwen's, another pattern than tokenizer.json has."""
    def named(self, tokenizer):
        try:
            return pre(self, tokenizer)
        except NotImplementedError:
            return "smollm"
    return named


base.TextModel.get_vocab_base_pre = recognized(base.TextModel.get_vocab_base_pre)


def reference(folder, output, kind):
    sys.argv = ["convert", str(folder), "--outfile", str(output), "--outtype", kind]
    logging.disable(logging.INFO)
    convert_hf_to_gguf.main()


def content(file):
    reader = gguf.GGUFReader(file)
    values = [(field.name, [str(kind) for kind in field.types], field.contents()) for field in reader.fields.values()
              if not field.name.startswith("GGUF.")]
    tensors = [(t.name, t.tensor_type.name, tuple(int(n) for n in t.shape), t.data.tobytes()) for t in reader.tensors]
    return values, tensors


def difference(one, other):
    """The first thing that two files do not share."""
    for name, ours_all, theirs_all in zip(("value", "tensor"), content(one), content(other), strict=True):
        theirs = {each[0]: each for each in theirs_all}
        for each in ours_all:
            if theirs.get(each[0]) != each:
                return f"{name} {each[0]}: {str(each[1:3])[:200]}, and theirs {str(theirs.get(each[0], '')[1:3])[:200]}"
        missing = set(theirs) - {each[0] for each in ours_all}
        if missing:
            return f"{name} {sorted(missing)[0]} is missing"
    return ORDER


def compare(report, java, name, folder, kinds):
    for kind in kinds:
        theirs, mine = WORK / f"{name}-theirs.gguf", WORK / f"{name}-ours.gguf"
        reference(folder, theirs, kind)
        java.convert(folder, mine, kind)
        same = theirs.read_bytes() == mine.read_bytes()
        report.holds(f"{name} as {kind}: " + ("the same file" if same else difference(mine, theirs)), same)


def check_models(report, java, wanted):
    """Folders as transformers saves them."""
    for name in convert_models.models():
        if wanted(name):
            compare(report, java, name, convert_models.make(name, WORK / name), TYPES)
    for name, make in convert_models.SPECIAL.items():
        if wanted(name):
            compare(report, java, name, make(WORK / name), ("auto", "q8_0"))
    for name in ("llama", "gemma3"):
        for dtype in ("f16", "f32"):
            if wanted(f"{name}-{dtype}"):
                folder = convert_models.make(name, WORK / f"{name}-{dtype}", DTYPES[dtype])
                compare(report, java, f"{name}-{dtype}", folder, TYPES)


def check_resources(report, java, wanted):
    """The folders that FamiliesIT makes from its resources: this is where its hashes come from."""
    for resource in sorted(RESOURCES.glob("*.json")):
        name = resource.stem
        if not wanted(f"resource-{name}"):
            continue
        folder = WORK / "random" / name
        shutil.rmtree(folder, ignore_errors=True)
        java.ask("random", resource, folder)
        spec = json.loads(resource.read_text())
        found = {}
        for kind in spec["expected"] or ("auto", "q8_0"):
            reference(folder, WORK / "random.gguf", kind)
            found[kind] = hashlib.sha256((WORK / "random.gguf").read_bytes()).hexdigest()
        if RECORD:
            convert_models.write_resource(resource, {**spec, "expected": found})
        report.holds(f"{name}: the hashes of the test", RECORD or found == spec["expected"])


def quietly(action, *arguments, **options):
    with contextlib.redirect_stdout(sys.stderr):
        action(*arguments, **options)


def check_mlx(report, java, wanted):
    """Folders that mlx-lm has quantized, and what mlx makes of them when it dequantizes."""
    for name, bits, group in (("smollm", 4, 32), ("smollm", 8, 64), ("smollm", 3, 32), ("smollm", 6, 32), ("qwen3", 4, 64),
                              ("gemma3", 4, 32)):
        if not wanted(f"mlx-{name}-{bits}"):
            continue
        plain, packed, unpacked = (WORK / "mlx" / kind / name for kind in ("plain", "packed", "unpacked"))
        for folder in (packed, unpacked):
            shutil.rmtree(folder, ignore_errors=True)
        convert_models.make(name, plain)
        quietly(mlx_lm.convert, str(plain), str(packed), quantize=True, q_bits=bits, q_group_size=group)
        quietly(mlx_lm.convert, str(packed), str(unpacked), dequantize=True)
        for folder in (packed, unpacked):
            convert_models.tokenizer(convert_models.models()[name][2], folder)
        reference(unpacked, WORK / "mlx-theirs.gguf", "bf16")
        java.convert(packed, WORK / "mlx-ours.gguf", "bf16")
        found = difference(WORK / "mlx-ours.gguf", WORK / "mlx-theirs.gguf")
        report.holds(f"{name} in {bits} bits, groups of {group}: mlx's values to the bit, {found}", found == ORDER)


def check_bert(report, java, wanted):
    """A published encoder with its real weights."""
    if wanted("minilm"):
        compare(report, java, "minilm", convert_models.fetch_minilm(WORK / "minilm"), ("auto", "f32", "f16", "q8_0"))


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    report = lem.Report("lem convert and llama.cpp's converter")
    java = Ours()
    chosen = os.environ.get("LEM_CONVERT_MODELS", "").split()
    if RECORD and not chosen:
        convert_models.write_resources(RESOURCES, WORK)

    def wanted(name):
        return not chosen or name in chosen

    check_resources(report, java, wanted)
    check_mlx(report, java, wanted)
    check_bert(report, java, wanted)
    check_models(report, java, wanted)
    report.finish()


main()
