from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from backprop_explorer.classroom import store_thread
from backprop_explorer.classroom.store import RoomStore
from backprop_explorer.classroom.store.base import STUDENT
from backprop_explorer.classroom.store.sqlite import SqliteRoomStore
from backprop_explorer.classroom.store_thread import StoreThread
from backprop_explorer.engine.errors import NotFound, Unavailable
from backprop_explorer.settings import ConfigurationError


class Counting(SqliteRoomStore):
    """Counts transactions."""

    transactions = 0

    def transaction(self) -> Any:
        self.transactions += 1
        return super().transaction()


def joined(name: str) -> Any:
    return lambda store: store.put("A", STUDENT, name, b"", 1000)


def test_calls_that_wait_share_a_transaction(tmp_path: Path) -> None:
    store = Counting(tmp_path / "rooms.sqlite3", 100.0, 2**20)
    thread = StoreThread(lambda: store)
    hold = threading.Event()

    async def run() -> list[Any]:
        first = asyncio.ensure_future(thread.call(lambda store: hold.wait(10)))
        others = [asyncio.ensure_future(thread.call(joined(str(k)))) for k in range(150)]
        await asyncio.sleep(0)
        hold.set()
        assert await first
        done = await asyncio.gather(*others)
        assert len(await thread.call(lambda store: store.entries("A", STUDENT))) == 150
        await thread.close()
        return done

    assert all(asyncio.run(run()))
    # The first one, two of at most a hundred, and that of the count.
    assert store.transactions <= 5


def test_a_refusal_undoes_its_own_changes_only(tmp_path: Path) -> None:
    thread = StoreThread(lambda: SqliteRoomStore(tmp_path / "rooms.sqlite3", 100.0, 2**20))

    def refuse(store: RoomStore) -> None:
        store.put("A", STUDENT, "refused", b"", 10)
        raise NotFound("no")

    async def run() -> None:
        done = await asyncio.gather(
            thread.call(joined("x")), thread.call(refuse), thread.call(joined("y")),
            return_exceptions=True,
        )  # fmt: skip
        assert [type(each) for each in done] == [bool, NotFound, bool]
        assert set(await thread.call(lambda store: store.entries("A", STUDENT))) == {"x", "y"}
        await thread.close()

    asyncio.run(run())


def test_a_store_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    tries: list[int] = []

    def open_store() -> RoomStore:
        tries.append(1)
        if len(tries) == 1:
            raise ConfigurationError("no")
        return SqliteRoomStore(tmp_path / "rooms.sqlite3", 100.0, 2**20)

    thread = StoreThread(open_store)

    async def run() -> None:
        with pytest.raises(Unavailable):
            await thread.call(lambda store: store.read("A"))
        assert await thread.call(lambda store: store.read("A")) is None
        await thread.close()

    asyncio.run(run())


def test_a_store_that_goes_away_fails_all_that_wait_at_once(tmp_path: Path) -> None:
    thread = StoreThread(lambda: SqliteRoomStore(tmp_path / "rooms.sqlite3", 100.0, 2**20))
    tried: list[int] = []

    def away(store: RoomStore) -> None:
        tried.append(1)
        raise Unavailable("away")

    async def run() -> None:
        done = await asyncio.gather(*(thread.call(away) for _ in range(20)), return_exceptions=True)
        assert all(isinstance(each, Unavailable) for each in done)
        await thread.close()

    asyncio.run(run())
    assert len(tried) <= 3


def test_calls_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_thread, "MOST_WAITING", 3)
    thread = StoreThread(lambda: SqliteRoomStore(tmp_path / "rooms.sqlite3", 100.0, 2**20))
    hold = threading.Event()

    async def run() -> None:
        calls = [asyncio.ensure_future(thread.call(lambda store: hold.wait(10))) for _ in range(9)]
        await asyncio.sleep(0)
        hold.set()
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(isinstance(each, Unavailable) for each in done) >= 5
        await thread.close()

    asyncio.run(run())
