"""Both stores of rooms pass the same tests, with a real file and a real redis-server process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from backprop_explorer.classroom.store import RoomStore, open_room_store
from backprop_explorer.classroom.store.base import OFFER, PLACE, STUDENT, answers_to
from backprop_explorer.classroom.store.sqlite import SqliteRoomStore
from backprop_explorer.engine.errors import Conflict, TooManyRequests, Unavailable
from backprop_explorer.settings import ConfigurationError
from tests.helpers.redis_server import RedisServer, free_port

Open = Callable[..., RoomStore]
DAY = 86_400.0


@pytest.fixture
def opened(store_address: str) -> Iterator[Open]:
    """A function that opens an empty store of each kind, any number of times."""
    stores: list[RoomStore] = []

    def open_(seconds: float = DAY, most_bytes: int = 2**20) -> RoomStore:
        stores.append(open_room_store(store_address, seconds, most_bytes))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


def test_a_document_changes_by_compare_and_swap(opened: Open) -> None:
    one, other = opened(), opened()
    assert one.read("A") is None
    assert one.create("A", b"first", 10)
    assert not other.create("A", b"second", 10)
    assert other.read("A") == (1, b"first")
    assert one.replace("A", 1, b"next", None)
    assert not other.replace("A", 1, b"lost", None)
    assert not other.replace("B", 1, b"lost", None)
    assert other.read("A") == (2, b"next")


def test_entries_are_bounded_by_kind(opened: Open) -> None:
    store = opened()
    store.create("A", b"", 10)
    for kind in (STUDENT, OFFER, PLACE):
        assert [store.put("A", kind, name, b"1", 2) for name in "xyz"] == [True, True, False]
        assert store.put("A", kind, "x", b"\xff2", 2)
        assert store.entries("A", kind) == {"x": b"\xff2", "y": b"1"}
        assert store.get("A", kind, "x") == b"\xff2"
        assert store.get("A", kind, "z") is store.get("B", kind, "x") is None
        store.drop("A", kind, ["x", "unknown"])
        assert store.put("A", kind, "z", b"3", 2)
        assert set(store.entries("A", kind)) == store.names("A", kind) == {"y", "z"}


def test_entries_of_other_kinds_stay_when_one_is_dropped(opened: Open) -> None:
    store = opened()
    store.create("A", b"", 10)
    kinds = (STUDENT, OFFER, PLACE)
    for kind in kinds:
        store.put("A", kind, "x", b"1", 2)
    for k, kind in enumerate(kinds):
        store.drop("A", kind, ["x"])
        assert [each for each in kinds if store.entries("A", each)] == list(kinds[k + 1 :])


def test_an_answer_counts_once_and_a_later_attempt_replaces_it(opened: Open) -> None:
    one, other = opened(), opened()
    one.create("A", b"", 10)
    assert one.answer("A", 1, "x", 1, b"early") == (None, False)
    one.replace("A", 1, b"", 1)
    assert one.answer("A", 1, "x", 1, b"a") == (b"a", True)
    assert other.answer("A", 1, "x", 1, b"again") == (b"a", False)
    assert other.answer("A", 1, "y", 1, b"b") == (b"b", True)
    assert other.answer("A", 1, "x", 3, b"c") == (b"c", True)
    assert one.answer("A", 1, "x", 2, b"late") == (b"c", False)
    assert one.answer("A", 2, "x", 1, b"another question") == (None, False)
    assert one.answer("B", 1, "x", 1, b"another room") == (None, False)
    assert one.entries("A", answers_to(1)) == {"x": b"c", "y": b"b"}
    one.replace("A", 2, b"", None)
    assert other.answer("A", 1, "x", 9, b"closed") == (b"c", False)
    assert other.answer("A", 1, "z", 1, b"closed") == (None, False)
    assert one.entries("A", answers_to(1)) == {"x": b"c", "y": b"b"}


def test_answers_from_two_servers_at_once_are_kept_once(opened: Open) -> None:
    main = opened()
    main.create("A", b"", 10)
    main.replace("A", 1, b"", 1)
    stores = [opened(), opened()]
    fresh: list[bool] = []

    def send(store: RoomStore) -> None:
        for k in range(20):
            with store.transaction():
                fresh.append(store.answer("A", 1, str(k), 1, b"x").fresh)

    threads = [threading.Thread(target=send, args=(each,)) for each in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fresh.count(True) == 20
    assert len(fresh) == 40
    assert len(main.entries("A", answers_to(1))) == 20


def test_an_ended_room_leaves_nothing(opened: Open) -> None:
    store = opened()
    for code in ("A", "B"):
        store.create(code, b"", 2)
        store.replace(code, 1, b"", 1)
        store.put(code, STUDENT, "x", b"1", 5)
        store.put(code, PLACE, "x", b"1", 5)
        store.answer(code, 1, "x", 1, b"a")
    with pytest.raises(TooManyRequests):
        store.create("C", b"", 2)
    store.end("A")
    assert store.read("A") is None
    assert store.entries("A", STUDENT) == store.entries("A", answers_to(1)) == {}
    assert store.entries("A", PLACE) == {}
    assert store.entries("B", answers_to(1)) == {"x": b"a"}
    assert store.create("C", b"", 2)


def test_a_room_that_is_not_used_ends(opened: Open) -> None:
    store = opened(0.15)
    store.create("A", b"", 1)
    store.put("A", STUDENT, "x", b"1", 5)
    store.use("A")
    assert store.read("A") is not None
    ended = threading.Event()
    ended.wait(0.25)
    assert store.read("A") is None
    assert store.create("B", b"", 1)
    assert store.entries("A", STUDENT) == {}


def test_the_bytes_of_a_room_are_bounded(opened: Open) -> None:
    store, other = opened(DAY, 100), opened(DAY, 100)
    for code in ("A", "B"):
        store.create(code, b"x" * 1000, 10)
        store.replace(code, 1, b"", 1)
    for name in "xy":
        assert store.put("A", STUDENT, name, b"1" * 30, 10)
        # Written again, it counts once.
        assert other.put("A", STUDENT, name, b"2" * 30, 10)
    assert other.answer("A", 1, "x", 1, b"a" * 40).fresh
    # The small entries of students are always kept.
    assert store.put("A", STUDENT, "z", b"3" * 10, 10)
    for keep in (
        lambda: store.put("A", OFFER, "x", b"1", 10),
        lambda: store.answer("A", 1, "y", 1, b"1"),
        lambda: other.answer("A", 1, "x", 2, b"1"),
    ):
        with pytest.raises(Conflict):
            keep()
    assert store.entries("A", OFFER) == {}
    assert store.entries("A", answers_to(1)) == {"x": b"a" * 40}
    # A diagnosis is kept all the same; it counts, too.
    store.amend("A", 1, "x", 1, b"b" * 50)
    store.drop("A", STUDENT, ["x", "z", "unknown"])
    assert store.put("A", OFFER, "x", b"1" * 15, 10)
    assert store.answer("B", 1, "x", 1, b"a" * 100).fresh
    store.end("A")
    store.drop("A", STUDENT, ["x"])
    assert store.create("A", b"", 10)
    assert store.put("A", OFFER, "x", b"1" * 100, 10)


def test_what_is_kept_survives_the_process(opened: Open) -> None:
    store = opened()
    with store.transaction():
        store.create("A", b"document", 10)
        store.put("A", STUDENT, "x", b"1", 5)
    store.close()
    again = opened()
    assert again.read("A") == (1, b"document")
    assert again.get("A", STUDENT, "x") == b"1"


def test_an_answer_is_amended_only_while_its_attempt_is_the_last(opened: Open) -> None:
    store = opened()
    store.create("A", b"", 10)
    store.replace("A", 1, b"", 1)
    store.answer("A", 1, "x", 2, b"first")
    store.replace("A", 2, b"", None)  # closed: its mistake may still be found
    store.amend("A", 1, "x", 1, b"of an older attempt")
    store.amend("A", 1, "y", 1, b"of nobody")
    assert store.entries("A", answers_to(1)) == {"x": b"first"}
    store.amend("A", 1, "x", 2, b"amended")
    assert store.get("A", answers_to(1), "x") == b"amended"


def test_a_part_that_fails_is_undone_alone(tmp_path: Path) -> None:
    store = SqliteRoomStore(tmp_path / "rooms.sqlite3", DAY, 2**20)
    with store.transaction():
        store.create("A", b"", 10)
        with suppress(ZeroDivisionError), store.part():
            store.put("A", STUDENT, "x", b"1", 5)
            raise ZeroDivisionError
        with store.part():
            store.put("A", STUDENT, "y", b"1", 5)
    assert store.entries("A", STUDENT) == {"y": b"1"}
    store.close()


def test_messages_reach_the_other_server(shared_redis: RedisServer) -> None:
    one, other = (open_room_store(shared_redis.url, DAY, 2**20) for _ in range(2))
    ready, heard = threading.Event(), threading.Event()
    messages: list[tuple[str, str]] = []

    def changed(code: str, what: str) -> None:
        messages.append((code, what))
        (heard if code else ready).set()

    other.subscribe(changed)
    assert ready.wait(10)
    one.publish("A", "room")
    assert heard.wait(10)
    assert messages == [("", ""), ("A", "room")]
    one.close()
    other.close()


def test_a_server_that_is_away(tmp_path: Path) -> None:
    store = open_room_store(f"redis://127.0.0.1:{free_port()}/0", DAY, 2**20)
    for ask in (lambda: store.read("A"), lambda: store.create("A", b"", 1)):
        with pytest.raises(Unavailable):
            ask()
    store.close()
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"^EXPLORER_STORE: cannot keep rooms in"):
        open_room_store(str(tmp_path / "file" / "store.sqlite3"), DAY, 2**20)
    with pytest.raises(ConfigurationError) as caught:
        open_room_store("redis://:secret@127.0.0.1:port/0", DAY, 2**20)
    assert "secret" not in str(caught.value)


def test_rooms_have_a_file_beside_the_experiments(tmp_path: Path) -> None:
    open_room_store(f"sqlite:///{tmp_path}/mine.sqlite3", DAY, 2**20).close()
    assert [path.name for path in tmp_path.iterdir()] == ["mine-rooms.sqlite3"]
