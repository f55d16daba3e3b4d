from __future__ import annotations

import asyncio
from collections import Counter

from backprop_explorer.classroom.listeners import Listeners


def test_a_change_wakes_all_and_none_is_missed() -> None:
    async def run() -> None:
        listeners = Listeners(9)
        those = [listeners.join("A", "room", ("", "A", str(k))) for k in range(3)]
        waiting = [asyncio.ensure_future(each.wait(0, 5)) for each in those]
        await asyncio.sleep(0)
        listeners.changed("A", "room")
        assert await asyncio.gather(*waiting) == [True] * 3
        # Who looks late sees that something changed; who has seen it waits.
        assert await those[0].wait(0, 5)
        assert not await those[0].wait(1, 0.001)

    asyncio.run(run())


def test_channels_exist_while_somebody_listens() -> None:
    listeners = Listeners(2)
    listeners.changed("A", "room")
    path = ("here", "A", "x")
    first, second = (listeners.join("A", "room", path) for _ in range(2))
    assert first.channel is second.channel
    assert not listeners.make_place(path)
    listeners.changed("A", "tally")
    listeners.changed("B", "room")
    assert first.channel.number == 0
    listeners.changed("A", "room")
    listeners.changed("", "")
    assert first.channel.number == 2
    listeners.leave("A", "room", first)
    assert listeners.make_place(path)
    listeners.leave("A", "room", second)
    assert len(listeners) == listeners.in_room("A") == 0
    assert listeners.join("A", "room", path).channel is not first.channel


def join(listeners: Listeners, holder: str, room: str, who: str) -> bool:
    """Open a stream, if there is place."""
    path = (holder, room, who)
    place = listeners.make_place(path)
    if place:
        listeners.join(room, "room", path)
    return place


def test_who_has_most_makes_place_for_others() -> None:
    listeners = Listeners(60)
    assert all(join(listeners, "attacker", "A", "x") for _ in range(60))
    assert not join(listeners, "attacker", "A", "x")
    # Another holder, then another room of the attacker's address, then others in that room.
    assert [join(listeners, "school", "B", f"{k}") for k in range(40)].count(True) == 30
    assert [join(listeners, "attacker", "C", "y") for _ in range(40)].count(True) == 15
    assert [join(listeners, "attacker", "C", f"{k}") for k in range(40)].count(True) == 14
    each = Counter(listener.path[:2] for listener in listeners._open)
    assert each == {("attacker", "A"): 15, ("school", "B"): 30, ("attacker", "C"): 15}


def test_who_has_to_make_place_stops_to_wait() -> None:
    async def run() -> None:
        listeners = Listeners(2)
        old, new = (listeners.join("A", "room", ("here", "A", "x")) for _ in range(2))
        waiting = [asyncio.ensure_future(each.wait(0, 60)) for each in (old, new)]
        await asyncio.sleep(0)
        assert listeners.make_place(("there", "B", "y"))
        assert not await waiting[1]
        assert (old in listeners, new in listeners) == (True, False)
        assert not waiting[0].done()
        waiting[0].cancel()

    asyncio.run(run())
