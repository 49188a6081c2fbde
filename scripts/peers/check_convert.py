"""Converted folders against the pinned converter of llama.cpp: the same file, byte for byte."""

import logging
import os
import pathlib
import subprocess
import sys

import torch

import convert_models
import lem

SOURCE = pathlib.Path(os.environ["LEM_LLAMA_SRC"])
sys.path.insert(1, str(SOURCE / "gguf-py"))
sys.path.insert(1, str(SOURCE))
import convert_hf_to_gguf  # noqa: E402
import gguf  # noqa: E402
from conversion import base  # noqa: E402

RESOURCES = lem.ROOT / "src" / "test" / "resources" / "convert"
WORK = lem.WORK / "convert"
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


class Ours:
    """One process that converts what its input names."""

    def __init__(self):
        java = os.environ["LEM_PEERS_JAVA"].split(" ")
        self.process = subprocess.Popen(
            [os.environ["JAVA_HOME"] + "/bin/java", "--enable-native-access=ALL-UNNAMED", *java,
             "io.lethean.lem.peers.PeerConvert"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def convert(self, folder, output, kind):
        print(folder, output, kind, sep="\t", file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        if answer != "done":
            raise SystemExit(f"lem convert failed for {folder} as {kind}: {answer}")


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
    return "the order differs"


def compare(report, java, name, folder, kinds):
    for kind in kinds:
        theirs, mine = WORK / f"{name}-theirs.gguf", WORK / f"{name}-ours.gguf"
        reference(folder, theirs, kind)
        java.convert(folder, mine, kind)
        same = theirs.read_bytes() == mine.read_bytes()
        report.holds(f"{name} as {kind}: " + ("the same file" if same else difference(mine, theirs)), same)


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    report = lem.Report("lem convert and llama.cpp's converter")
    java = Ours()
    wanted = os.environ.get("LEM_CONVERT_MODELS", "").split()
    for name in convert_models.models():
        if not wanted or name in wanted:
            compare(report, java, name, convert_models.make(name, WORK / name), TYPES)
    for name, make in convert_models.SPECIAL.items():
        if not wanted or name in wanted:
            compare(report, java, name, make(WORK / name), ("auto", "q8_0"))
    for name in ("llama", "gemma3"):
        for dtype in ("f16", "f32"):
            if not wanted or f"{name}-{dtype}" in wanted:
                folder = convert_models.make(name, WORK / f"{name}-{dtype}", DTYPES[dtype])
                compare(report, java, f"{name}-{dtype}", folder, TYPES)
    report.finish()


main()
