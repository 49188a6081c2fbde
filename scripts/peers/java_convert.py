"""A Java process that converts what its input names."""

import os
import subprocess


class Ours:
    """Starts the process; the first conversion loads what later ones have at hand."""

    def __init__(self):
        java = os.environ["LEM_PEERS_JAVA"].split(" ")
        self.process = subprocess.Popen(
            [os.environ["JAVA_HOME"] + "/bin/java", "--enable-native-access=ALL-UNNAMED", *java,
             "io.lethean.lem.peers.PeerConvert"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def convert(self, folder, output, kind):
        self.ask(folder, output, kind)

    def ask(self, *words):
        print(*words, sep="\t", file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        if answer != "done":
            raise SystemExit(f"lem convert failed for {' '.join(map(str, words))}: {answer}")
