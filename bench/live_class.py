"""A live class: a lecturer and students as real clients of a server on this machine.

    python -m bench class [--students 300] [--scenes 20] [--seconds 5]
    python -m bench class --kills 50 [--students 40] [--nginx PATH]

Students join, follow by event streams, and answer questions: a line with the same numbers for all,
then one with own numbers, whose network each page opens. Printed are how long a change of scene
takes to reach all, how long after the last answer the tally has all of them, how long requests of
another room take while five lecturers read this tally, and the memory of the server and all its
processes: a page that several of them share counts once.
A student has two connections, of which a server takes 900. With ``--kills`` servers are killed
instead: bench/class_kills.py.

Loopback only; the load comes from the same machine, so the figures include the clients' cost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.web.connections import allow_connections
from tests.helpers.processes import family, memory
from tests.helpers.servers import RunningServer, start_server

API = "/api/v1"
LINE = {"kind": "array", "experiment": Recipe().id, "line": "dC_dz2", "step": 20}
# As long as the page's address of a first visit.
VIEW = "line=dC_dz2&dataset.name=moons&" + "&".join(
    f"network.layers.{k}.units=4" for k in range(60)
)
EVERYTHING = "parameters,gradients,neurons,boundary,curves,health"
# What the page asks for when it opens an experiment.
OPENED = (
    "data",
    "frames/0?grid=48&sample=0&arrays=base64&include=" + EVERYTHING,
    "frames/0/trace?sample=0&convention=column",
)
MOST_SCENE_SECONDS, MOST_TALLY_SECONDS, MOST_MEGABYTES = 0.06, 0.2, 450
# Lecturers who read the tally of the class all the time, beside another room.
READERS, OTHER_REQUESTS, MOST_OTHER_SECONDS = 5, 100, 0.1


class Connection:
    """A kept connection that sends one request after another; smaller than an HTTP library."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.host, port = url.removeprefix("http://").split(":")
        self.port = int(port)
        self.headers = headers or {}
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return the status and the decoded body. Raises OSError or EOFError if it is cut.

        A connection that the server closed while it was idle is opened again, once.
        """
        kept = self._streams is not None
        try:
            reader, _ = await self._send(method, path, body)
            status, headers = await self._head(reader)
            content = await reader.readexactly(int(headers["content-length"]))
        except (OSError, EOFError):
            self.close()
            if kept:
                return await self.ask(method, path, body)
            raise
        return status, json.loads(content) if headers["content-type"].endswith("json") else content

    async def events(self, room: str) -> AsyncIterator[Any]:
        """Yield the state of a room now and after each change, as its pages get it."""
        body = {"rooms": [{"room": room, "token": self.headers.get("X-Student-Token")}]}
        reader, _ = await self._send("POST", "/rooms/events", body)
        status, _ = await self._head(reader)
        assert status == 200, status
        while line := await reader.readline():
            if line.startswith(b"data: "):
                yield json.loads(line[6:])["state"]

    async def _send(
        self, method: str, path: str, body: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self.host, self.port, limit=1 << 20)
        content = b"" if body is None else json.dumps(body).encode()
        lines = {
            "Host": "127.0.0.1", "Content-Type": "application/json",
            "Content-Length": str(len(content)), **self.headers,
        }  # fmt: skip
        head = f"{method} {API}{path} HTTP/1.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._streams[1].write(head.encode() + b"\r\n" + content)
        return self._streams

    @staticmethod
    async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.split(": ", 1) for line in head[1:] if line)
        return int(head[0].split()[1]), {name.lower(): value for name, value in pairs}

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


@dataclass
class Student:
    """A student: a token, and what the event stream brought."""

    connection: Connection
    arrivals: dict[str, float] = field(default_factory=dict)

    async def follow(self, path: str) -> None:
        """Note when each scene arrives."""
        url = f"http://{self.connection.host}:{self.connection.port}"
        stream = Connection(url, self.connection.headers)
        try:
            async for state in stream.events(path.removeprefix("/rooms/")):
                scene = state["scene"]
                if scene and "note" in scene:
                    self.arrivals.setdefault(scene["note"], time.perf_counter())
        finally:
            stream.close()


class Lecture:
    """One class on one server."""

    def __init__(self, url: str, students: int) -> None:
        self.url = url
        self.count = students
        self.statuses: Counter[int] = Counter()
        self.rng = np.random.default_rng(0)

    async def ask(self, connection: Connection, method: str, path: str, body: Any = None) -> Any:
        """Ask, count the status, and return the decoded body."""
        status, found = await connection.ask(method, path, body)
        self.statuses[status] += 1
        if status == 202:  # the experiment is being trained
            return await self.ask(connection, method, path, body)
        return found

    async def begin(self) -> None:
        """Open the room, and let all students join and follow."""
        self.lecturer = Connection(self.url)
        await self.ask(self.lecturer, "POST", "/experiments", {})
        made = await self.ask(self.lecturer, "POST", "/rooms", {})
        self.lecturer.headers = {"X-Room-Key": made["key"]}
        self.room = f"/rooms/{made['code']}"
        self.students = [Student(Connection(self.url)) for _ in range(self.count)]
        await asyncio.gather(*map(self.join, self.students))
        self.following = [asyncio.create_task(each.follow(self.room)) for each in self.students]

    async def join(self, student: Student) -> None:
        """Join the room."""
        made = await self.ask(student.connection, "POST", f"{self.room}/students", {})
        student.connection.headers = {"X-Student-Token": made["token"]}

    async def scenes(self, count: int) -> list[float]:
        """Change the scene ``count`` times; return each student's delay in seconds."""
        delays: list[float] = []
        for number in range(count):
            note = str(number)
            began = time.perf_counter()
            body = {"scene": {"view": VIEW, "note": note, "step": number}}
            await self.ask(self.lecturer, "PUT", f"{self.room}/scene", body)
            # What takes longer than this counts as infinitely long.
            await asyncio.sleep(1.0)
            delays += [each.arrivals.get(note, np.inf) - began for each in self.students]
        return delays

    async def open_own(self, student: Student, number: int) -> None:
        """Open the network with the student's own numbers, as the page does."""
        path = f"{self.room}/questions/{number}"
        question = await self.ask(student.connection, "GET", path)
        body = question["scene"]["recipe"]
        made = await self.ask(student.connection, "POST", "/experiments", body)
        for part in OPENED:
            await self.ask(student.connection, "GET", f"/experiments/{made['id']}/{part}")

    async def question(self, seconds: float, own: bool) -> tuple[float, float]:
        """Ask; all answer within ``seconds``.

        Returns the longest time of an answer, and how long after the last one was sent the tally
        has all of them.
        """
        body = {**LINE, "own_numbers": own}
        asked = await self.ask(self.lecturer, "POST", f"{self.room}/questions", body)
        number, solution = asked["number"], asked["solution"]
        right = 4 * [0.5] if solution is None else solution["answer"]
        times: list[tuple[float, float]] = []
        if own:
            began = time.perf_counter()
            await asyncio.gather(*(self.open_own(each, number) for each in self.students))
            took = time.perf_counter() - began
            print(f"own numbers: {self.count} pages have their network after {took:.1f} s")

        async def answer(student: Student, delay: float, kind: int) -> None:
            await asyncio.sleep(delay)
            given = np.array(right) * (1.0 if kind < 5 else 1.0 + 0.01 * kind)
            if kind == 9:
                given = self.rng.normal(size=4).round(4)
            body = {"question": number, "attempt": 1, "answer": given.tolist()}
            began = time.perf_counter()
            await self.ask(student.connection, "POST", f"{self.room}/answers", body)
            times.append((began, time.perf_counter()))

        delays = self.rng.uniform(0, seconds, self.count)
        pairs = enumerate(zip(self.students, delays, strict=True))
        await asyncio.gather(*(answer(s, float(d), k % 10) for k, (s, d) in pairs))
        while True:
            tally = await self.ask(self.lecturer, "GET", f"{self.room}/tally")
            if tally["question"]["answered"] == self.count:
                break
            assert time.perf_counter() - times[-1][1] < 30, tally
        last = max(began for began, _ in times)
        return max(end - began for began, end in times), time.perf_counter() - last

    async def beside(self, readers: int) -> list[float]:
        """Return the times of another room's requests while ``readers`` read this room's tally."""
        other = Connection(self.url)
        made = await self.ask(other, "POST", "/rooms", {})

        async def read() -> None:
            reading = Connection(self.url, self.lecturer.headers)
            try:
                while True:
                    status, _ = await reading.ask("GET", f"{self.room}/tally")
                    # A room's lecturers may ask ten times a second.
                    await asyncio.sleep(0.5 if status == 429 else 0.0)
            finally:
                reading.close()

        reading = [asyncio.create_task(read()) for _ in range(readers)]
        times = []
        for _ in range(OTHER_REQUESTS):
            began = time.perf_counter()
            await self.ask(other, "GET", f"/rooms/{made['code']}")
            times.append(time.perf_counter() - began)
            await asyncio.sleep(0.02)
        for each in reading:
            each.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        other.close()
        return times

    def end(self) -> None:
        """Close all connections."""
        for task in self.following:
            task.cancel()
        for student in self.students:
            student.connection.close()
        self.lecturer.close()


async def lecture(running: RunningServer, options: argparse.Namespace) -> bool:
    """Give a lecture and print the figures. Returns whether all limits are kept."""
    class_ = Lecture(running.url, options.students)
    began = time.perf_counter()
    await class_.begin()
    print(f"{options.students} students joined in {time.perf_counter() - began:.2f} s")
    await asyncio.sleep(1)
    delays = await class_.scenes(options.scenes)
    p50, p99, most = np.percentile(delays, [50, 99, 100])
    print(f"scene: p50 {1000 * p50:.0f} ms, p99 {1000 * p99:.0f} ms, max {1000 * most:.0f} ms")
    good = bool(p99 <= MOST_SCENE_SECONDS)
    for own in (False, True):
        slowest, tallied = await class_.question(options.seconds, own)
        print(
            f"{'own' if own else 'same'} numbers: {options.students} answers in "
            f"{options.seconds:g} s, slowest {1000 * slowest:.0f} ms; all in the tally "
            f"{1000 * tallied:.0f} ms after the last was sent"
        )
        good = good and tallied <= MOST_TALLY_SECONDS
    for readers in (0, READERS):
        half, p95 = np.percentile(await class_.beside(readers), [50, 95])
        print(
            f"{readers} read the tally of {options.students} answers: another room's requests "
            f"p50 {1000 * half:.0f} ms, p95 {1000 * p95:.0f} ms"
        )
        good = good and bool(p95 <= MOST_OTHER_SECONDS)
    used = memory(running.process.pid) / 1e6
    print(
        f"{used:.0f} MB ({len(family(running.process.pid))} processes), "
        f"statuses {dict(class_.statuses)}"
    )
    class_.end()
    return good and used <= MOST_MEGABYTES and set(class_.statuses) <= {200, 201, 202}


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; returns 1 if a limit is exceeded or an answer was lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--scenes", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--nginx", default=shutil.which("nginx"), help="the balancer of --kills")
    options = parser.parse_args(arguments)
    allow_connections()
    with tempfile.TemporaryDirectory() as folder:
        if options.kills:
            # Imports this module.
            from bench.class_kills import kill_servers

            return kill_servers(Path(folder), options)
        running = start_server(Path(folder), EXPLORER_WORKERS="2")
        try:
            return int(not asyncio.run(lecture(running, options)))
        finally:
            running.process.kill()
            running.process.wait()


if __name__ == "__main__":
    sys.exit(main())
