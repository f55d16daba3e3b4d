"""Some hundred raw requests of the attack corpus; ``python -m bench attack`` sends 100,000."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections import defaultdict

import httpx
import pytest

from tests.helpers.api import API
from tests.helpers.attacks import Attack, corpus, mutated, request
from tests.helpers.cases import exhaustive
from tests.helpers.processes import metric
from tests.helpers.raw_client import CLOSED, HANGS, Outcome, attack_all
from tests.helpers.servers import RunningServer

LANES = 8
RESTARTS = "explorer_worker_restarts_total"  # of workers that crashed or hung


def some(attacks: list[Attack], number: int) -> list[Attack]:
    """A fixed number of requests of each kind, the same in every run."""
    kinds: dict[str, list[Attack]] = defaultdict(list)
    for attack in attacks:
        kinds[attack.kind].append(attack)
    rng = random.Random(0)
    return [
        attack for each in kinds.values() for attack in rng.sample(each, min(number, len(each)))
    ]


@pytest.mark.parametrize("of_each_kind", [8, exhaustive(25)])
def test_no_answer_is_an_unexpected_5xx(running_server: RunningServer, of_each_kind: int) -> None:
    url = running_server.url
    document = httpx.get(f"{url}{API}/openapi.json", timeout=60).json()
    attacks = list(corpus(document))
    chosen = some(attacks, of_each_kind)
    chosen += itertools.islice(mutated(attacks, 0), 4 * of_each_kind)
    assert len(chosen) > 12 * of_each_kind
    before = metric(url, RESTARTS)
    host, port = url.removeprefix("http://").split(":")
    outcome = asyncio.run(attack_all(host, int(port), chosen, lanes=LANES))
    assert outcome.bad == []
    assert outcome.count == len(chosen)
    # The server refused them, instead of closing all connections.
    assert outcome.answers["422"] > 4 * of_each_kind
    assert outcome.answers[CLOSED] < outcome.count / 4
    assert httpx.get(f"{url}/healthz", timeout=60).status_code == 200
    assert metric(url, RESTARTS) == before
    errors = [line for line in running_server.log.read_text().splitlines() if '"error"' in line]
    assert errors == []


def test_the_corpus_attacks_every_route(running_server: RunningServer) -> None:
    document = httpx.get(f"{running_server.url}{API}/openapi.json", timeout=60).json()
    sent = b"\n".join(attack.content.partition(b"\r\n")[0] for attack in corpus(document))
    for path in document["paths"]:
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
        assert re.search(f"{pattern}[ ?]".encode(), sent), path


@pytest.mark.parametrize(
    ("answer", "bad"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", False),
        (b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n\r\n", False),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", True),
        (b"HTTP/1.1 500 Internal Server Error\r\n\r\n", True),
        (HANGS.encode(), True),
        (b"", False),
    ],
)
def test_unexpected_5xx_and_hangs_count_as_bad(answer: bytes, bad: bool) -> None:
    outcome = Outcome()
    outcome.note(Attack("x", b""), answer, 0.0)
    assert bool(outcome.bad) is bad


def test_a_silent_server_counts_as_hung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.helpers.raw_client.HANG_SECONDS", 0.2)

    async def silent() -> Outcome:
        async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(keep, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await attack_all("127.0.0.1", port, [Attack("x", request("GET", "/"))], lanes=1)

    assert asyncio.run(silent()).answers == {HANGS: 1}
