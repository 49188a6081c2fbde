"""Tokenizers of Hugging Face folders as GGUF metadata: LEM against llama.cpp's converter at the pin, value for value."""

import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile

import lem

SOURCE = pathlib.Path(os.environ["LLAMA_CPP_SRC"])
sys.path[:0] = [str(SOURCE / "gguf-py"), str(SOURCE)]

import gguf  # noqa: E402 - the pinned source's own
from conversion import ModelBase, ModelType, get_model_architecture, get_model_class  # noqa: E402

import tokenizer_cases  # noqa: E402

WORK = lem.WORK / "tokenizers"
# What both sides refuse.
REFUSED = {"gemma3-without-model", "qwen2-regex-changed-in-llama"}
# The check text does not tell these two pre-tokenizers apart; LEM looks at the pattern.
BETTER = {"qwen35": {"tokenizer.ggml.pre": (["STRING", "qwen35"], ["STRING", "qwen2"])}}


def theirs(case):
    """The tokenizer's keys as the converter writes them."""
    folder = pathlib.Path(case["folder"])
    hparams = ModelBase.load_hparams(folder, False)
    kind = get_model_class(get_model_architecture(hparams, ModelType.TEXT))
    model = object.__new__(kind)
    model.dir_model, model.hparams, model.origin_hf_arch = folder, hparams | hparams.get("text_config", {}), None
    model.gguf_writer = gguf.GGUFWriter(path=None, arch=gguf.MODEL_ARCH_NAMES[kind.model_arch])
    if case["pre"]:
        model.get_vocab_base_pre = lambda tokenizer: case["pre"]
    try:
        model.set_vocab()
    except Exception as refused:  # the converter has no exceptions of its own
        return {"refused": repr(refused)}
    return {key: plain(value) for key, value in model.gguf_writer.kv_data[0].items() if key.startswith("tokenizer.")}


def plain(value):
    def one(each):
        return each.decode("utf-8", "replace") if isinstance(each, bytes) else getattr(each, "value", each)
    content = [one(each) for each in value.value] if isinstance(value.value, list) else one(value.value)
    return [value.type.name, content]


def ours(cases):
    java = os.environ["LEM_PEERS_JAVA"].split(" ")
    with tempfile.TemporaryDirectory() as folder:
        questions, answers = pathlib.Path(folder, "questions.json"), pathlib.Path(folder, "answers")
        answers.mkdir()
        questions.write_text(json.dumps(cases), encoding="utf-8")
        subprocess.run(
            [os.environ["JAVA_HOME"] + "/bin/java", "--enable-native-access=ALL-UNNAMED", *java,
             "io.lethean.lem.peers.TokenizerProbe", questions, answers],
            cwd=lem.ROOT, check=True)
        return {case["name"]: json.loads((answers / case["name"]).read_text(encoding="utf-8")) for case in cases}


def differences(name, mine, other):
    for key in sorted(mine.keys() | other.keys()):
        one, two = mine.get(key), other.get(key)
        if one != two and BETTER.get(name, {}).get(key) != (one, two):
            if one and two and isinstance(one[1], list) and isinstance(two[1], list):
                at = next((i for i, (a, b) in enumerate(zip(one[1], two[1], strict=False)) if a != b), None)
                one = [one[0], len(one[1]), at, one[1][at] if at is not None else None]
                two = [two[0], len(two[1]), at, two[1][at] if at is not None else None]
            yield f"{key}: ours {str(one)[:200]} theirs {str(two)[:200]}"


def compare(report, case, mine):
    name, other = case["name"], theirs(case)
    if "refused" in mine or "refused" in other:
        report.holds(f"{name}: refused by both: {mine.get('refused', 'not by us')}"
                     f" / {other.get('refused', 'not by the converter')}",
                     name in REFUSED and "refused" in mine and "refused" in other)
        return
    found = list(differences(name, mine, other))
    report.holds(f"{name}: {len(other)} keys equal, pre-tokenizer {mine.get('tokenizer.ggml.pre', ['', 'none'])[1]}",
                 not found and list(mine) == list(other) and name not in REFUSED)
    for line in found:
        print("          " + line, flush=True)


def main():
    logging.disable(logging.WARNING)
    report = lem.Report("Tokenizers as llama.cpp's converter writes them")
    cases = tokenizer_cases.write(WORK, SOURCE, lem.FIXTURES)
    chosen = [case for case in cases if not sys.argv[1:] or case["name"] in sys.argv[1:]]
    mine = ours(chosen)
    for case in chosen:
        compare(report, case, mine[case["name"]])
    report.finish()


if __name__ == "__main__":
    main()
