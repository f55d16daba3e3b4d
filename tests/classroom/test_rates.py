from __future__ import annotations

import pytest

from backprop_explorer.classroom import rates
from backprop_explorer.classroom.rates import Guesses, Rate, network_of


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_burst_and_then_so_many_a_second(clock: Clock) -> None:
    rate = Rate(3, 2.0, clock)
    assert [rate.take("a") for _ in range(3)] == [0, 0, 0]
    assert rate.take("a") == pytest.approx(0.5)
    # Being refused costs nothing.
    assert rate.take("a") == pytest.approx(0.5)
    assert rate.take("b") == 0
    clock.now += 0.5
    assert rate.take("a") == 0
    assert rate.take("a") > 0
    clock.now += 1000
    assert [rate.take("a") for _ in range(4)] == [0, 0, 0, pytest.approx(0.5)]


def test_keys_do_not_fill_the_memory(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_KEYS", 5)
    rate, guesses = Rate(1, 1.0, clock), Guesses(clock)
    for k in range(100):
        rate.take(str(k))
        guesses.found(str(k), "code")
        guesses.missed(str(k))
    assert len(rate._buckets) == len(guesses._found) == len(guesses._rate._buckets) == 5


def test_who_guesses_waits_and_a_room_that_was_found_stays_open(clock: Clock) -> None:
    guesses = Guesses(clock)
    guesses.found("school", "ROOM")
    for _ in range(30):
        assert guesses.wait("school", "OTHER") == 0
        guesses.missed("school")
    assert guesses.wait("school", "OTHER") > 0
    assert guesses.wait("school", "ROOM") == 0
    assert guesses.wait("elsewhere", "OTHER") == 0
    clock.now += 1.0
    assert guesses.wait("school", "OTHER") == 0
    guesses.missed("school")
    assert guesses.wait("school", "OTHER") == pytest.approx(1.0)


def test_guesses_that_go_on_never_make_more_than_one_a_second(clock: Clock) -> None:
    guesses, tried = Guesses(clock), 0
    for _ in range(10_000):
        if guesses.wait("a", "X") == 0:
            guesses.missed("a")
            tried += 1
        clock.now += 0.01
    assert tried <= 30 + 100 + 1


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_machine_with_many_addresses_counts_as_one(host: str, network: str) -> None:
    assert network_of(host) == network
