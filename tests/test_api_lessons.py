"""GET /lessons and what is below it, over the wire."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.lessons import GROUPS, LESSONS
from app.lessons.deck import MAX_SEED, deal
from app.lessons.questions import Choice, LineValue, Shape, Signs
from tests.conftest import Client
from tests.helpers.api import API, read, refused
from tests.helpers.lessons import cards, place

ONE = f"{API}/lessons/one-layer-by-hand"
CHOICE, SIGNS, SHAPE = place(Choice), place(Signs), place(Shape)
VALUES, DZ = place(LineValue, "dC_da1"), place(LineValue, "dC_dz1")
COUNT = len(cards("one-layer-by-hand", 1))


@pytest.mark.parametrize("number", [COUNT, 1000, 10**11], ids=str)
def test_a_card_that_there_is_not_is_told_which_there_are(client: Client, number: int) -> None:
    told = {"card": f"the lesson has cards 0 to {COUNT - 1}"}
    assert refused(post(client, number, 0)) == told
    assert refused(client.get(f"{ONE}/solution?card={number}")) == told


def post(client: Client, card: int, given: Any, seed: int = 1) -> Any:
    return client.post(f"{ONE}/answer", json={"seed": seed, "card": card, "answer": given})


def solution(client: Client, card: int, seed: int = 1) -> Any:
    return read(client.get(f"{ONE}/solution?seed={seed}&card={card}"))["answer"]


def test_the_list_has_every_lesson_in_the_order_of_its_group(client: Client) -> None:
    found = read(client.get(f"{API}/lessons"))["lessons"]
    assert [each["name"] for each in found] == list(LESSONS)
    order = [list(GROUPS).index(each["group"]) for each in found]
    assert order == sorted(order)
    for each in found:
        assert each["group_title"] == GROUPS[each["group"]]
        asked = [card for card in deal(LESSONS[each["name"]], 5) if card.question is not None]
        assert each["questions"] == len(asked)


def test_a_lesson_has_text_as_pieces_with_mathml(client: Client) -> None:
    lesson = read(client.get(ONE))
    assert lesson["seed"] == 1
    [first, *_] = lesson["cards"]
    pieces = [piece for paragraph in first["text"] for piece in paragraph]
    kinds = {piece["kind"] for piece in pieces}
    assert kinds == {"text", "math", "block"}
    for piece in pieces:
        if piece["kind"] == "math":
            assert piece["formula"]["mathml"].startswith("<math")
        elif piece["kind"] == "block":
            assert piece["code"].startswith("W = np.array(")
        else:
            assert piece["text"]
    assert first["scene"]["hide"] == "dC_da1"
    assert first["scene"]["recipe"]["dataset"]["name"] == "points"
    # what a scene leaves as it was is not there, false is
    assert "jacobians" not in lesson["cards"][1]["scene"]
    assert set(first["question"]) == {"kind", "prompt", "hint", "options"}
    assert lesson["cards"][VALUES]["question"]["shape"] == [3]


def test_the_order_of_the_options_is_the_seed_s(client: Client) -> None:
    orders, places, kinds = set(), set(), set()
    for seed in range(20):
        cards = read(client.get(f"{ONE}?seed={seed}"))["cards"]
        options = cards[CHOICE]["question"]["options"]
        orders.add(str(options))
        kinds.add(str(sorted(map(str, options))))
        places.add(solution(client, CHOICE, seed))
        assert (
            options
            == read(client.get(f"{ONE}?seed={seed}"))["cards"][CHOICE]["question"]["options"]
        )
        assert read(post(client, CHOICE, solution(client, CHOICE, seed), seed))["right"]
    assert len(orders) == 6
    assert places == {0, 1, 2}
    assert len(kinds) == 1


def test_a_seed_has_its_own_numbers_and_marks_by_them(client: Client) -> None:
    [here, there] = [solution(client, VALUES, seed) for seed in (1, 2)]
    assert here != there
    assert read(post(client, VALUES, there, 2))["right"]
    mark = read(post(client, VALUES, here, 2))
    assert not mark["right"]
    assert mark["after"] is None
    assert len(mark["entries"]) == 3


def test_numbers_may_be_as_numpy_prints_them(client: Client) -> None:
    right = np.array(solution(client, VALUES))
    mark = read(post(client, VALUES, f"array({np.array2string(right, separator=', ')})"))
    assert mark["right"]
    assert mark["entries"] == [True, True, True]
    assert mark["message"]
    assert mark["after"] == []


def test_a_mistake_that_is_known_is_named(client: Client) -> None:
    right = np.array(solution(client, VALUES))
    mark = read(post(client, VALUES, (right * 1.5).tolist()))
    assert not mark["right"]
    assert mark["message"]
    # ∂C/∂a taken over as ∂C/∂z
    taken = read(post(client, DZ, right.tolist()))
    assert taken["misconception"] == "missing_activation_derivative"
    assert read(post(client, DZ, solution(client, DZ)))["right"]


def test_entries_are_marked_one_by_one(client: Client) -> None:
    signs = solution(client, SIGNS)
    wrong = [-signs[0] or 1, *signs[1:]]
    assert read(post(client, SIGNS, wrong))["entries"] == [False, True, True]


@pytest.mark.parametrize("given", ["(3, 3, 2)", "3x3x2", [3, 3, 2], " [3,3,2] "])
def test_a_shape_may_be_written_in_several_ways(client: Client, given: Any) -> None:
    assert read(post(client, SHAPE, given))["right"]


@pytest.mark.parametrize(
    ("card", "given"),
    [
        (CHOICE, 3),
        (CHOICE, -1),
        (CHOICE, True),
        (CHOICE, "0"),
        (CHOICE, None),
        (CHOICE, {"a": 1}),
        (SIGNS, [1, -1]),
        (SIGNS, "wide"),
        (VALUES, "three"),
        (VALUES, [1.0, None, 2.0]),
        (VALUES, [[1.0], [2.0, 3.0]]),
        (VALUES, ""),
        (SHAPE, "three"),
        (SHAPE, "²"),
        (SHAPE, "9" * 5000),
        (SHAPE, [10**30]),
        (SHAPE, [1.5]),
    ],
)
def test_what_cannot_be_read_is_refused(client: Client, card: int, given: Any) -> None:
    assert set(refused(post(client, card, given))) == {"answer"}


@pytest.mark.parametrize(
    ("path", "status", "fields"),
    [
        ("/lessons/none", 404, set()),
        ("/lessons/none/solution", 404, set()),
        ("/lessons/one-layer-by-hand?seed=-1", 422, {"seed"}),
        (f"/lessons/one-layer-by-hand?seed={MAX_SEED + 1}", 422, {"seed"}),
        ("/lessons/one-layer-by-hand?seed=x", 422, {"seed"}),
        (f"/lessons/one-layer-by-hand/solution?card={COUNT}", 422, {"card"}),
        ("/lessons/one-layer-by-hand/solution?card=-1", 422, {"card"}),
    ],
)
def test_what_there_is_not(client: Client, path: str, status: int, fields: set[str]) -> None:
    assert set(refused(client.get(API + path), status)) == fields


def test_an_answer_to_what_there_is_not(client: Client) -> None:
    refused(client.post(f"{API}/lessons/none/answer", json={"card": 0, "answer": 0}), 404)
    assert set(refused(post(client, COUNT, 0))) == {"card"}
    assert set(refused(client.post(f"{ONE}/answer", json={"card": 0}))) == {"answer"}
    assert set(refused(post(client, 0, 0, MAX_SEED + 1))) == {"seed"}
