"""Kill servers under a class: `python -m bench class --kills 50`.

Two servers share one Redis, behind nginx with the configuration of deploy/nginx.conf. In each trial
one server is killed (SIGKILL) while the class answers. Students send again what was not
acknowledged. Counted are answers that are lost, counted twice or marked wrongly, and those whose
mistake is not found within some seconds. Without nginx students send to either server themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from bench.live_class import LINE, Connection, Lecture, Student
from tests.helpers.environment import ROOT
from tests.helpers.redis_server import RedisServer, free_port
from tests.helpers.servers import RunningServer, start_server

# A killed server's diagnoses are taken over after 10 s.
MOST_DIAGNOSIS_SECONDS = 30.0
RETRY = (0, 502, 503, 504)


class Balancer:
    """nginx as it is deployed, in front of servers of this machine."""

    def __init__(self, program: str, folder: Path, servers: list[RunningServer]) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._write(servers)
        arguments = [program, "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        with (folder / "nginx.log").open("w") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log)
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise RuntimeError(f"nginx does not start: {(folder / 'nginx.log').read_text()}")

    def _write(self, servers: list[RunningServer]) -> None:
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        places = iter(f"127.0.0.1:{each.url.rpartition(':')[2]}" for each in servers)
        text = re.sub(r"server explorer-\d:8000 resolve", lambda _: f"server {next(places)}", text)
        # There is no Docker here that knows names.
        text = re.sub(r"resolver.*;", "", text).replace("/tmp/", f"{self.folder}/")
        text = text.replace("listen 8080", f"listen 127.0.0.1:{self.port}")
        text = text.replace("access_log /dev/stdout short", "access_log off")
        text = text.replace("/dev/stderr", "stderr")
        (self.folder / "nginx.conf").write_text(text)

    def reload(self, servers: list[RunningServer]) -> None:
        """Use these servers from now on."""
        self._write(servers)
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End nginx."""
        self.process.terminate()
        self.process.wait()


class Kills:
    """Trials with two servers and one Redis."""

    def __init__(self, folder: Path, students: int, nginx: str | None) -> None:
        self.folder = folder
        self.count = students
        self.redis = RedisServer(folder)
        self.servers = [self._start(0), self._start(1)]
        self.balancer = Balancer(nginx, folder, self.servers) if nginx else None
        self.rng = np.random.default_rng(0)
        self.lost = self.double = self.wrong = self.unknown = self.again = 0

    def _start(self, number: int) -> RunningServer:
        folder = self.folder / str(number)
        folder.mkdir(exist_ok=True)
        return start_server(folder, EXPLORER_STORE=self.redis.url, EXPLORER_WORKERS="1")

    async def trial(self) -> int:
        """Ask a question, kill a server while the class answers, and count. Returns which one."""
        urls = [each.url for each in self.servers]
        fronts = [self.balancer.url] if self.balancer else urls
        class_ = Lecture(fronts[0], self.count)
        await class_.begin()
        asked = await class_.ask(class_.lecturer, "POST", f"{class_.room}/questions", LINE)
        right = asked["solution"]["answer"]
        victim = int(self.rng.integers(2))

        async def answer(student: Student, number: int) -> None:
            lines = [Connection(url, student.connection.headers) for url in fronts]
            given = right if number % 3 else (np.array(right) * 1.5).tolist()
            body = {"question": 1, "attempt": 1, "answer": given}
            await asyncio.sleep(float(self.rng.uniform(0, 1)))
            place = number % len(lines)
            while True:
                try:
                    status, _ = await lines[place].ask("POST", f"{class_.room}/answers", body)
                except (OSError, EOFError):
                    status = 0
                if status == 200:
                    break
                assert status in RETRY, status
                self.again += 1
                place = (place + 1) % len(lines)
                await asyncio.sleep(0.02)
            for each in lines:
                each.close()

        async def kill() -> None:
            await asyncio.sleep(float(self.rng.uniform(0.1, 0.9)))
            self.servers[victim].process.kill()

        await asyncio.gather(*(answer(s, k) for k, s in enumerate(class_.students)), kill())
        survivor = Connection(urls[1 - victim], class_.lecturer.headers)
        found = await self._tally(survivor, class_.room)
        self.lost += max(0, self.count - found["answered"])
        self.double += max(0, found["answered"] - self.count)
        self.wrong += abs(found["right"] - sum(1 for k in range(self.count) if k % 3))
        late = time.monotonic() + MOST_DIAGNOSIS_SECONDS
        while found["undiagnosed"] and time.monotonic() < late:
            await asyncio.sleep(0.2)
            found = await self._tally(survivor, class_.room)
        self.unknown += found["undiagnosed"]
        survivor.close()
        class_.end()
        return victim

    @staticmethod
    async def _tally(connection: Connection, room: str) -> Any:
        _, tally = await connection.ask("GET", f"{room}/tally")
        return tally["question"]

    def run(self, trials: int) -> None:
        """Run all trials; print after every fifth how it stands."""
        for number in range(1, trials + 1):
            victim = asyncio.run(self.trial())
            killed = self.servers[victim].process
            killed.wait()
            if killed.stdout is not None:
                killed.stdout.close()
            self.servers[victim] = self._start(victim)
            if self.balancer:
                self.balancer.reload(self.servers)
            if number % 5 == 0:
                print(self.report(number), flush=True)

    def report(self, trials: int) -> str:
        """What became of the answers."""
        return (
            f"{trials} servers killed {'behind nginx' if self.balancer else 'without nginx'}: "
            f"{trials * self.count} answers, {self.again} sent again; {self.lost} lost, "
            f"{self.double} counted twice, {self.wrong} counted wrongly, "
            f"{self.unknown} without a diagnosis"
        )

    def stop(self) -> None:
        """End all processes."""
        if self.balancer:
            self.balancer.stop()
        for each in self.servers:
            each.process.kill()
            each.process.wait()
        self.redis.kill()


def kill_servers(folder: Path, options: argparse.Namespace) -> int:
    """Print what became of the answers; returns 1 if one was lost."""
    trials = Kills(folder, options.students, options.nginx)
    try:
        trials.run(options.kills)
    finally:
        trials.stop()
    print(trials.report(options.kills))
    return int(trials.lost + trials.double + trials.wrong + trials.unknown > 0)
