"""Load of a class: many students use one server of this machine, each with an experiment.

    python -m bench classroom [STUDENTS ...] [--seconds 15] [--think 2] [--workers N] [--hog]
        [--checks 0] [--infer]

Each student creates an experiment, then repeatedly reads the next frame, as the page does, and
pauses. ``--think 0.1`` is a class that plays at ten frames a second. ``--checks`` is how many
submissions of real programs are checked a second beside that, from the first second on; with
``--infer`` they are pastes whose settings are to be found. Loopback only; the load comes from the
same machine, so the figures include the clients' cost.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import ssl
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from backprop_explorer.web.connections import allow_connections
from tests.helpers.processes import memory
from tests.helpers.servers import start_server, stop_server

API = "/api/v1"
# The 95th percentile of the checks.
MOST_CHECK_MILLISECONDS = 300
# Of the server and its workers, with up to 300 students.
MOST_MEGABYTES = 600
FRAME = "?arrays=base64&include=parameters,gradients,neurons,boundary,curves,health&since={}"


class Tally:
    """Times of the steps in seconds, and counts of the answers."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.statuses: Counter[str] = Counter()

    def refused(self, answer: httpx.Response) -> bool:
        """Count an answer. Returns whether it was a refusal (503)."""
        name = str(answer.status_code)
        if name in ("429", "503") and "retry-after" not in answer.headers:
            name += " without Retry-After"
        self.statuses[name] += 1
        return not answer.is_success

    def wrong(self, students: int) -> list[str]:
        """The failures: up to 100 students every error, beyond that every error except 503."""
        allowed = {"200", "201", "202"} | ({"429", "503"} if students > 100 else set())
        return sorted(set(self.statuses) - allowed)


async def student(
    client: httpx.AsyncClient, seed: int, until: float, think: float, tally: Tally
) -> None:
    """Run one student."""
    rng = np.random.default_rng(seed)
    recipe = {"dataset": {"seed": seed % 7}, "network": {"seed": seed}}
    await asyncio.sleep(float(rng.uniform(0, max(think, 0.5))))
    while True:
        try:
            answer = await client.post(f"{API}/experiments", json=recipe)
        except httpx.TransportError as error:
            tally.statuses[type(error).__name__] += 1
            return
        if not tally.refused(answer):
            break
        if time.perf_counter() > until:
            return
        await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
    path = f"{API}/experiments/{answer.json()['id']}/frames"
    step = -1
    while time.perf_counter() < until:
        await asyncio.sleep(think * float(rng.uniform(0.5, 1.5)))
        began = time.perf_counter()
        try:
            answer = await client.get(f"{path}/{step + 1}{FRAME.format(step)}")
        except httpx.TransportError as error:
            tally.statuses[type(error).__name__] += 1
            continue
        if tally.refused(answer):
            await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
            continue
        tally.seconds.append(time.perf_counter() - began)
        step += 1


async def hog(client: httpx.AsyncClient, until: float) -> None:
    """Request the end of a long training, again and again."""
    layers = [{"units": 64}, {"units": 64}, {"units": 1, "activation": "sigmoid"}]
    made = await client.post(f"{API}/experiments", json={"network": {"layers": layers}})
    path = f"{API}/experiments/{made.json()['id']}/frames/1000000?include=health"
    while time.perf_counter() < until:
        await client.get(path)


def submissions(infer: bool) -> list[dict[str, Any]]:
    """The bodies of checks, in an order that mixes right and wrong ones."""
    if infer:
        from tests.corpus.pastes import pastes

        bodies: list[Any] = [{"settings": "infer", "submitted": paste.text} for paste in pastes()]
    else:
        from tests.corpus.real import real_cases

        bodies = [
            {**case.givens, "submitted": case.submitted}
            for case in real_cases()
            if case.expressible
        ]
    return [bodies[k] for k in np.random.default_rng(0).permutation(len(bodies))]


async def checks(
    client: httpx.AsyncClient, bodies: list[dict[str, Any]], rate: float, until: float, tally: Tally
) -> None:
    """Begin ``rate`` checks a second, whether or not earlier ones have been answered."""

    async def one(body: dict[str, Any]) -> None:
        began = time.perf_counter()
        answer = await client.post(f"{API}/check", json=body)
        if not tally.refused(answer):
            tally.seconds.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for body in itertools.cycle(bodies):
            if time.perf_counter() > until:
                break
            group.create_task(one(body))
            await asyncio.sleep(1.0 / rate)


async def lesson(
    url: str, students: int, options: argparse.Namespace, bodies: list[dict[str, Any]]
) -> tuple[Tally, Tally]:
    """Run all students concurrently, each with a connection of their own, as in a browser.

    A pool of connections looks at every idle one before each request: with 300 it would be slower
    than the server. Returns the tallies of the frames and of the checks.
    """
    tally, checked = Tally(), Tally()
    no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    until = time.perf_counter() + options.seconds
    async with contextlib.AsyncExitStack() as stack:

        async def client() -> httpx.AsyncClient:
            made = httpx.AsyncClient(base_url=url, timeout=60, verify=no_certificates)
            return await stack.enter_async_context(made)

        await asyncio.gather(
            *[
                student(await client(), seed, until, options.think, tally)
                for seed in range(students)
            ],
            *[hog(await client(), until) for _ in range(options.hog)],
            *[checks(await client(), bodies, options.checks, until, checked) for _ in bodies[:1]],
        )
    return tally, checked


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each number of students."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("students", type=int, nargs="*", default=[30, 100, 300])
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--think", type=float, default=2.0)
    parser.add_argument("--workers", default="")
    parser.add_argument("--hog", action="store_true")
    parser.add_argument("--checks", type=float, default=0.0)
    parser.add_argument("--infer", action="store_true")
    options = parser.parse_args(arguments)
    allow_connections()
    variables = {"EXPLORER_WORKERS": options.workers} if options.workers else {}
    wrong: list[str] = []
    for students in options.students:
        with tempfile.TemporaryDirectory() as folder:
            running = start_server(Path(folder), **variables)
            bodies = submissions(options.infer) if options.checks else []
            tally, checked = asyncio.run(lesson(running.url, students, options, bodies))
            used = memory(running.process.pid) / 1e6
            stop_server(running.process)
        p50, p99 = np.percentile(tally.seconds, [50, 99]) * 1000
        print(
            f"{students} students: {len(tally.seconds)} steps, p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
            f"{dict(tally.statuses)}, {used:.0f} MB",
            flush=True,
        )
        if checked.seconds:
            p50, p95 = np.percentile(checked.seconds, [50, 95]) * 1000
            print(
                f"  {len(checked.seconds)} checks: p50 {p50:.0f} ms, p95 {p95:.0f} ms, "
                f"{dict(checked.statuses)}",
                flush=True,
            )
            if p95 > MOST_CHECK_MILLISECONDS:
                wrong.append("checks")
        wrong += tally.wrong(students) + checked.wrong(students)
        if students <= 300 and used > MOST_MEGABYTES:
            wrong.append("memory")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
