"""What was acknowledged is kept: over kill -9, from many threads, within its bound."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import main
from app.experiments.explorer import Explorer
from app.experiments.recipe import Recipe
from app.experiments.store import SqliteStore
from app.settings import ConfigurationError, Settings
from tests.conftest import ROOT, environment


def numbered(seed: int) -> Recipe:
    return Recipe.model_validate({"network": {"seed": seed}})


def test_what_is_put_can_be_got(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "store.sqlite3"
    store = SqliteStore(path)
    name = store.put(numbered(1))
    assert name == numbered(1).id
    assert store.put(numbered(1)) == name
    assert store.get(name) == numbered(1)
    assert store.get("0" * 20) is None
    store.close()
    again = SqliteStore(path)
    assert again.get(name) == numbered(1)
    again.close()


def test_beyond_the_bound_the_oldest_go(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3", maximum=5)
    names = [store.put(numbered(seed)) for seed in range(12)]
    kept = [name for name in names if store.get(name) is not None]
    assert kept == names[-5:]
    # What was dropped can be put again.
    store.put(numbered(0))
    assert store.get(names[0]) == numbered(0)
    store.close()


WRITER = """
import sys
from pathlib import Path
from app.experiments.store import SqliteStore
from tests.test_store import numbered

store = SqliteStore(Path(sys.argv[1]))
seed = 0
while True:
    print(store.put(numbered(seed)), flush=True)
    seed += 1
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    acknowledged: list[str] = []
    for round_ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        acknowledged += [process.stdout.readline().strip() for _ in range(15 + 10 * round_)]
        process.send_signal(signal.SIGKILL)
        process.wait()
        # What it had still written before it died was acknowledged too.
        acknowledged += process.stdout.read().split()
        process.stdout.close()
    store = SqliteStore(path)
    names = {name for name in acknowledged if len(name) == 20}
    assert len(names) >= 25
    for name in names:
        kept = store.get(name)
        assert kept is not None
        assert kept.id == name
    store.close()


def test_many_threads_and_two_connections(tmp_path: Path) -> None:
    stores = [SqliteStore(tmp_path / "store.sqlite3") for _ in range(2)]
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
    for store in stores:
        store.close()


def test_a_recipe_that_this_version_cannot_read_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    store = SqliteStore(path)
    with sqlite3.connect(path) as other:
        other.execute("INSERT INTO recipes (id, recipe) VALUES ('a', '{\"shape\": 3}')")
    other.close()
    assert store.get("a") is None
    store.close()


def corrupt(path: Path) -> Path:
    path.write_bytes(
        b"this is no database, and it is longer than a header of one hundred bytes" * 9
    )
    return path


def half(path: Path) -> Path:
    store = SqliteStore(path)
    for seed in range(60):
        store.put(numbered(seed))
    store.close()
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * 4000)
    return path


def under_a_file(path: Path) -> Path:
    path.write_text("")
    return path / "store.sqlite3"


def folder(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.mark.parametrize("spoil", [corrupt, half, under_a_file, folder])
def test_a_file_that_cannot_be_used_is_one_clear_line(
    spoil: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = spoil(tmp_path / "store.sqlite3")
    with pytest.raises(ConfigurationError, match=r"^EXPLORER_STORE: cannot keep experiments in"):
        SqliteStore(path)
    monkeypatch.setenv("EXPLORER_STORE", str(path))
    assert main(["--port", "0"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    [line] = shown.err.splitlines()
    assert line.startswith("backprop-explorer: EXPLORER_STORE: cannot keep experiments in")


def test_a_store_that_there_is_not_yet_is_refused() -> None:
    for address in ("redis://localhost", "postgres://x"):
        with pytest.raises(ConfigurationError, match="EXPLORER_STORE"):
            Explorer(Settings(store=address))


def test_the_default_is_in_the_users_data_folder(tmp_path: Path) -> None:
    explorer = Explorer(Settings())
    explorer.close()
    assert (tmp_path / "data" / "backprop-explorer" / "experiments.sqlite3").exists()


def test_a_url_names_a_file_too(tmp_path: Path) -> None:
    explorer = Explorer(Settings(store=f"sqlite:///{tmp_path}/url.sqlite3"))
    explorer.close()
    assert (tmp_path / "url.sqlite3").exists()
