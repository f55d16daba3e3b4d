from __future__ import annotations

import asyncio
from collections import Counter

from backprop_explorer.classroom.listeners import Listeners

ROOM, TALLY, SCREEN = (("A", what) for what in ("room", "tally", "screen"))


def test_a_change_wakes_all_and_none_is_missed() -> None:
    async def run() -> None:
        listeners = Listeners(9)
        those = [listeners.join([ROOM], ("", "A", str(k))) for k in range(3)]
        for each in those:
            assert each.changed == {ROOM}  # at first all
            each.changed.clear()
        waiting = [asyncio.ensure_future(each.wait(60)) for each in those]
        await asyncio.sleep(0)
        listeners.changed("A", "room")
        await asyncio.gather(*waiting)
        assert [each.changed for each in those] == [{ROOM}] * 3
        # Who looks late sees that something changed; who has seen it waits.
        listeners.changed("A", "room")
        await those[0].wait(60)
        those[0].changed.clear()
        await those[0].wait(0.001)
        assert those[0].changed == set()

    asyncio.run(run())


def test_one_stream_listens_to_several_parts() -> None:
    listeners = Listeners(2)
    listeners.changed("A", "room")
    path = ("here", "A", "x")
    first = listeners.join([ROOM, ("B", "tally")], path)
    second = listeners.join([SCREEN], path)
    assert not listeners.make_place(path)
    for each in (first, second):
        each.changed.clear()
    listeners.changed("A", "tally")
    listeners.changed("B", "room")
    # A screen shows what is in the tally.
    assert (first.changed, second.changed) == (set(), {SCREEN})
    listeners.changed("B", "tally")
    assert first.changed == {("B", "tally")}
    listeners.changed("", "")
    assert first.changed == {ROOM, ("B", "tally")}
    assert listeners.numbers == {SCREEN: 2, ("B", "tally"): 2, ROOM: 1}
    listeners.leave(first)
    assert listeners.make_place(path)
    listeners.leave(second)
    assert len(listeners) == listeners.in_room("A") == len(listeners.numbers) == 0


def join(listeners: Listeners, holder: str, room: str, who: str) -> bool:
    """Open a stream, if there is place."""
    path = (holder, room, who)
    place = listeners.make_place(path)
    if place:
        listeners.join([(room, "room")], path)
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
        old, new = (listeners.join([ROOM], ("here", "A", "x")) for _ in range(2))
        waiting = [asyncio.ensure_future(each.wait(60)) for each in (old, new)]
        await asyncio.sleep(0)
        assert listeners.make_place(("there", "B", "y"))
        await waiting[1]
        assert (old in listeners, new in listeners) == (True, False)
        assert not waiting[0].done()
        waiting[0].cancel()

    asyncio.run(run())
