"""/lessons: the list, a lesson, marks and solutions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.lessons.number_questions import LineValue
from backprop_explorer.lessons.questions import Choice, Shape, Signs
from backprop_explorer.lessons.seed import MAX_CHARACTERS
from backprop_explorer.main import create_app
from backprop_explorer.settings import LessonSettings, Settings
from tests.helpers.api import API, JSON, read, refused
from tests.helpers.clients import Client, MakeClient
from tests.helpers.lessons import LESSONS, cards, place, right_answers, wrong_answer
from tests.helpers.lessons import ONE as NAME

ONE = f"{API}/lessons/one-layer-by-hand"
CHOICE, SIGNS, SHAPE = place(Choice), place(Signs), place(Shape)
VALUES, DZ = place(LineValue, "dC_da1"), place(LineValue, "dC_dz1")
COUNT = len(cards("one-layer-by-hand", 1))


@pytest.mark.parametrize("number", [COUNT, 1000, 10**11], ids=str)
def test_an_unknown_card_is_refused_with_the_known_ones(shared_client: Client, number: int) -> None:
    told = {"card": f"the lesson has cards 0 to {COUNT - 1}"}
    assert refused(post(shared_client, number, 0)) == told
    assert refused(shared_client.post(f"{ONE}/solution", json={"card": number, "tried": 0})) == told


def post(client: Client, card: int | str, given: Any, seed: int | str = 1) -> Any:
    return client.post(f"{ONE}/answer", json={"seed": seed, "card": card, "answer": given})


def opened(client: Client, seed: int | str = 1, before: int | None = None) -> Any:
    """The lesson with the cards that right answers open: all, or those up to a card."""
    given = {"seed": seed, "answers": right_answers(NAME, seed, before)}
    return read(client.post(f"{ONE}/cards", json=given))


def wrong(card: int, seed: int | str = 1) -> Any:
    question = cards("one-layer-by-hand", seed)[card].question
    assert question is not None
    return wrong_answer(question)


def solution(client: Client, card: int, seed: int | str = 1) -> Any:
    given = {"seed": seed, "card": card, "tried": wrong(card, seed)}
    return read(client.post(f"{ONE}/solution", json=given))["answer"]


def test_the_list_has_every_lesson_in_the_order_of_its_group(shared_client: Client) -> None:
    found = read(shared_client.get(f"{API}/lessons"))["lessons"]
    assert [each["name"] for each in found] == list(LESSONS)
    groups = list(dict.fromkeys(each["group"] for each in found))
    assert groups == ["week41", "week42", "further", "bugs"]
    titles = {each["group"]: each["group_title"] for each in found}
    assert titles["week41"] == "Week 41: the forward pass"
    for each in found:
        assert each["group_title"] == titles[each["group"]]
        assert each["questions"] == LESSONS[each["name"]].questions()


def test_a_lesson_has_text_as_pieces_with_mathml(shared_client: Client) -> None:
    lesson = opened(shared_client)
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
    assert set(first["question"]) == {"kind", "prompt", "hints", "options"}
    assert lesson["cards"][VALUES]["question"]["shape"] == [3]


def test_the_order_of_the_options_is_the_seed_s(shared_client: Client) -> None:
    orders, places, kinds = set(), set(), set()
    for seed in range(20):
        options = opened(shared_client, seed)["cards"][CHOICE]["question"]["options"]
        orders.add(str(options))
        kinds.add(str(sorted(map(str, options))))
        place = solution(shared_client, CHOICE, seed)
        places.add(place)
        assert read(post(shared_client, CHOICE, place, seed))["right"]
    assert options == opened(shared_client, seed)["cards"][CHOICE]["question"]["options"]
    assert len(orders) == 6
    assert places == {0, 1, 2}
    assert len(kinds) == 1


def test_the_reasons_of_all_options_follow_the_right_one(shared_client: Client) -> None:
    right = solution(shared_client, CHOICE)
    marks = [read(post(shared_client, CHOICE, k)) for k in range(3)]
    assert [mark["reasons"] is not None for mark in marks] == [k == right for k in range(3)]
    assert marks[right]["reasons"] == [mark["message"] for mark in marks]


def test_numbers_may_be_as_numpy_prints_them(shared_client: Client) -> None:
    right = np.array(solution(shared_client, VALUES))
    mark = read(post(shared_client, VALUES, f"array({np.array2string(right, separator=', ')})"))
    assert mark["right"]
    assert mark["entries"] == [True, True, True]
    assert mark["message"]
    assert mark["after"] == []


def test_a_known_mistake_is_named(shared_client: Client) -> None:
    right = np.array(solution(shared_client, VALUES))
    mark = read(post(shared_client, VALUES, (right * 1.5).tolist()))
    assert not mark["right"]
    assert mark["message"]
    # ∂C/∂a taken over as ∂C/∂z
    taken = read(post(shared_client, DZ, right.tolist()))
    assert taken["misconception"] == "missing_activation_derivative"
    assert read(post(shared_client, DZ, solution(shared_client, DZ)))["right"]


def test_entries_are_marked_one_by_one(shared_client: Client) -> None:
    signs = solution(shared_client, SIGNS)
    wrong = [-signs[0] or 1, *signs[1:]]
    assert read(post(shared_client, SIGNS, wrong))["entries"] == [False, True, True]


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
def test_what_cannot_be_read_is_refused(shared_client: Client, card: int, given: Any) -> None:
    assert set(refused(post(shared_client, card, given))) == {"answer"}


@pytest.mark.parametrize(
    ("path", "status", "fields"),
    [
        ("/lessons/none", 404, set()),
        ("/lessons/one-layer-by-hand?seed=", 422, {"seed"}),
        ("/lessons/one-layer-by-hand?seed=%20%E2%80%8B", 422, {"seed"}),
        (f"/lessons/one-layer-by-hand?seed={'x' * (MAX_CHARACTERS + 1)}", 422, {"seed"}),
    ],
)
def test_unknown_lessons_and_methods(
    shared_client: Client, path: str, status: int, fields: set[str]
) -> None:
    assert set(refused(shared_client.get(API + path), status)) == fields


def test_an_answer_to_an_unknown_card_or_lesson(shared_client: Client) -> None:
    for route, given in (("answer", {"answer": 0}), ("solution", {"tried": 0})):
        refused(shared_client.post(f"{API}/lessons/none/{route}", json={"card": 0, **given}), 404)
        assert set(refused(shared_client.post(f"{ONE}/{route}", json=given))) == {"card"}
    assert set(refused(post(shared_client, COUNT, 0))) == {"card"}
    assert set(refused(shared_client.post(f"{ONE}/answer", json={"card": 0}))) == {"answer"}
    for card in (-1, True, 0.5, None, "", "no-such-card"):
        assert set(refused(post(shared_client, card, 0))) == {"card"}  # type: ignore[arg-type]
    for seed in (True, 0.5, None, [], "", " ", "x" * (MAX_CHARACTERS + 1), 10**200):
        assert set(refused(post(shared_client, 0, 0, seed))) == {"seed"}  # type: ignore[arg-type]
    half = b'{"card": 0, "answer": 0, "seed": "\\ud800"}'
    sent = shared_client.post(f"{ONE}/answer", content=half, headers=JSON)
    assert sent.status_code in (400, 422)


def test_any_text_is_a_seed_with_its_own_numbers(shared_client: Client) -> None:
    """Student numbers, which may be larger than 2³¹ − 1, and any text are seeds."""
    seeds = ["abc", "abd", "Kari Nordmann", "20241234567", "20241234568", "-1", "1.5", "œ 数"]
    texts = set()
    for seed in (1, *seeds):
        lesson = read(shared_client.get(ONE, params={"seed": seed}))
        assert lesson["seed"] == seed
        texts.add(str(lesson["cards"][0]["text"]))
        own = solution(shared_client, VALUES, seed)
        assert read(post(shared_client, VALUES, own, seed))["right"]
    assert len(texts) == len(seeds) + 1


def test_a_seed_is_the_same_however_it_is_written(shared_client: Client) -> None:
    composed, decomposed = "K\u00e5re", "Ka\u030are"
    for same in (
        [7, "7", "007", " 7 ", "\ufeff7"],
        [20241234567, "20241234567", "20241234567\n"],
        [composed, decomposed, f"\u00a0{decomposed} "],
    ):
        found = [read(shared_client.get(ONE, params={"seed": seed})) for seed in same]
        assert all(each == found[0] for each in found)
        own = solution(shared_client, VALUES, same[0])
        assert all(read(post(shared_client, VALUES, own, seed))["right"] for seed in same)


def test_a_card_can_be_named(shared_client: Client) -> None:
    name = read(shared_client.get(ONE))["outline"][VALUES]["name"]
    assert name == cards("one-layer-by-hand", 1)[VALUES].name
    right = solution(shared_client, VALUES)
    assert read(post(shared_client, name, right)) == read(post(shared_client, VALUES, right))
    assert name in refused(post(shared_client, name[:-1], right))["card"]


def ask(client: Client, **given: Any) -> Any:
    return client.post(f"{ONE}/solution", json={"card": VALUES, **given})


def test_a_solution_needs_a_try(shared_client: Client) -> None:
    assert shared_client.get(f"{ONE}/solution?card={VALUES}").status_code == 405
    assert read(shared_client.get(ONE))["solutions"] == "after_try"
    for given in ({}, {"tried": None}):
        assert "try an answer first" in refused(ask(shared_client, **given))["tried"]
    for unread in ("", "three", [1.0, None, 2.0], {}):
        assert set(refused(ask(shared_client, tried=unread))) == {"tried"}
    assert read(ask(shared_client, tried=[0, 0, 0]))["answer"]


@pytest.mark.parametrize("policy", ["always", "never"])
def test_a_server_may_give_solutions_always_or_never(
    policy: Any, settings: Settings, make_client: MakeClient
) -> None:
    lessons = LessonSettings(solutions=policy)
    client = make_client(create_app(settings.model_copy(update={"lessons": lessons})))
    assert read(client.get(ONE))["solutions"] == policy
    for given in ({}, {"tried": [0, 0, 0]}):
        if policy == "always":
            assert read(ask(client, **given))["answer"]
        else:
            assert "graded" in ask(client, **given).json()["detail"]
            refused(ask(client, **given), 403)


def _formulas(content: Any) -> list[set[str]]:
    """The notations of every formula in an answer."""
    if isinstance(content, dict):
        own = [set(content)] if content.keys() & {"latex", "mathml"} else []
        return own + [each for value in content.values() for each in _formulas(value)]
    if isinstance(content, list):
        return [each for value in content for each in _formulas(value)]
    return []


@pytest.mark.parametrize(
    ("formulas", "notations"),
    [("latex", {"latex"}), ("mathml", {"mathml"}), ("both", {"latex", "mathml"}), ("none", None)],
)
def test_marks_and_solutions_have_formulas_as_asked(
    shared_client: Client, formulas: str, notations: set[str] | None
) -> None:
    shown = []
    for number, card in enumerate(cards("one-layer-by-hand", 1)):
        if card.question is None:
            continue
        given = {"seed": 1, "card": number, "answer": card.question.solution()}
        shown.append(read(shared_client.post(f"{ONE}/answer?formulas={formulas}", json=given)))
        tried = {"seed": 1, "card": number, "tried": wrong(number)}
        shown.append(read(shared_client.post(f"{ONE}/solution?formulas={formulas}", json=tried)))
    found = _formulas(shown)
    assert found == [] if notations is None else found
    assert all(each == notations for each in found)
