"""Send invalid and hostile requests to a real server: no answer may be an unexpected 5xx.

    python -m bench attack [--cases 100000] [--minutes 45] [--seed 0]

For a third of the time schemathesis generates cases from the OpenAPI document (all phases). The
rest, up to the number of cases, are raw bytes: a corpus of malformed JSON, numbers, encodings,
types, headers, methods and paths, then mutations of it. Loopback only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

from tests.helpers.attacks import corpus, mutated
from tests.helpers.processes import workers
from tests.helpers.raw_client import Outcome, attack_all
from tests.helpers.servers import start_server, stop_server

API = "/api/v1"
LANES = 8
# A valid recipe may not fit its data; an unknown method is refused first if the
# request may come from another site; a long list may make the body too long.
EXCLUDED = "positive_data_acceptance,unsupported_method"
CONFIG = """
[checks.negative_data_rejection]
expected-statuses = [404, 413, 415, 422]
"""


def raw(url: str, count: int, minutes: float, seed: int) -> Outcome:
    """The corpus in a random order, then mutations of it."""
    document = httpx.get(f"{url}{API}/openapi.json", timeout=60).json()
    attacks = list(corpus(document))
    random.Random(seed).shuffle(attacks)
    chosen = itertools.islice(itertools.chain(attacks, mutated(attacks, seed)), count)
    host, port = url.removeprefix("http://").split(":")
    until = time.perf_counter() + 60 * minutes
    return asyncio.run(attack_all(host, int(port), chosen, lanes=LANES, until=until))


def from_document(url: str, count: int, minutes: float, seed: int) -> tuple[bool, str]:
    """Run schemathesis for about ``count`` cases. Returns whether it passed, and its output."""
    document = httpx.get(f"{url}{API}/openapi.json", timeout=60).json()
    operations = sum(map(len, document["paths"].values()))
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "schemathesis.toml"
        config.write_text(CONFIG)
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
        options = {
            "--max-examples": max(10, count // operations // 2),
            "--max-time": max(1, int(60 * minutes)),
            "--phases": "examples,coverage,fuzzing,stateful",
            "--exclude-checks": EXCLUDED,
            "--suppress-health-check": "all",
            "--request-timeout": 30,
            "--seed": seed,
            "--workers": 2,
        }
        words = [str(word) for pair in options.items() for word in pair]
        ran = subprocess.run(
            [*command, f"{url}{API}/openapi.json", *words, "--continue-on-failure", "--no-color"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60 * minutes + 300,
            check=False,
        )
    return ran.returncode == 0, ran.stdout + ran.stderr


def statuses(url: str) -> Counter[str]:
    """How often the server has answered with each status."""
    found: Counter[str] = Counter()
    text = httpx.get(f"{url}/metrics", timeout=60).text
    for status, value in re.findall(r'explorer_requests_total\{.*status="(\d+)"\} (\S+)', text):
        found[status] += int(float(value))
    return found


class PauseWatch(threading.Thread):
    """Reads the server's longest event-loop pause every two seconds."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url = url
        self.pauses: list[float] = []
        self.ended = threading.Event()

    def run(self) -> None:
        """Read until ``ended`` is set."""
        while not self.ended.wait(2):
            with contextlib.suppress(httpx.HTTPError):
                text = httpx.get(f"{self.url}/metrics", timeout=60).text
                self.pauses += map(
                    float,
                    re.findall(r"^explorer_event_loop_pause_seconds (\S+)$", text, re.MULTILINE),
                )


def classes(found: Counter[str]) -> str:
    """Counts as text: ``2xx 10, 4xx 90``; each status from 500 on is counted by itself."""
    shown: Counter[str] = Counter()
    for name, count in found.items():
        shown[f"{name[0]}xx" if name[0] in "1234" else name] += count
    return ", ".join(f"{name} {count:,}" for name, count in sorted(shown.items()))


def main(arguments: list[str] | None = None) -> int:
    """Print the counts. Returns 1 if a request got a 5xx other than 503, or no answer."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=45.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        running = start_server(Path(folder), EXPLORER_WORKERS="2")
        first = set(workers(running.process.pid))
        before = statuses(running.url)
        watch = PauseWatch(running.url)
        watch.start()
        clean, said = from_document(
            running.url, options.cases // 5, options.minutes / 3, options.seed
        )
        # While the server starts, /healthz answers 503.
        made = statuses(running.url) - before
        left = options.minutes - (time.perf_counter() - began) / 60
        rest = max(0, options.cases - made.total())
        outcome = raw(running.url, rest, left, options.seed)
        watch.ended.set()
        watch.join()
        healthy = httpx.get(f"{running.url}/healthz", timeout=60).status_code == 200
        kept = set(workers(running.process.pid)) == first
        stop_server(running.process)
        log = running.log.read_text()
    verdict = "found nothing" if clean else "FOUND SOMETHING"
    print(f"schemathesis {verdict}: {made.total():,} cases: {classes(made)}")
    if not clean:
        print(said[-6000:])
    print(f"raw bytes: {outcome.count:,} cases: {classes(outcome.answers)}")
    print(f"  {dict(outcome.kinds)}; the slowest answer took {outcome.slowest[0]:.1f} s")
    for answer, attack, content in outcome.bad[:20]:
        print(f"  {answer}: {attack.kind}: {attack.content[:300]!r} -> {content[:300]!r}")
    errors = log.count('"level": "error"')
    print(
        f"{made.total() + outcome.count:,} cases in {(time.perf_counter() - began) / 60:.1f} min; "
        f"{len(outcome.bad)} of them 5xx other than 503 with Retry-After, or hanging; "
        f"{errors} errors in the log; the event loop paused for at most "
        f"{1000 * max(watch.pauses, default=float('nan')):.0f} ms; afterwards the server is "
        f"{'ready' if healthy else 'NOT READY'}, its workers are "
        f"{'those from the beginning' if kept else 'OTHERS'}"
    )
    if errors:
        print("\n".join(line for line in log.splitlines() if '"level": "error"' in line)[:6000])
    return int(not (clean and healthy and kept) or bool(outcome.bad) or errors > 0)


if __name__ == "__main__":
    sys.exit(main())
