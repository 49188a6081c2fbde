"""Training by LEM next to torch + PEFT and mlx-lm: one model, one initial adapter, one batch, steps in turn.

Every program is started once and waits until it is asked for a step, so that no two compute at the same time.
"""

import json
import shutil
import statistics
import subprocess
import sys

import train_models
import workers

THREADS = 2
RATE = 1e-3
SAMPLES = {"smollm2": 4, "qwen": 2}
SHORTEST, LONGEST = 299, 391
CURVE_SAMPLES = 2

# Rows, terms and columns of products of the two models, and whether the matrix is read along its columns.
PRODUCTS = [(1348, 576, 1536, "false"), (1348, 1536, 576, "false"), (1348, 1536, 576, "true"), (1348, 576, 576, "true"),
            (700, 896, 4864, "false"), (2048, 2048, 2048, "false")]


class Table:
    """Rows of what was measured and what was aimed at."""

    def __init__(self):
        self.rows = []

    def add(self, what, text, aim, met):
        self.rows.append((what, text, aim, "met" if met else "missed"))
        print(f"    {what}: {text} (aim {aim}) {self.rows[-1][3]}", flush=True)

    def least(self, what, value, aim, unit=""):
        self.add(what, f"{value:.2f}{unit}", f"at least {aim:g}{unit}", value >= aim)

    def most(self, what, value, aim, form=".2f"):
        self.add(what, format(value, form), f"at most {aim:g}", value <= aim)

    def print(self):
        rows = [("what", "measured", "aim", ""), *self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip(), flush=True)


def median(values):
    return statistics.median(values)


def options():
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    known = {"steps": "5", "models": "smollm2,qwen", "curve": "30", "mlx": "1",
             "parts": "products,peers,threads,curve"}
    unknown = set(given) - set(known)
    if unknown:
        sys.exit(f"The options are {', '.join(known)}, and not {', '.join(sorted(unknown))}.")
    chosen = {**known, **given}
    return (int(chosen["steps"]), chosen["models"].split(","), int(chosen["curve"]), int(chosen["mlx"]),
            chosen["parts"].split(","))


def encoded(model, data):
    worker = workers.java("encode", "PeerTrain", json.dumps({"model": str(model), "data": str(data), "encode": True}))
    samples = json.loads(worker.read())
    worker.stop()
    return samples


def chosen_lessons(model, count, longest_first):
    """A folder with some of our lessons, and their tokens."""
    lessons = (workers.ROOT / "training" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    lengths = [len(sample["tokens"]) for sample in encoded(model, workers.ROOT / "training")]
    fitting = [(length, line) for length, line in zip(lengths, lessons, strict=True)
               if not longest_first or SHORTEST <= length <= LONGEST]
    fitting.sort(key=lambda each: each[0])
    # From the shortest to the longest in equal steps, so that padding is what it usually is.
    take = [i * (len(fitting) - 1) // (count - 1) for i in range(count)] if longest_first else range(count)
    folder = workers.WORK / f"data-{model.stem}-{count}-{longest_first}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "train.jsonl").write_text("".join(fitting[i][1] + "\n" for i in take), encoding="utf-8")
    return folder, encoded(model, folder)


def ours(name, model, data, adapter, batch, steps, threads=THREADS):
    folder = workers.WORK / ("run-" + name)
    shutil.rmtree(folder, ignore_errors=True)
    task = {"model": str(model), "data": str(data), "adapter": str(adapter), "folder": str(folder), "steps": steps,
            "batch": batch, "threads": threads, "rate": RATE}
    worker = workers.java(name, "PeerTrain", json.dumps(task), threads)
    worker.read()
    return worker


def theirs(name, model, samples, adapter, folder=None):
    shutil.rmtree(adapter, ignore_errors=True)
    task = {"model": str(model), "samples": samples, "adapter": str(adapter), "threads": THREADS, "rate": RATE,
            "folder": folder and str(folder)}
    worker = workers.python(name, "train_torch.py", task)
    worker.read()
    return worker


def step(worker):
    result = json.loads(worker.ask())
    return result["seconds"], result["loss"], result["cpu"]


def show(name, results, worker):
    seconds = " ".join(f"{each[0]:.2f}" for each in results)
    cpu = median([each[2] for each in results])
    losses = " ".join(f"{each[1]:.6f}" for each in results)
    print(f"  {name:<10} seconds {seconds}; processor seconds {cpu:.1f}; peak {worker.peak_bytes() / 1e9:.2f} GB\n"
          f"  {'':<10} losses  {losses}", flush=True)


def peers(table, model_name, steps, mlx_steps):
    wide, small = getattr(train_models, model_name)()
    data, samples = chosen_lessons(wide, SAMPLES[model_name], True)
    tokens = sum(len(sample["tokens"]) for sample in samples)
    print(f"{model_name}: {len(samples)} samples, {tokens} tokens, {sum(sum(s['trained']) for s in samples)} targets, "
          f"{THREADS} threads, {steps} steps after the first", flush=True)
    adapter, folder = workers.WORK / (model_name + "-adapter"), workers.WORK / (model_name + "-folder")
    with_mlx = mlx_steps > 0 and model_name == "smollm2"
    torch = theirs("torch", wide, samples, adapter, folder if with_mlx else None)
    sides = {"torch": torch}
    for name, file in (("lem-f32", wide), ("lem-q4_1", small)):
        sides[name] = ours(name, file, data, adapter, len(samples), steps + 1)
    results = {name: [] for name in sides}
    for _ in range(steps + 1):
        for name, worker in sides.items():
            results[name].append(step(worker))
    for name, worker in sides.items():
        show(name, results[name], worker)
    later = {name: [each[0] for each in result[1:]] for name, result in results.items()}
    for name, aim in (("lem-f32", 2.0), ("lem-q4_1", 1.7)):
        pairs = [theirs_one / ours_one for theirs_one, ours_one in zip(later["torch"], later[name], strict=True)]
        table.least(f"{model_name} {name[4:]}: tokens/s next to torch + peft f32", median(pairs), aim, "x")
        table.most(f"{model_name} {name[4:]}: first step next to later ones", results[name][0][0] / median(later[name]), 1.2)
    table.most(f"{model_name} f32: peak memory next to torch + peft",
               sides["lem-f32"].peak_bytes() / torch.peak_bytes(), 0.3)
    table.most(f"{model_name} q4_1: peak memory next to torch + peft",
               sides["lem-q4_1"].peak_bytes() / torch.peak_bytes(), 0.3)
    for worker in sides.values():
        worker.stop()
    if with_mlx:
        mlx(table, folder, samples, adapter, wide, mlx_steps, median(later["lem-f32"]), results["lem-f32"][0][1])


def mlx(table, folder, samples, adapter, wide, steps, our_seconds, our_loss):
    converted = workers.WORK / "mlx-adapter"
    shutil.rmtree(converted, ignore_errors=True)
    workers.must("adapter", "convert", "--model", wide, "--adapter", adapter, "--format", "mlx", "--save-path", converted)
    task = {"folder": str(folder), "samples": samples, "adapter": str(converted), "rate": RATE}
    worker = workers.python("mlx", "train_mlx.py", task)
    worker.read()
    results = [step(worker) for _ in range(steps)]
    show("mlx-lm", results, worker)
    worker.stop()
    table.least("smollm2 f32: tokens/s next to mlx-lm on the CPU", results[-1][0] / our_seconds, 20, "x")
    table.most("smollm2 f32: difference of mlx-lm's first loss", abs(results[0][1] - our_loss), 5e-4, ".1e")


def curve(table, model_name, steps):
    """The losses of a training of f32 weights in both programs, on short samples."""
    wide, _ = getattr(train_models, model_name)()
    data, samples = chosen_lessons(wide, CURVE_SAMPLES, False)
    adapter = workers.WORK / (model_name + "-curve-adapter")
    torch = theirs("torch-curve", wide, samples, adapter)
    mine = ours("lem-curve", wide, data, adapter, len(samples), steps)
    pairs = [(step(torch)[1], step(mine)[1]) for _ in range(steps)]
    torch.stop()
    mine.stop()
    print(f"{model_name}: losses of {steps} steps with {sum(len(s['tokens']) for s in samples)} tokens, torch + peft and ours")
    for number in range(0, steps, 5):
        print("  " + "  ".join(f"{a:.6f} {b:.6f}" for a, b in pairs[number:number + 5]), flush=True)
    table.most(f"{model_name} f32: largest difference of the loss over {steps} steps", max(abs(a - b) for a, b in pairs),
               1e-4, ".1e")


def threads(table, model_name, steps):
    """What a second thread brings, and what another busy process costs."""
    wide, _ = getattr(train_models, model_name)()
    data, samples = chosen_lessons(wide, SAMPLES[model_name], True)
    adapter = workers.WORK / (model_name + "-adapter")
    if not adapter.exists():
        theirs("torch", wide, samples, adapter).stop()
    one = ours("lem-1-thread", wide, data, adapter, len(samples), steps + 1, 1)
    two = ours("lem-2-threads", wide, data, adapter, len(samples), 2 * steps + 1, 2)
    step(one), step(two)
    worth, cost = [], []
    for _ in range(steps):
        alone = step(two)[0]
        worth.append(step(one)[0] / alone)
        busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        cost.append(step(two)[0] / alone)
        busy.kill()
        busy.wait()
    one.stop()
    two.stop()
    table.least(f"{model_name} f32: speed of two threads next to one", median(worth), 1.85, "x")
    table.most(f"{model_name} f32: time of a step with a foreign busy process", median(cost), 1.6)


def products(table):
    torch = workers.python("torch-products", "train_torch.py", {"threads": THREADS})
    mine = workers.java("lem-products", "PeerProducts", str(THREADS))
    torch.read(), mine.read()
    print("GFLOP/s of products, torch and ours", flush=True)
    ratios = []
    for rows, terms, columns, transposed in PRODUCTS:
        shape = f"{rows} {terms} {columns} {transposed}"
        pairs = [(float(torch.ask("gemm " + shape)), float(mine.ask(shape))) for _ in range(3)]
        ratios.append(median([b / a for a, b in pairs]))
        print(f"  {rows} x {terms} x {columns}{', transposed' if transposed == 'true' else '':<12} "
              f"{median([a for a, _ in pairs]):.0f} {median([b for _, b in pairs]):.0f}, ratio {ratios[-1]:.2f}", flush=True)
    torch.stop()
    mine.stop()
    table.least("products: GFLOP/s next to torch's sgemm, median of shapes", median(ratios), 0.8, "x")


def main():
    steps, models, curve_steps, mlx_steps, parts = options()
    workers.WORK.mkdir(parents=True, exist_ok=True)
    table = Table()
    if "products" in parts:
        products(table)
    for model in models:
        if "peers" in parts:
            peers(table, model, steps, mlx_steps)
    if "threads" in parts:
        threads(table, models[0], steps)
    if "curve" in parts and curve_steps > 0:
        curve(table, models[0], curve_steps)
    print()
    table.print()


if __name__ == "__main__":
    main()
