"""Programs that train or multiply on demand: a line in, a line out, and silence in between."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "peers" / "train"


def must(*arguments):
    """Runs the lem command, which has to succeed."""
    run = subprocess.run([ROOT / "lem", *map(str, arguments)], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"lem {' '.join(map(str, arguments))} ended with {run.returncode}: {run.stderr}")


class Worker:
    """A program that says when it is ready and answers each line."""

    def __init__(self, name, command, threads):
        self.name = name
        self.log = WORK / (name + ".log")
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log.open("w"), text=True,
            env=environment)

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended: {self.log.read_text()[-2000:]}")
        return line

    def ask(self, line=""):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.read()

    def peak_bytes(self):
        """The most memory that the process had so far, pages of mapped files included."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.wait()


def java(name, main, argument, threads=2):
    options = os.environ["LEM_PEERS_JAVA"].split(" ")
    command = [os.environ["JAVA_HOME"] + "/bin/java", "--enable-native-access=ALL-UNNAMED", *options,
               "io.lethean.lem.peers." + main, argument]
    return Worker(name, command, threads)


def python(name, script, task, threads=2):
    return Worker(name, [sys.executable, Path(__file__).parent / script, json.dumps(task)], threads)
