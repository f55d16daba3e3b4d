from __future__ import annotations

import pytest

from backprop_explorer.classroom.codes import (
    ALPHABET,
    digest,
    grouped,
    matches,
    new_code,
    new_key,
    read_code,
    seed_of,
)


def test_a_code_has_40_bits_and_is_read_back() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert len(ALPHABET) ** 8 == 2**40
    for code in codes:
        assert read_code(code) == read_code(grouped(code)) == code
    # Each place takes every character of the alphabet.
    assert all({code[k] for code in codes} == set(ALPHABET) for k in range(8))


@pytest.mark.parametrize("typed", ["k74q-9xmd", " K74Q 9XMD ", "K74Q9XMD", "k-7-4-q-9-x-m-d"])
def test_what_is_typed_may_differ(typed: str) -> None:
    assert read_code(typed) == "K74Q9XMD"


def test_letters_that_look_like_digits_are_digits() -> None:
    assert read_code("oil0-0il1") == "01100111"


@pytest.mark.parametrize(
    "typed", ["", "K74Q", "K74Q-9XMU", "K74Q-9XMD-1", "x" * 10**6, "K74Q9XM\n"]
)
def test_what_is_no_code(typed: str) -> None:
    assert read_code(typed) is None


def test_keys_have_128_bits_and_only_their_digests_are_compared() -> None:
    key = new_key()
    assert len(key) == 22
    assert key != new_key()
    assert matches(key, digest(key))
    for other in ("", key[:-1], key + "A", new_key(), digest(key), "\ud800"):
        assert not matches(other, digest(key))
    assert key not in digest(key)


def test_seeds_differ_by_room_question_and_student() -> None:
    seeds = {seed_of(r, q, s) for r in ("a", "b") for q in (1, 2) for s in ("x", "y")}
    assert len(seeds) == 8
    assert seed_of("a", 1, "x") == seed_of("a", 1, "x")
