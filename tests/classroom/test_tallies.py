"""Who asks for the tally of a class at the same time gets one that is counted once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from backprop_explorer.classroom.store_thread import StoreThread
from backprop_explorer.classroom.streams import Tallies
from backprop_explorer.engine.errors import NotFound


class Gate:
    """A store's thread that waits until it is opened."""

    def __init__(self) -> None:
        self.calls = 0
        self.begun = asyncio.Event()
        self.opened = asyncio.Event()

    async def call(self, work: Callable[[Any], Any]) -> Any:
        self.calls += 1
        self.begun.set()
        await self.opened.wait()
        return work(None)


def test_all_who_ask_before_a_tally_begins_share_it() -> None:
    async def run() -> None:
        store = Gate()
        tallies = Tallies(cast(StoreThread, store))
        answers = 1

        def ask(room: str) -> asyncio.Task[str]:
            counted = tallies.shared(room, lambda _: answers, lambda found: f"{room}{found}")
            return asyncio.ensure_future(counted)

        first = ask("A")
        await store.begun.wait()
        # The first one may miss what comes now, so the others need another.
        others = [ask("A") for _ in range(5)]
        another_room = ask("B")
        answers = 2
        store.opened.set()
        assert await asyncio.gather(first, *others, another_room) == [*["A2"] * 6, "B2"]
        assert store.calls == 3
        tallies.close()

    asyncio.run(run())


def test_a_tally_that_fails_fails_for_all_who_asked_and_is_tried_again() -> None:
    async def run() -> None:
        store = Gate()
        tallies = Tallies(cast(StoreThread, store))

        def missing(_: Any) -> Any:
            raise NotFound("no such question")

        asked = [
            asyncio.ensure_future(tallies.shared("A", missing, lambda found: found))
            for _ in range(3)
        ]
        store.opened.set()
        for each in asked:
            with pytest.raises(NotFound):
                await each
        assert store.calls == 1
        again = asyncio.ensure_future(tallies.shared("A", lambda _: 7, lambda found: found))
        assert await again == 7
        tallies.close()

    asyncio.run(run())
