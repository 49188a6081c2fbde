"""`lem serve` in a process of its own, on a free port of the loopback device."""

import os
import re
import subprocess

import openai

import lem

NAME = "lem-peer"
KEY = "the-key-of-this-comparison"


class Server:
    """A context manager; the client is OpenAI's own."""

    def __init__(self, model, *arguments):
        command = [lem.ROOT / "lem", "serve", "--model", model, "--model-name", NAME, "--port", 0, "--device", "cpu",
                   "--api-key-variable", "LEM_PEERS_KEY", *arguments]
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True,
                                        env=os.environ | {"LEM_PEERS_KEY": KEY})
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+/v1", line)
        if not found:
            self.process.kill()
            raise SystemExit(f"lem serve did not say where it listens, but: {line!r}")
        self.address = found[0]
        self.client = openai.OpenAI(base_url=self.address, api_key=KEY, max_retries=0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()
        self.process.terminate()
        self.status = self.process.wait(timeout=60)
