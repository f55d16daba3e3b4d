"""Requests to the running program, and a player that reads one frame after another."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from engine import Failure

PORT = 8000


@dataclass(frozen=True)
class Answer:
    """An answer; status 0 if there was none."""

    status: int
    body: bytes
    headers: dict[str, str]
    seconds: float

    @property
    def json(self) -> Any:
        """The body parsed as JSON."""
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The detail of the problem document. Raises Failure if the body is none."""
        if self.headers.get("content-type") != "application/problem+json":
            raise Failure(f"not a problem document: {self.status} {self.headers} {self.body[:200]}")
        document = self.json
        if document["status"] != self.status or "detail" not in document:
            raise Failure(f"a wrong problem document: {self.status} {document}")
        return str(document["detail"])


def ask(
    path: str, body: Any = None, *, host: str = "localhost", timeout: float = 30, **headers: str
) -> Answer:
    """GET, or POST if there is a body (bytes, or a value for JSON)."""
    connection = HTTPConnection("127.0.0.1", PORT, timeout=timeout)
    sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    headers = {"Host": f"{host}:{PORT}", **{k.replace("_", "-"): v for k, v in headers.items()}}
    if sent is not None:
        headers.setdefault("Content-Type", "application/json")
    began = time.monotonic()
    try:
        connection.request("GET" if sent is None else "POST", path, sent, headers)
        response = connection.getresponse()
        content = response.read()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, content, found, time.monotonic() - began)
    except (OSError, HTTPException) as error:
        return Answer(0, repr(error).encode(), {}, time.monotonic() - began)
    finally:
        connection.close()


def expect(status: int, answer: Answer) -> Answer:
    """Return ``answer``. Raises Failure if it has another status."""
    if answer.status != status:
        raise Failure(f"expected {status}, got {answer.status}: {answer.body[:300]!r}")
    return answer


def new_experiment(dataset: str = "moons", seed: int = 1, **more: Any) -> str:
    """Make an experiment; return its id."""
    recipe = {"dataset": {"name": dataset, "seed": seed}, **more}
    answer = ask("/api/v1/experiments", recipe)
    if answer.status not in (200, 201):
        raise Failure(f"no experiment: {answer.status} {answer.body[:300]!r}")
    return str(answer.json["id"])


def frame(experiment: str, step: int, **more: str) -> Answer:
    """The frame of a step; repeats the request while the answer is 202."""
    while True:
        answer = ask(f"/api/v1/experiments/{experiment}/frames/{step}", **more)
        if answer.status != 202:
            return answer


class Player:
    """Plays an experiment in a thread, as the page does, and records the answers."""

    def __init__(self, experiment: str) -> None:
        self.experiment = experiment
        self.statuses: Counter[int] = Counter()
        self.longest = 0.0
        self._last = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)

    def __enter__(self) -> Player:
        self._last = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._note()

    def _note(self) -> None:
        self.longest = max(self.longest, time.monotonic() - self._last)

    def _play(self) -> None:
        step = 0
        while not self._ended.is_set():
            step += 1
            answer = frame(self.experiment, step)
            self.statuses[answer.status] += 1
            if answer.status == 200:
                self._note()
                self._last = time.monotonic()
            self._ended.wait(0.05)

    @property
    def lost(self) -> int:
        """How many frames failed."""
        return sum(self.statuses.values()) - self.statuses[200]

    def __str__(self) -> str:
        return (
            f"{self.statuses[200]} frames, {self.lost} lost {dict(self.statuses)}, "
            f"longest pause {self.longest:.2f} s"
        )
