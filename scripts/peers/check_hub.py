"""The cache of models: huggingface_hub reads what LEM downloaded, and LEM what huggingface_hub downloaded."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import huggingface_hub

import lem
from stand_in_hub import File, Repository, StandInHub

WORK = lem.WORK / "hub"
MODEL = (lem.ROOT / "models" / "lem-nano.gguf").read_bytes()
COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORIES = {
    "org/model": Repository(COMMIT, {
        "model-Q8_0.gguf": File(MODEL, True),
        "model-F16.gguf": File(MODEL + b"\0" * 64, True),
        "README.md": File(b"# model\n", False)}),
    "org/folder": Repository(COMMIT[::-1], {
        "config.json": File(b'{"model_type": "llama"}', False),
        "tokenizer.json": File(b'{"model": {}}', False),
        "1_Pooling/config.json": File(b'{"pooling_mode_mean_tokens": true}', False),
        "model.safetensors": File(bytes(range(256)) * 4000, True)}),
}
DEFAULT = dict(line.split("=", 1) for line in
               (lem.ROOT / "cli/src/main/resources/io/lethean/lem/cli/default-model.properties").read_text().splitlines()
               if "=" in line and not line.startswith("#"))

# What the programs of this check are told. `make peers` itself switches the network off.
CLEAN = {key: value for key, value in os.environ.items()
         if not key.startswith(("HF_", "HUGGINGFACE_", "TRANSFORMERS_OFFLINE", "LEM_MODEL"))}
SAY = "import json, huggingface_hub as hub; print(json.dumps(%s))"
SCAN = ("(lambda found: {'warnings': [str(each) for each in found.warnings], 'size': found.size_on_disk,"
        " 'repos': sorted([repo.repo_id, sorted(repo.refs), [[revision.commit_hash, sorted(str(file.file_path)"
        " for file in revision.files)] for revision in repo.revisions]] for repo in found.repos)})"
        "(hub.scan_cache_dir())")


class Side:
    """A cache, and the environment in which both programs use it."""

    def __init__(self, hub, name):
        self.cache = WORK / name / "cache"
        self.environment = CLEAN | {
            "HF_ENDPOINT": hub.address, "HF_HUB_CACHE": str(self.cache), "HF_HOME": str(WORK / name / "home"),
            "XDG_CACHE_HOME": str(WORK / name / "xdg"), "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1"}

    def _run(self, command, offline):
        environment = self.environment | ({"HF_HUB_OFFLINE": "1"} if offline else {})
        run = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=lem.ROOT)
        print(*command, run.stdout, run.stderr, sep="\n", file=sys.stderr)
        return run

    def python(self, expression, offline=False):
        """The value of an expression in huggingface_hub."""
        run = self._run([sys.executable, "-c", SAY % expression], offline)
        return json.loads(run.stdout) if run.returncode == 0 else run.stderr.strip().splitlines()[-1]

    def pull(self, name, offline=False):
        """What `lem pull` says of a name."""
        run = self._run([lem.ROOT / "lem", "pull", name, "--json"], offline)
        return json.loads(run.stdout) if run.returncode == 0 else run.stderr

    def lem(self, *arguments, offline=False):
        return self._run([lem.ROOT / "lem", *arguments], offline)


def path_of(pulled):
    return pulled["path"] if isinstance(pulled, dict) else pulled


def ours_read_by_python(report, hub):
    side = Side(hub, "ours")
    model, folder = side.pull("hf:org/model:q8_0"), side.pull("hf:org/folder")
    hub.requests.clear()
    report.equal("paths of what LEM downloaded, in huggingface_hub without a network", [
        path_of(model), path_of(folder)], [
        side.python("hub.hf_hub_download('org/model', 'model-Q8_0.gguf')", offline=True),
        side.python("hub.snapshot_download('org/folder')", offline=True)])
    report.holds("a file that LEM did not download is not there for huggingface_hub", "LocalEntryNotFound" in str(
        side.python("hub.hf_hub_download('org/model', 'model-F16.gguf')", offline=True)))
    report.equal("content, byte for byte", [pathlib.Path(path_of(model)).read_bytes()], [MODEL])
    found = side.python(SCAN)
    snapshot = pathlib.Path(path_of(folder))
    report.equal("scan_cache_dir of LEM's cache", [found["warnings"], found["repos"]], [[], [
        ["org/folder", ["main"], [[COMMIT[::-1], sorted(str(snapshot / path) for path in
                                                         REPOSITORIES["org/folder"].files)]]],
        ["org/model", ["main"], [[COMMIT, [path_of(model)]]]]]])
    for name, expected in [("org/model", 1), ("org/folder", 4)]:
        verified = side.python(f"(lambda r: [r.checked_count, len(r.mismatches)])(hub.HfApi().verify_repo_checksums('{name}'))")
        report.equal(f"hf cache verify of {name}", [verified], [[expected, 0]])
    hub.contents()
    report.equal("paths with a network", [
        side.python("hub.hf_hub_download('org/model', 'model-Q8_0.gguf')"),
        side.python("hub.snapshot_download('org/folder')")], [path_of(model), path_of(folder)])
    report.equal("contents that huggingface_hub asks for again", [hub.contents()], [[]])


def theirs_read_by_lem(report, hub):
    side = Side(hub, "theirs")
    file = side.python("hub.hf_hub_download('org/model', 'model-Q8_0.gguf')")
    folder = side.python("hub.snapshot_download('org/folder')")
    hub.requests.clear()
    report.equal("paths of what huggingface_hub downloaded, in LEM without a network", [
        path_of(side.pull("hf:org/model:Q8_0", offline=True)),
        path_of(side.pull("hf:org/model", offline=True)),
        path_of(side.pull("hf:org/model/model-Q8_0.gguf", offline=True)),
        path_of(side.pull("hf:org/folder", offline=True))], [file, file, file, folder])
    report.holds("what huggingface_hub did not download is refused with what there is",
                 "The cache " + str(side.cache) + " has hf:org/folder (" in side.pull("hf:org/model:F16", offline=True))
    inspected = side.lem("inspect", "hf:org/model:Q8_0", offline=True)
    report.holds("lem inspect hf:org/model:Q8_0 reads the model", inspected.returncode == 0)
    report.equal("requests of all that", [hub.requests], [[]])
    report.equal("paths with a network", [path_of(side.pull("hf:org/model:Q8_0")), path_of(side.pull("hf:org/folder"))],
                 [file, folder])
    report.equal("contents that LEM asks for again", [hub.contents()], [[]])


def both_at_once(report):
    with StandInHub(REPOSITORIES, pause=0.1) as slow:
        side = Side(slow, "both")
        other = subprocess.Popen(
            [sys.executable, "-c", SAY % "hub.hf_hub_download('org/model', 'model-Q8_0.gguf')"],
            env=side.environment, stdout=subprocess.PIPE, text=True)
        ours = path_of(side.pull("hf:org/model:Q8_0"))
        theirs = json.loads(other.communicate()[0])
        report.equal("path and content after both downloaded one file at once",
                     [ours, pathlib.Path(ours).read_bytes()], [theirs, MODEL])
        left = [path.name for path in (side.cache / "models--org--model" / "blobs").iterdir()]
        report.equal("files that are left", [left], [[REPOSITORIES["org/model"].files["model-Q8_0.gguf"].sha256]])


def default_model(report):
    content = pathlib.Path(os.environ["LEM_REAL_SMOLLM2"]).read_bytes()
    real = {DEFAULT["hub"]: Repository(DEFAULT["revision"], {DEFAULT["file"]: File(content, True)})}
    with StandInHub(real) as hub:
        side = Side(hub, "default")
        pulled = side.pull("default")
        expected = side.cache / ("models--" + DEFAULT["hub"].replace("/", "--")) / "snapshots" / DEFAULT["revision"]
        report.equal("lem pull default", [path_of(pulled), pulled["files"][0]["sha256"]],
                     [str(expected / DEFAULT["file"]), DEFAULT["sha256"]])
        hub.requests.clear()
        run = side.lem("generate", "--prompt", "The capital of France is", "--max-tokens", "4", "--temperature", "0")
        report.holds("lem generate uses it", run.returncode == 0 and f"{path_of(pulled)}, the default model" in run.stderr)
        report.equal("its requests", [hub.requests], [[]])


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    report = lem.Report(f"Cache of models, against huggingface_hub {huggingface_hub.__version__}")
    with StandInHub(REPOSITORIES) as hub:
        ours_read_by_python(report, hub)
        theirs_read_by_lem(report, hub)
    both_at_once(report)
    default_model(report)
    shutil.rmtree(WORK, ignore_errors=True)
    report.finish()


main()
