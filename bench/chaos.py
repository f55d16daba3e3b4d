"""Kill workers and the server (SIGKILL) at random times: no acknowledged data may be lost.

    python -m bench chaos [TRIALS]

Each trial creates an experiment and requests frames. Meanwhile a process, chosen by a seeded
generator, is killed at a random time. Afterwards every acknowledged id must be found,
and every frame must have the same bits as the first time.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import numpy as np

from tests.helpers.processes import workers as workers_of
from tests.helpers.servers import RunningServer, start_server

API = "/api/v1"
STEPS = (3, 60, 400)


class Trials:
    """The acknowledged experiments and the failures."""

    def __init__(self) -> None:
        self.frames: dict[tuple[str, int], bytes] = {}
        self.kept: list[str] = []
        self.refused: Counter[int] = Counter()  # by status
        self.answers = self.cut = self.different = self.lost = 0

    def work(self, url: str, seed: int) -> None:
        """Create an experiment and read its frames, until done or the server is killed."""
        recipe = {"dataset": {"samples": 60}, "network": {"seed": seed}}
        try:
            with httpx.Client(base_url=url, timeout=30) as client:
                answer = client.post(f"{API}/experiments", json=recipe)
                if answer.status_code != 201:
                    self.refused[answer.status_code] += 1
                    return
                name = answer.json()["id"]
                self.kept.append(name)
                for step in STEPS:
                    self.look(client, name, step)
        except httpx.TransportError:
            self.cut += 1

    def look(self, client: httpx.Client, name: str, step: int) -> None:
        """Repeat the request until the frame is ready, and compare it with the first one."""
        while True:
            answer = client.get(f"{API}/experiments/{name}/frames/{step}?grid=8")
            if answer.status_code == 202:
                continue
            break
        self.answers += 1
        if answer.status_code == 404:
            self.lost += 1
        elif answer.status_code != 200:
            self.refused[answer.status_code] += 1
        elif self.frames.setdefault((name, step), answer.content) != answer.content:
            self.different += 1


def main(arguments: list[str] | None = None) -> int:
    """Run the trials and print the results. Returns 1 if anything was lost or different."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("trials", type=int, nargs="?", default=200)
    count = parser.parse_args(arguments).trials
    rng = np.random.default_rng(0)
    trials = Trials()
    began = time.monotonic()
    servers = workers = 0
    with tempfile.TemporaryDirectory() as folder:
        running: RunningServer = start_server(Path(folder), EXPLORER_WORKERS="2")
        for trial in range(count):
            thread = threading.Thread(target=trials.work, args=(running.url, trial))
            thread.start()
            time.sleep(float(rng.uniform(0, 0.15)))
            victims = workers_of(running.process.pid)
            if trial % 10 == 9 or not victims:
                running.process.kill()
                running.process.wait()
                thread.join()
                servers += 1
                running = start_server(Path(folder), EXPLORER_WORKERS="2")
            else:
                os.kill(victims[int(rng.integers(len(victims)))], signal.SIGKILL)
                workers += 1
                thread.join()
        with httpx.Client(base_url=running.url, timeout=30) as client:
            for name in trials.kept:
                for step in STEPS:
                    trials.look(client, name, step)
        running.process.terminate()
        running.process.wait()
    print(
        f"{count} trials in {time.monotonic() - began:.0f} s: {workers} workers and {servers} "
        f"servers killed; {len(trials.kept)} experiments acknowledged, {trials.lost} lost; "
        f"{trials.answers} frames, {trials.different} different, {trials.refused.total()} refused "
        f"{dict(trials.refused)}; "
        f"{trials.cut} connections cut with the server"
    )
    return int(trials.lost + trials.different > 0)


if __name__ == "__main__":
    sys.exit(main())
