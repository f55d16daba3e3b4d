"""The Docker daemon: that of this machine, or a private one that this program starts and stops."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = "docker.io docker-cli docker-buildx docker-compose debootstrap iproute2"
INSTALL = f"sudo apt-get install --no-install-recommends {PACKAGES}"
DAEMON_SECONDS = 60


class Failure(Exception):  # noqa: N818 - a check that failed is no programming error
    """A check failed, or a requirement is missing. ``str(error)`` says what to do."""


def wait_for(what: str, holds: Callable[[], bool], seconds: float) -> float:
    """Wait until ``holds()``; return how long that took. Raises Failure after ``seconds``."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise Failure(f"waited {seconds:.0f} s in vain for: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


class Engine:
    """The docker command. ``host`` is the daemon's address, or None for the default."""

    def __init__(self, host: str | None = None) -> None:
        self.environment = {**os.environ, **({"DOCKER_HOST": host} if host else {})}

    def run(self, *words: str, check: bool = True, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run ``docker words…`` in the project's folder. Raises Failure if it fails."""
        done = subprocess.run(
            ["docker", *words],
            cwd=ROOT,
            env=self.environment | more.pop("variables", {}),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **more,
        )
        if check and done.returncode:
            last = "\n".join(done.stdout.strip().splitlines()[-25:])
            raise Failure(f"docker {' '.join(words)} failed:\n{last}")
        return done

    def output(self, *words: str) -> str:
        """Return the output of ``docker words…``."""
        return self.run(*words).stdout.strip()

    def inspect(self, name: str) -> dict[str, Any]:
        """The description of a container."""
        found: dict[str, Any] = json.loads(self.output("container", "inspect", name))[0]
        return found

    def health(self, name: str) -> str:
        """The health status of a container: starting, healthy or unhealthy."""
        return str(self.inspect(name)["State"].get("Health", {}).get("Status", "no health check"))

    def has_image(self, name: str) -> bool:
        """Whether the daemon has an image of that name."""
        return not self.run("image", "inspect", name, check=False).returncode

    @property
    def answers(self) -> bool:
        """Whether a daemon answers."""
        return not self.run("version", check=False).returncode


def require_tools() -> None:
    """Raise Failure with the line to run if a command is missing."""
    if shutil.which("docker") is None:
        raise Failure(f"Docker is not installed. Run: {INSTALL}")
    for plugin in ("buildx", "compose"):
        if Engine().run(plugin, "version", check=False).returncode:
            raise Failure(f"docker {plugin} is not installed. Run: {INSTALL}")


class PrivateDaemon:
    """A Docker daemon with its own data folder, socket and containerd."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The path of a socket may have at most 107 characters.
        self.runtime = Path(f"/run/backprop-image-test-{os.getpid()}")
        self.engine = Engine(f"unix://{self.runtime}/docker.sock")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Engine:
        if not sys.platform.startswith("linux") or os.geteuid() != 0:
            raise Failure(
                "No Docker daemon answers, and starting one needs root on Linux. "
                "Run: sudo systemctl start docker    or: sudo make image-test"
            )
        if shutil.which("dockerd") is None:
            raise Failure(f"No Docker daemon answers, and dockerd is missing. Run: {INSTALL}")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.runtime.mkdir(mode=0o700)
        # No packet filter rules are needed: published ports have a proxy process.
        words = ["dockerd", "--bridge", "none", "--iptables=false", "--ip6tables=false"]
        words += ["--host", f"unix://{self.runtime}/docker.sock", "--data-root", f"{self.folder}"]
        words += ["--exec-root", f"{self.runtime}/exec", "--pidfile", f"{self.runtime}/pid"]
        with (self.folder.parent / "dockerd.log").open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            wait_for("dockerd", self._is_up, DAEMON_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self.engine

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise Failure(f"dockerd ended; its log is {self.folder.parent}/dockerd.log")
        return self.engine.answers

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.runtime, ignore_errors=True)
