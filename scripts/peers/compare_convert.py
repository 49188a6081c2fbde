"""The time and the memory of a conversion: LEM, cp and llama.cpp's converter in turn, medians of several rounds."""

import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

import numpy
from safetensors.numpy import save_file

import lem
from java_convert import Ours

WORK = lem.WORK / "compare-convert"
SOURCE = pathlib.Path(os.environ["LLAMA_CPP_SRC"])
HIDDEN, WIDTH, LAYERS, HEADS, KEY_HEADS, TOKENS = 2048, 5632, 10, 32, 8, 32768
OUTPUT = WORK / "output"


def shapes():
    yield "model.embed_tokens.weight", (TOKENS, HIDDEN)
    yield "lm_head.weight", (TOKENS, HIDDEN)
    yield "model.norm.weight", (HIDDEN,)
    for layer in range(LAYERS):
        keys = HIDDEN // HEADS * KEY_HEADS
        for name, shape in {
                "input_layernorm": (HIDDEN,), "post_attention_layernorm": (HIDDEN,), "self_attn.q_proj": (HIDDEN, HIDDEN),
                "self_attn.k_proj": (keys, HIDDEN), "self_attn.v_proj": (keys, HIDDEN), "self_attn.o_proj": (HIDDEN, HIDDEN),
                "mlp.gate_proj": (WIDTH, HIDDEN), "mlp.up_proj": (WIDTH, HIDDEN), "mlp.down_proj": (HIDDEN, WIDTH)}.items():
            yield f"model.layers.{layer}.{name}.weight", shape


def make(folder):
    """A folder of Llama's form; its weights are bits of normal values as BF16, which safetensors of numpy calls otherwise."""
    if (folder / "config.json").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(1)

    def values(shape):
        return (random.standard_normal(shape, dtype=numpy.float32) * 0.02).view(numpy.uint32) >> 16

    save_file({name: values(shape).astype(numpy.uint16) for name, shape in shapes()}, folder / "model.safetensors")
    name_bf16(folder / "model.safetensors")
    for name in ("tokenizer.model", "tokenizer_config.json"):
        shutil.copy(lem.FIXTURES / "hf" / "llama3-spm" / name, folder / name)
    (folder / "config.json").write_text(json.dumps({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": HIDDEN, "intermediate_size": WIDTH,
        "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": KEY_HEADS, "vocab_size": TOKENS,
        "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "bos_token_id": 1, "eos_token_id": 2,
        "tie_word_embeddings": False, "dtype": "bfloat16"}))
    return folder


def name_bf16(file):
    """Changes the type in the header, which keeps its length."""
    with open(file, "r+b") as stream:
        length = int.from_bytes(stream.read(8), "little")
        header = stream.read(length).replace(b'"U16"', b'"BF16"').rstrip()
        assert len(header) <= length + 4096
        rest = stream.read()
        stream.seek(0)
        stream.write(len(header).to_bytes(8, "little") + header + rest)


def resident(process):
    """The largest resident memory of a process until now, in MB; 0 once it has ended."""
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    except FileNotFoundError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else 0


def timed(command):
    """Seconds and the largest resident memory, in MB, of a process."""
    begun = time.monotonic()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    largest = 0
    while True:
        largest = max(largest, resident(process))
        try:
            process.wait(0.01)
            break
        except subprocess.TimeoutExpired:
            continue
    if process.returncode:
        sys.exit(f"{command[0]} ended with {process.returncode}.")
    return time.monotonic() - begun, largest


def fresh(action):
    """Runs after the output of the round before is deleted and the disk has written everything."""
    OUTPUT.unlink(missing_ok=True)
    os.sync()
    return action()


def in_process(ours, folder, kind):
    begun = time.monotonic()
    ours.convert(folder, OUTPUT, kind)
    return time.monotonic() - begun, 0.0


def main():
    rounds = int(sys.argv[1])
    folder = make(WORK / "model")
    ours = Ours()
    convert = [sys.executable, SOURCE / "convert_hf_to_gguf.py", folder, "--outfile", OUTPUT, "--outtype"]
    java = [os.environ["JAVA_HOME"] + "/bin/java", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
            *os.environ["LEM_PEERS_JAVA"].split(" "), "io.lethean.lem.peers.PeerConvert", folder, OUTPUT]
    runs = {
        "cp": lambda: timed(["cp", folder / "model.safetensors", OUTPUT]),
        "Convert.run, bf16": lambda: in_process(ours, folder, "bf16"),
        "lem convert, bf16": lambda: timed([*java, "bf16"]),
        "convert_hf_to_gguf.py, bf16": lambda: timed([*convert, "bf16"]),
        "lem convert, q8_0": lambda: timed([*java, "q8_0"]),
        "convert_hf_to_gguf.py, q8_0": lambda: timed([*convert, "q8_0"]),
    }
    found = {name: [] for name in runs}
    for each in range(rounds + 1):
        # The two quick ones in turn and more often. The first round does not count: Java compiles, and the disk is read.
        for name in [*list(runs)[:2] * 4, *list(runs)[2:]]:
            result = fresh(runs[name])
            if each:
                found[name].append(result)
    size = (folder / "model.safetensors").stat().st_size
    print(f"{size / 1e6:.0f} MB in BF16, medians of {rounds} rounds\n\n| | seconds | against cp | peak memory |\n|---|---|---|---|")
    copy = statistics.median(seconds for seconds, _ in found["cp"])
    for name, results in found.items():
        seconds = statistics.median(each[0] for each in results)
        memory = max(each[1] for each in results)
        print(f"| {name} | {seconds:.2f} ({min(each[0] for each in results):.2f}) | {seconds / copy:.2f} |"
              f" {f'{memory:.0f} MB' if memory else ''} |")
    OUTPUT.unlink()


main()
