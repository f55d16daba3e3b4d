"""Acknowledged recipes are kept, after kill -9 and with many threads, within the bound.

Both stores pass the same tests, with a real file and a real redis-server process.
"""

from __future__ import annotations

import hashlib
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.store import base as store_module
from backprop_explorer.experiments.store import open_store
from backprop_explorer.experiments.store.base import RECIPE, Bound, Store
from backprop_explorer.experiments.store.sqlite import SqliteStore
from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.api import keep, read
from tests.helpers.clients import MakeClient
from tests.helpers.environment import ROOT, environment
from tests.helpers.experiments import numbered
from tests.helpers.redis_server import RedisServer

Open = Callable[..., Store]


@pytest.fixture
def opened(store_address: str) -> Iterator[Open]:
    """Return a function that opens the store with a given Bound, any number of times."""
    stores: list[Store] = []

    def open_(**bound: int) -> Store:
        stores.append(open_store(store_address, Bound(**bound)))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


def kept(store: Store, names: list[str]) -> list[str]:
    """Return those of ``names`` that are stored, without marking them as used."""
    return [name for name in names if store._read(RECIPE, name) is not None]


def test_put_and_get(opened: Open) -> None:
    store = opened()
    name = store.put(numbered(1))
    assert name == numbered(1).id
    assert store.put(numbered(1)) == name
    assert store.get(name) == numbered(1)
    assert store.get("0" * 20) is None
    store.close()
    assert opened().get(name) == numbered(1)


def test_any_bytes_can_be_kept_by_kind_and_name(opened: Open) -> None:
    store = opened()
    store.write("table", "a", b"\x00\xff\n")
    store.write("other", "a", b"")
    assert store.read("table", "a") == b"\x00\xff\n"
    assert store.read("other", "a") == b""
    assert store.read("table", "b") is None


def test_beyond_the_bound_the_least_recently_put_go(opened: Open) -> None:
    store = opened(entries=5)
    names = [store.put(numbered(seed)) for seed in range(12)]
    assert kept(store, names) == names[-5:]
    # A dropped entry can be stored again.
    store.put(numbered(0))
    assert store.get(names[0]) == numbered(0)
    assert len(kept(store, names)) == 5


@pytest.mark.parametrize("use", ["get", "put", "use"])
def test_used_entries_stay(opened: Open, use: str) -> None:
    store = opened(entries=5)
    names = [store.put(numbered(seed)) for seed in range(5)]
    if use == "get":
        store.get(names[0])
    elif use == "put":
        store.put(numbered(0))
    else:
        store.use(RECIPE, names[0])
    names += [store.put(numbered(seed)) for seed in range(5, 9)]
    assert kept(store, names) == [names[0], *names[5:]]


def test_uses_are_shared_between_connections(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = opened(entries=3), opened(entries=3)
    names = [one.put(numbered(seed)) for seed in range(3)]
    monkeypatch.setattr(store_module, "NOTE_SECONDS", 0.0)
    one.get(names[0])
    names.append(other.put(numbered(3)))
    assert kept(other, names) == [names[0], *names[2:]]


def test_bytes_are_bounded_too_and_each_kind_for_itself(opened: Open) -> None:
    store = opened(content_bytes=1000)
    store.write("small", "a", b"x")
    for number in range(10):
        store.write("table", str(number), bytes(300))
    found = [number for number in range(10) if store._read("table", str(number)) is not None]
    assert found == [7, 8, 9]
    # An entry larger than the bound is kept alone.
    store.write("table", "large", bytes(5000))
    assert store.read("table", "large") == bytes(5000)
    assert store.read("table", "9") is None
    store.write("table", "next", bytes(300))
    assert store.read("table", "large") is None
    assert store.read("small", "a") == b"x"


def test_reading_writes_nothing(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened()
    name = store.put(numbered(1))

    def fail(*_arguments: Any) -> None:
        pytest.fail("a read is written")

    monkeypatch.setattr(store, "_note", fail)
    monkeypatch.setattr(store, "_write", fail)
    for _ in range(100):
        assert store.get(name)
        store.put(numbered(1))


WRITER = """
import sys
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.store import open_store

store = open_store(sys.argv[1])
seed = 0
while True:
    recipe = Recipe.model_validate({"network": {"seed": seed}})
    print(store.put(recipe), flush=True)
    seed += 1
"""


def test_kill_9_loses_nothing_that_was_acknowledged(store_address: str, opened: Open) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, store_address],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(25)]
    process.send_signal(signal.SIGKILL)
    process.wait()
    # Entries written just before the kill were acknowledged too.
    acknowledged += process.stdout.read().split()
    process.stdout.close()
    store = opened()
    # It goes on where the process was killed.
    acknowledged.append(store.put(numbered(1_000_000)))
    names = {name for name in acknowledged if len(name) == 20}
    assert len(names) >= 26
    store = opened()
    for name in names:
        found = store.get(name)
        assert found is not None
        assert found.id == name


def test_many_threads_and_two_connections(opened: Open) -> None:
    stores = [opened() for _ in range(2)]
    failures: list[Exception] = []

    def work(first: int) -> None:
        try:
            for seed in range(first, first + 10):
                store = stores[seed % 2]
                assert store.get(store.put(numbered(seed))) == numbered(seed)
        except Exception as error:  # noqa: BLE001 - reported below, in the thread that counts
            failures.append(error)

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 5, 10, 15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert all(stores[0].get(numbered(seed).id) for seed in range(25))


def test_an_unreadable_recipe_is_missing(opened: Open) -> None:
    store = opened()
    content = b'{"shape": 3}'
    name = hashlib.sha256(content).hexdigest()[:20]
    store.write(RECIPE, name, content)
    assert store.get(name) is None


def test_what_redis_acknowledged_survives_its_kill_9(own_redis: RedisServer) -> None:
    store = open_store(own_redis.url)
    names = [store.put(numbered(seed)) for seed in range(20)]
    own_redis.kill()
    own_redis.start()
    assert kept(store, names) == names
    store.close()


def test_two_servers_on_one_redis_know_the_same_experiments(
    own_redis: RedisServer, make_client: MakeClient
) -> None:
    """Two applications in this process that share only the store."""
    limits = Limits(frame_budget_seconds=60)
    one, two = (
        make_client(create_app(Settings(store=own_redis.url, limits=limits))) for _ in range(2)
    )
    path = keep(one)
    read(one.get(f"{path}/frames/40"))
    assert one.get(f"{path}/frames/40").content == two.get(f"{path}/frames/40").content


def test_the_counts_are_right_after_drops(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store = SqliteStore(path, Bound(entries=4))
    for number in range(9):
        store.write("kind", str(number), bytes(number))
    store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT * FROM totals").fetchall() == [("kind", 4, 26)]
    connection.close()


def test_the_default_is_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    explorer = Explorer(Settings())
    explorer.close()
    assert (tmp_path / "backprop-explorer" / "experiments.sqlite3").exists()
