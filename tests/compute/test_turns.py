"""The order of a worker's tasks."""

from __future__ import annotations

from backprop_explorer.compute.turns import Turns


def filled(*pairs: tuple[str, int]) -> Turns[int]:
    turns: Turns[int] = Turns()
    for key, item in pairs:
        turns.add(key, item)
    return turns


def taken(turns: Turns[int]) -> list[int]:
    return [turns.take() for _ in range(len(turns))]


def test_keys_take_turns_and_keep_their_own_order() -> None:
    turns = filled(*(("a", k) for k in range(4)), ("b", 10), ("b", 11), ("c", 20))
    assert len(turns) == 7
    assert sorted(turns) == [0, 1, 2, 3, 10, 11, 20]
    assert taken(turns) == [0, 10, 20, 1, 11, 2, 3]
    assert len(turns) == 0


def test_who_comes_later_waits_for_one_of_each_other_key() -> None:
    turns = filled(*(("a", k) for k in range(100)))
    assert turns.take() == 0
    turns.add("b", 7)
    assert [turns.take(), turns.take()] == [1, 7]


def test_what_is_repeated_comes_first() -> None:
    turns = filled(("a", 0), ("a", 1), ("b", 10))
    turns.add_first("b", 9)
    assert taken(turns) == [9, 0, 10, 1]


def test_an_item_can_be_dropped() -> None:
    turns = filled(("a", 0), ("a", 1), ("b", 10))
    for key, item in (("a", 0), ("b", 10), ("b", 10), ("c", 1)):
        turns.discard(key, item)
    assert taken(turns) == [1]
