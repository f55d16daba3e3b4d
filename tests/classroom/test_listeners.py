from __future__ import annotations

import asyncio

from backprop_explorer.classroom.listeners import Channel, Listeners


def test_a_change_wakes_all_and_none_is_missed() -> None:
    async def run() -> None:
        channel = Channel()
        waiting = [asyncio.ensure_future(channel.wait(0, 5)) for _ in range(3)]
        await asyncio.sleep(0)
        channel.notify()
        assert await asyncio.gather(*waiting) == [True] * 3
        # Who looks late sees that something changed; who has seen it waits.
        assert await channel.wait(0, 5)
        assert not await channel.wait(1, 0.001)

    asyncio.run(run())


def test_channels_exist_while_somebody_listens() -> None:
    listeners = Listeners(2)
    listeners.changed("A", "room")
    first, second = listeners.join("A", "room"), listeners.join("A", "room")
    assert first is second
    assert listeners.full
    listeners.changed("A", "tally")
    listeners.changed("B", "room")
    assert first.number == 0
    listeners.changed("A", "room")
    listeners.changed("", "")
    assert first.number == 2
    listeners.leave("A", "room")
    assert not listeners.full
    listeners.leave("A", "room")
    assert listeners.count == 0
    assert listeners.join("A", "room") is not first
