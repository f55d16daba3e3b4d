"""The fair queue: the key that has used the least time is served first; equal keys take turns."""

from __future__ import annotations

from backprop_explorer.compute.fair_queue import MOST_IDLE_KEYS, FairQueue


def filled(*pairs: tuple[str, int]) -> FairQueue[int]:
    queue: FairQueue[int] = FairQueue()
    for key, item in pairs:
        queue.add((key,), item)
    return queue


def taken(queue: FairQueue[int]) -> list[int]:
    return [queue.take() for _ in range(len(queue))]


def test_keys_take_turns_and_keep_their_own_order() -> None:
    queue = filled(*(("a", k) for k in range(4)), ("b", 10), ("b", 11), ("c", 20))
    assert len(queue) == 7
    assert sorted(queue) == [0, 1, 2, 3, 10, 11, 20]
    assert taken(queue) == [0, 10, 20, 1, 11, 2, 3]
    assert len(queue) == 0


def test_the_key_that_has_used_the_least_time_is_served_first() -> None:
    queue = filled(*(("far", k) for k in range(3)), *(("honest", 10 + k) for k in range(3)))
    order = []
    for key, seconds in (("far", 0.5), ("honest", 0.1), ("honest", 0.1), ("honest", 0.1)):
        order.append(queue.take())
        queue.charge((key,), seconds)
    assert order == [0, 10, 11, 12]
    assert taken(queue) == [1, 2]


def test_an_idle_key_does_not_save_up_time() -> None:
    queue = filled(*(("busy", k) for k in range(100)))
    for k in range(50):
        assert queue.take() == k
        queue.charge(("busy",), 1.0)
    for k in range(4):
        queue.add(("late",), 1000 + k)
    order = []
    for _ in range(4):
        order.append(queue.take())
        queue.charge(("late" if order[-1] >= 1000 else "busy",), 1.0)
    assert order == [1000, 50, 1001, 51]


def test_new_keys_that_keep_coming_do_not_delay_a_key_for_ever() -> None:
    """As when a class begins: some have an experiment while others still create theirs."""
    queue = filled(*((f"new {k}", k) for k in range(10)))
    assert queue.take() == 0
    queue.charge(("new 0",), 1.0)
    queue.add(("new 0",), -1)
    served = 0
    while (item := queue.take()) != -1:
        queue.charge((f"new {item}",), 1.0)
        served += 1
        queue.add((f"new {item + 10}",), item + 10)
        assert served < 25
    # First the nine that waited already, then new keys until a new key starts above 1 s.
    assert served >= 10


def test_the_use_of_a_key_is_remembered_while_it_is_idle() -> None:
    queue = filled(("greedy", 0), ("honest", 10))
    assert queue.take() == 0
    queue.charge(("greedy",), 5.0)
    queue.add(("greedy",), 1)
    queue.add(("honest",), 11)
    assert taken(queue) == [10, 11, 1]


def test_idle_keys_are_forgotten() -> None:
    queue: FairQueue[int] = FairQueue()
    for k in range(10 * MOST_IDLE_KEYS):
        queue.add((str(k),), k)
        assert queue.take() == k
        queue.charge((str(k),), 0.001)
        queue.add(("other",), -1)
        assert queue.take() == -1
        queue.charge(("other",), 0.001)
    assert len(queue._used) <= 2 * MOST_IDLE_KEYS


def served(queue: FairQueue[tuple[str, ...]], count: int) -> list[str]:
    """The first keys of the next ``count`` items; each takes a second."""
    order = []
    for _ in range(count):
        path = queue.take()
        queue.charge(path, 1.0)
        order.append(path[0] if path[0] != "one" else "/".join(path[:2]))
    return order


def test_time_is_shared_by_client_then_by_task_then_by_experiment() -> None:
    """Many maps of one client delay neither another client nor that client's own trace."""
    queue: FairQueue[tuple[str, ...]] = FairQueue()
    for k in range(400):
        queue.add(("one", "sweep", str(k)), ("one", "sweep", str(k)))
    assert served(queue, 3) == ["one/sweep"] * 3
    for path in (("one", "trace", ""), ("two", "sweep", "a"), ("two", "sweep", "a")):
        queue.add(path, path)
    assert sorted(served(queue, 4)) == ["one/sweep", "one/trace", "two", "two"]
    assert len(queue) == 396
    assert [path[2] for path in (queue.take() for _ in range(396))] == [
        str(k) for k in range(4, 400)
    ]


def test_an_item_of_a_path_can_be_put_first_or_dropped() -> None:
    queue: FairQueue[int] = FairQueue()
    paths = (("a", "x"), ("a", "y"), ("b", "x"))
    for k, path in enumerate(paths):
        queue.add(path, k)
    queue.add(("b", "x"), 9, first=True)
    assert queue.discard(("a", "x"), 0)
    assert not queue.discard(("a", "x"), 1)
    assert list(queue) == [9, 2, 1]
    assert taken(queue) == [9, 1, 2]
    assert not queue._below["a"]._below
