"""The fair queue: keys take turns."""

from __future__ import annotations

from backprop_explorer.compute.fair_queue import FairQueue


def filled(*pairs: tuple[str, int]) -> FairQueue[int]:
    queue: FairQueue[int] = FairQueue()
    for key, item in pairs:
        queue.add(key, item)
    return queue


def taken(queue: FairQueue[int]) -> list[int]:
    return [queue.take() for _ in range(len(queue))]


def test_keys_take_turns_and_keep_their_own_order() -> None:
    queue = filled(*(("a", k) for k in range(4)), ("b", 10), ("b", 11), ("c", 20))
    assert len(queue) == 7
    assert sorted(queue) == [0, 1, 2, 3, 10, 11, 20]
    assert taken(queue) == [0, 10, 20, 1, 11, 2, 3]
    assert len(queue) == 0


def test_a_new_key_waits_for_one_item_of_each_other_key() -> None:
    queue = filled(*(("a", k) for k in range(100)))
    assert queue.take() == 0
    queue.add("b", 7)
    assert [queue.take(), queue.take()] == [1, 7]


def test_an_item_can_be_put_first() -> None:
    queue = filled(("a", 0), ("a", 1), ("b", 10))
    queue.add_first("b", 9)
    assert taken(queue) == [9, 0, 10, 1]


def test_an_item_can_be_dropped() -> None:
    queue = filled(("a", 0), ("a", 1), ("b", 10))
    for key, item in (("a", 0), ("b", 10), ("b", 10), ("c", 1)):
        queue.discard(key, item)
    assert taken(queue) == [1]
