"""mlx-lm's side of train.py, on the CPU: the same model, adapter and batch, a step for each line of input."""

import json
import sys
import time
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
import numpy
from mlx_lm.tuner.trainer import default_loss
from mlx_lm.tuner.utils import load_adapters
from mlx_lm.utils import load_model

mx.set_default_device(mx.cpu)


def say(value):
    print(json.dumps(value), flush=True)


def batch(samples):
    """Tokens, and for each sample where what is trained begins and ends."""
    length = max(len(sample["tokens"]) for sample in samples)
    tokens = numpy.zeros((len(samples), length), dtype=numpy.int32)
    spans = []
    for row, sample in enumerate(samples):
        count = len(sample["tokens"])
        tokens[row, :count] = sample["tokens"]
        first = sample["trained"].index(True)
        last = count - 1 - sample["trained"][::-1].index(True)
        if not all(sample["trained"][first:last + 1]):
            sys.exit("mlx-lm trains one stretch of tokens only, and a sample has several.")
        spans.append([first, last])
    return mx.array(tokens), mx.array(spans)


def main():
    task = json.loads(sys.argv[1])
    model, _ = load_model(Path(task["folder"]))
    model.freeze()
    model = load_adapters(model, task["adapter"])
    model.train()
    tokens, spans = batch(task["samples"])
    optimizer = optim.Adam(learning_rate=task["rate"], bias_correction=True)
    value_and_grad = nn.value_and_grad(model, default_loss)
    say({"ready": True})
    for _ in sys.stdin:
        begin, cpu = time.perf_counter(), time.process_time()
        (loss, count), gradients = value_and_grad(model, tokens, spans)
        optimizer.update(model, gradients)
        mx.eval(model.trainable_parameters(), optimizer.state, loss)
        say({"loss": loss.item(), "seconds": time.perf_counter() - begin, "cpu": time.process_time() - cpu})


if __name__ == "__main__":
    main()
