"""The steps of the Dockerfile on bare Debian roots, where there is no Docker. Linux, as root.

    python scripts/rehearse_image.py FOLDER

Needs debootstrap. FOLDER gets a bare root (kept for the next time) and one copy for each stage, in
which the stage's steps are done. Then the start command runs as the image's user on a read-only
root with a tmpfs at /tmp and a writable volume, must answer /healthz, and end when it is told to.
What this does not show: the base image is Debian's own Python instead of python:…-slim, and there
is no container runtime.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASE = "trixie"
PACKAGES = "python3,python3-venv,ca-certificates"
SECONDS = 60
# How pip reaches its index is this machine's affair.
PASSED_ON = ("PIP_", "SSL_CERT", "REQUESTS_CA")


def instructions() -> list[tuple[str, str]]:
    """(instruction, the rest) of the Dockerfile, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [
        (name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines) if name
    ]


class Stage:
    """A root that is being made into an image."""

    def __init__(self, base: Path, folder: Path) -> None:
        self.root = folder
        if folder.exists():
            shutil.rmtree(folder)
        subprocess.run(["cp", "-a", base, folder], check=True)
        # Debian keeps pip out of its own Python; the base image has one.
        self.inside("python3 -m venv /opt/base")
        path = "/opt/base/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        self.variables: dict[str, str] = {"PATH": path}
        self.folder = "/"
        self.user = "0"
        self.command: list[str] = []

    def inside(self, command: str) -> None:
        """Run a command of the shell in this root."""
        subprocess.run(["chroot", self.root, "/bin/sh", "-ec", command], check=True)

    def run(self, command: str) -> None:
        """A RUN step."""
        given = {k: v for k, v in os.environ.items() if k.startswith(PASSED_ON)}
        words = [f"{k}={shlex.quote(v)}" for k, v in {**given, **self.variables}.items()]
        print(f"RUN {command[:100]}", flush=True)
        self.inside(f"cd {self.folder}; export {' '.join(words)}; {command}")

    def copy(self, words: list[str], stages: dict[str, Stage]) -> None:
        """A COPY step: of the project, or of an earlier stage."""
        source = ROOT
        if words[0].startswith("--from="):
            source = stages[words.pop(0).removeprefix("--from=")].root
        *names, target = words
        place = self.root / f"{self.folder}/{target}".lstrip("/")
        if target.startswith("/"):
            place = self.root / target.lstrip("/")
        for name in names:
            found = source / name.lstrip("/")
            if found.is_dir():
                shutil.copytree(found, place, symlinks=True, dirs_exist_ok=True)
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, place)


def build(base: Path, folder: Path) -> Stage:
    """Follow the Dockerfile to its end."""
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for name, rest in instructions():
        if name == "FROM":
            stage = Stage(base, folder / f"stage-{len(stages)}")
            stages[rest.partition(" AS ")[2] or "last"] = stage
            continue
        assert stage is not None
        match name:
            case "RUN":
                stage.run(rest)
            case "COPY":
                stage.copy(rest.split(), stages)
            case "ENV":
                for word in shlex.split(rest):
                    variable, _, value = word.partition("=")
                    stage.variables[variable] = value.replace("$PATH", stage.variables["PATH"])
            case "WORKDIR":
                stage.folder = rest
                (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "USER":
                stage.user = rest
            case "CMD":
                stage.command = json.loads(rest)
    assert stage is not None
    return stage


def start(image: Stage) -> int:
    """Start it as the container would be started, and ask for its health; 0 if that goes well."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [f"{k}={v}" for k, v in image.variables.items()]
    words += [f"EXPLORER_PORT={port}", "EXPLORER_HOST=127.0.0.1"]
    root, user = str(image.root), f"{image.user}:{image.user}"
    command = f"cd {image.folder} && {WRITE_TEST} && exec {shlex.join(image.command)}"
    server = subprocess.Popen(
        [
            *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", MOUNTS, "sh"),
            *(root, "chroot", f"--userspec={user}", root),
            *("env", "-i", *words, "sh", "-c", command),
        ]
    )
    try:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            try:
                url = f"http://127.0.0.1:{port}/healthz"
                with urllib.request.urlopen(url, timeout=5) as answer:
                    print(f"/healthz: {answer.status} {answer.read().decode()}")
                    return 0
            except OSError:
                time.sleep(0.2)
        print("it did not answer", file=sys.stderr)
        return 1
    finally:
        # Process 1 of the new namespace; unshare itself only waits.
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        for each in children:
            os.kill(int(each), signal.SIGTERM)
        try:
            print(f"it ended, code {server.wait(15)}")
        except subprocess.TimeoutExpired:
            server.kill()
            raise


# The tree read-only but for the volume, the tmpfs, and what every container runtime mounts.
MOUNTS = """
mount --bind "$1" "$1"
mount --bind "$1/data" "$1/data"
mount -o remount,ro,bind "$1"
mount -t tmpfs -o size=64m,mode=1777 tmpfs "$1/tmp"
mount -t tmpfs -o size=64m,mode=1777 tmpfs "$1/dev/shm"
mount -t proc proc "$1/proc"
shift 1
exec "$@"
"""
# Who it is, and that nothing but the volume and the tmpfs can be written.
WRITE_TEST = (
    "id -u && touch /tmp/x /data/x && rm /tmp/x /data/x && ! touch /x 2>/dev/null "
    "&& ! touch /opt/venv/x 2>/dev/null && echo the tree is read-only"
)


def main() -> int:
    """Bootstrap, build, start."""
    folder = Path(sys.argv[1]).resolve()
    base = folder / "base"
    if not (base / "usr/bin/python3").exists():
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, str(base)],
            check=True,
        )
    for name in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt", "etc/pip.conf"):
        if Path("/", name).exists():
            shutil.copy(Path("/", name), base / name)
    return start(build(base, folder))


if __name__ == "__main__":
    sys.exit(main())
