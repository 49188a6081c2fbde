"""LEM's side of the comparisons, and how they are reported."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "peers"
FIXTURES = pathlib.Path(os.environ["LEM_FIXTURES"]).resolve()


def largest_difference(one, other):
    pairs = zip(one, other, strict=True)
    return max(float(numpy.abs(numpy.asarray(a) - numpy.asarray(b)).max()) for a, b in pairs)


class Report:
    """Prints each comparison and remembers whether one failed."""

    def __init__(self, title):
        self.failures = 0
        print(title, flush=True)

    def _line(self, passed, text):
        self.failures += not passed
        print(("  ok      " if passed else "  FAILED  ") + text, flush=True)

    def close(self, name, ours, theirs, bound):
        """Arrays of numbers that may differ by less than the bound."""
        largest = largest_difference(ours, theirs)
        self._line(largest < bound, f"{name}: largest difference {largest:.2g}, bound {bound:g}")

    def apart(self, name, one, other, least):
        """Arrays of numbers that have to differ, so that a comparison of them can fail."""
        largest = largest_difference(one, other)
        self._line(largest > least, f"{name}: largest difference {largest:.2g}, more than {least:g} expected")

    def equal(self, name, ours, theirs):
        """Lists of which every item has to be equal."""
        different = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
        self._line(not different, f"{name}: {len(ours) - len(different)} of {len(ours)} equal")
        for ours_one, theirs_one in different[:3]:
            print(f"          ours   {ours_one!r}\n          theirs {theirs_one!r}", flush=True)

    def holds(self, name, condition):
        self._line(bool(condition), name)

    def finish(self):
        sys.exit(1 if self.failures else 0)


def probe(sessions):
    """The answers of PeerProbe, a list for each session."""
    java = os.environ["LEM_PEERS_JAVA"].split(" ")
    with tempfile.TemporaryDirectory() as folder:
        questions, answers = pathlib.Path(folder, "questions.json"), pathlib.Path(folder, "answers.json")
        questions.write_text(json.dumps(sessions), encoding="utf-8")
        subprocess.run(
            [os.environ["JAVA_HOME"] + "/bin/java", "--enable-native-access=ALL-UNNAMED", *java,
             "io.lethean.lem.peers.PeerProbe", questions, answers],
            cwd=ROOT, check=True)
        return json.loads(answers.read_text(encoding="utf-8"))


def logits(model, adapters, tokens):
    """A row of logits for each list of tokens, computed with attention in 32-bit floats."""
    session = {"model": str(model), "adapters": [str(path) for path in adapters], "exact": True,
               "tasks": [{"logits": each} for each in tokens]}
    return probe([session])[0]


def lem(*arguments):
    """The status, output and messages of a run of the lem command."""
    run = subprocess.run([ROOT / "lem", *map(str, arguments)], capture_output=True, text=True)
    print("lem " + " ".join(map(str, arguments)), run.stdout, run.stderr, sep="\n", file=sys.stderr)
    return run


def must(*arguments):
    """The output of a run of the lem command that has to succeed."""
    run = lem(*arguments)
    if run.returncode:
        sys.exit(f"lem {' '.join(map(str, arguments))} ended with {run.returncode}: {run.stderr}")
    return run.stdout
