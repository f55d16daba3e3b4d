"""Stores that cannot be used say so in one line, or with status 503."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backprop_explorer.cli import main
from backprop_explorer.engine.errors import Unavailable
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.store.base import RECIPE
from backprop_explorer.experiments.store.sqlite import SqliteStore
from backprop_explorer.main import create_app
from backprop_explorer.settings import ConfigurationError, Settings
from tests.helpers.api import API, keep, read, refused
from tests.helpers.clients import MakeClient
from tests.helpers.experiments import numbered
from tests.helpers.redis_server import RedisServer, free_port


def test_while_redis_is_away_the_answer_is_503_and_then_it_goes_on(
    own_redis: RedisServer, make_client: MakeClient
) -> None:
    app = create_app(Settings(store=own_redis.url))
    client = make_client(app)
    path = keep(client)
    own_redis.kill()
    for response in (
        client.post(f"{API}/experiments", json={"network": {"seed": 9}}),
        client.get(f"{API}/experiments/{'0' * 20}"),
    ):
        refused(response, 503)
        assert int(response.headers["retry-after"]) > 0
        assert "127.0.0.1" not in response.text
    # Entries in memory need no store.
    assert client.get(f"{path}/frames/3").status_code == 200
    own_redis.start()
    read(client.get(path))
    keep(client, network={"seed": 9})


@pytest.mark.parametrize(
    ("arguments", "url"),
    [
        ((), "redis://127.0.0.1:{free}/0"),
        ((), "redis://127.0.0.1:{port}/99"),
        ((), "redis://user:secret@127.0.0.1:{port}/0"),
        (("--requirepass", "other"), "redis://127.0.0.1:{port}/0"),
        (("--requirepass", "other"), "redis://:secret@127.0.0.1:{port}/0"),
        (("--replicaof", "127.0.0.1", "1"), "redis://127.0.0.1:{port}/0"),
    ],
)
def test_an_unusable_redis_gives_one_clear_line(
    arguments: tuple[str, ...],
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = RedisServer(tmp_path, *arguments)
    monkeypatch.setenv("EXPLORER_STORE", url.format(port=server.port, free=free_port()))
    code = main(["--port", "0"])
    server.kill()
    assert code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(
        "backprop-explorer: EXPLORER_STORE: cannot keep experiments in Redis at 127.0.0.1:"
    )
    assert "secret" not in line


def test_a_full_disk_is_a_503(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    store._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(Unavailable):
        store.write(RECIPE, "large", bytes(1_000_000))
    store._connection.execute("PRAGMA max_page_count = 100000")
    store.write(RECIPE, "large", bytes(1_000_000))
    store.close()


def pages(content: bytearray) -> None:
    """Overwrite the second half of the file."""
    middle = len(content) // 8192 * 4096
    content[middle:] = b"\xff" * (len(content) - middle)


def entries(content: bytearray) -> None:
    """Change a digit in each recipe: the pages are as they were."""
    content[:] = content.replace(b'"test_fraction":0.3', b'"test_fraction":0.4')


@pytest.mark.parametrize("damage", [pages, entries])
def test_a_damaged_file_is_a_503_and_no_health(
    damage: Any, tmp_path: Path, make_client: MakeClient
) -> None:
    path = tmp_path / "store.sqlite3"
    settings = Settings(store=str(path))
    names = [SqliteStore(path).put(numbered(seed)) for seed in range(60)]
    content = bytearray(path.read_bytes())
    damage(content)
    path.write_bytes(content)
    client = make_client(create_app(settings))
    # Damaged pages are seen in advance, a damaged entry when it is read.
    assert client.get("/healthz").status_code == (503 if damage is pages else 200)
    answers = [client.get(f"{API}/experiments/{name}") for name in names]
    answers += [client.post(f"{API}/experiments", json={"network": {"seed": 9}})]
    damaged = [each for each in answers if each.status_code not in (200, 201)]
    assert len(damaged) > 10
    for each in damaged:
        refused(each, 503)
        assert "must restore its file" in each.json()["detail"]
    health = client.get("/healthz")
    assert (health.status_code, health.json()["status"]) == (503, "damaged")


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
def test_an_unusable_file_gives_one_clear_line(
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


def test_an_unknown_store_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="EXPLORER_STORE"):
        Explorer(Settings(store="postgres://x"))
