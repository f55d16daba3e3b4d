"""Build the image and test it with a real Docker engine, alone and as a class.

    make image-test

Uses the Docker daemon of this machine. If none answers (or with --private) it starts one with a
separate data folder, as root on Linux. If no image registry is reachable, it builds the base
images from Debian. The private daemon runs the containers in a network namespace with only a
loopback interface, so that it neither affects nor needs anything else on the machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import alone
import bases
import classroom
from engine import ROOT, Engine, Failure, PrivateDaemon, require_tools

BUILD_SECONDS = 1800


def cache() -> Path:
    """The cache folder, which makes later runs fast."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "backprop-explorer-image-test")


def build(engine: Engine, *, host_network: bool) -> None:
    """Build the image and print the time and the size."""
    began = time.monotonic()
    network = ["--network", "host"] if host_network else []
    engine.run("build", *network, "--tag", "backprop-explorer", ".", timeout=BUILD_SECONDS)
    size = int(engine.output("image", "inspect", "--format", "{{.Size}}", "backprop-explorer"))
    print(f"build: {time.monotonic() - began:.1f} s, image {size / 1e6:.0f} MB", flush=True)
    layers = engine.output(
        "history", "--human=false", "--format", "{{.Size}} {{.CreatedBy}}", "backprop-explorer"
    )
    for line in layers.splitlines():
        layer, _, command = line.partition(" ")
        if int(layer) > 1e6:
            print(f"  {int(layer) / 1e6:6.1f} MB  {command[:80]}", flush=True)


def check(engine: Engine) -> None:
    """Run all checks."""
    alone.check(engine)
    classroom.check(engine)


def main() -> int:
    """Build the image and run all checks. Returns 0 if all pass."""
    parser = argparse.ArgumentParser(description="Build and run the image with Docker.")
    parser.add_argument("--private", action="store_true", help="start a private Docker daemon")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    data = cache() / "docker"
    try:
        require_tools()
        with ExitStack() as stack:
            if options.inside:
                subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
                check(stack.enter_context(PrivateDaemon(data)))
            elif options.private or not Engine().answers:
                with PrivateDaemon(data) as engine:
                    bases.provide(engine, private=True)
                    build(engine, host_network=True)
                    # Limit the size of the build cache, which makes later runs fast.
                    engine.run("image", "prune", "--force")
                    engine.run("builder", "prune", "--force", "--keep-storage", "500MB")
                again = [sys.executable, Path(__file__).parent, "--inside"]
                return subprocess.run(
                    ["unshare", "--net", *again], cwd=ROOT, check=False
                ).returncode
            else:
                bases.provide(Engine(), private=False)
                build(Engine(), host_network=False)
                check(Engine())
    except Failure as error:
        print(f"image-test: {error}", file=sys.stderr)
        return 1
    print("image-test: all checks hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
