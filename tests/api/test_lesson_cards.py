"""/lessons: which cards are given out, and that nothing in them answers a question."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backprop_explorer.compute.lesson_answers import hints_of, rich
from backprop_explorer.lessons.authoring import new_lesson
from backprop_explorer.lessons.lesson import Card
from backprop_explorer.lessons.number_questions import LineValue, Values
from backprop_explorer.lessons.questions import Choice, CodeLine, Question, Shape, Signs
from backprop_explorer.main import create_app
from backprop_explorer.settings import LessonSettings, Settings
from tests.helpers.api import API, read, refused
from tests.helpers.cases import few_that_cover
from tests.helpers.clients import Client, MakeClient
from tests.helpers.lesson_features import kinds_of_cards
from tests.helpers.lessons import ONE, cards, place, right_answers, wrong_answer

SEED = 7
LESSON = f"{API}/lessons/{ONE}"
SIGNS = place(Signs)


def opened(client: Client, answers: dict[str, Any], name: str = ONE) -> Any:
    given = {"seed": SEED, "answers": answers}
    return read(client.post(f"{API}/lessons/{name}/cards", json=given))


def names(found: Any) -> list[str]:
    return [card["name"] for card in found["cards"]]


def kept_back(question: Question) -> Iterator[str]:
    """Texts of a question that are told later: hints, and reasons of answers."""
    yield from hints_of(question)
    if isinstance(question, Choice):
        yield from (option.why for option in question.options)
    if isinstance(question, Values | LineValue | Shape | Signs | CodeLine):
        yield question.why
    if isinstance(question, Values | LineValue):
        yield from (slip.why for slip in question.slips)
    if isinstance(question, Shape):
        yield from question.slips.values()
    if isinstance(question, CodeLine):
        yield from question.others.values()
    if isinstance(question, Signs):
        yield question.wrong


def served(markup: str) -> list[str]:
    """The paragraphs of a text as they are sent; short ones, such as "2", occur anywhere."""
    return [text for text in map(json.dumps, rich(markup)) if len(text) > 80]


def texts_of(card: Card) -> list[str]:
    question = card.question
    return served(card.text) + ([] if question is None else served(question.prompt))


@pytest.mark.parametrize("name", few_that_cover(kinds_of_cards()))
def test_cards_come_one_question_after_the_other(shared_client: Client, name: str) -> None:
    """Each answer of the API has the cards up to the open question, and no reasons or hints.

    The cards that an answer brings are those that a reload brings.
    """
    lesson = cards(name, SEED)
    found = read(shared_client.get(f"{API}/lessons/{name}", params={"seed": SEED}))
    assert [card["name"] for card in found["outline"]] == [card.name for card in lesson]
    asking = [k for k, card in enumerate(lesson) if card.question is not None]
    for k, following in zip(asking, [*asking[1:], len(lesson) - 1], strict=True):
        sent = json.dumps(found["cards"], ensure_ascii=True)
        assert names(found) == [card.name for card in lesson[: k + 1]]
        question = lesson[k].question
        assert question is not None
        hidden = [text for why in kept_back(question) for text in served(why)]
        hidden += [
            text for card in lesson[k + 1 :] for text in [*served(card.after), *texts_of(card)]
        ]
        shown = [text for card in lesson[: k + 1] for text in texts_of(card)]
        assert [text for text in hidden if text in sent and text not in shown] == []
        path, given = f"{API}/lessons/{name}/answer", {"seed": SEED, "card": lesson[k].name}
        wrong = {**given, "answer": wrong_answer(question)}
        assert read(shared_client.post(path, json=wrong))["cards"] is None
        right = {**given, "answer": question.solution()}
        brought = read(shared_client.post(path, json=right))["cards"]
        assert [card["name"] for card in brought] == [c.name for c in lesson[k + 1 : following + 1]]
        found = opened(shared_client, right_answers(name, SEED, k + 1), name)
        assert found["cards"][k + 1 :] == brought
    assert names(found) == [card.name for card in lesson]


def test_the_answer_that_is_shown_brings_the_next_cards(shared_client: Client) -> None:
    first = cards(ONE, SEED)[0]
    assert first.question is not None
    tried = {"seed": SEED, "card": 0, "tried": wrong_answer(first.question)}
    shown = read(shared_client.post(f"{LESSON}/solution", json=tried))
    assert names(shown) == [cards(ONE, SEED)[1].name]
    assert opened(shared_client, {first.name: shown["answer"]})["cards"][1:] == shown["cards"]


def test_answers_of_before_may_be_wrong_unreadable_or_of_unknown_cards(
    shared_client: Client,
) -> None:
    right = right_answers(ONE, SEED, SIGNS)
    for other in ("wide", [1], None, 5):
        found = opened(shared_client, {**right, cards(ONE, SEED)[SIGNS].name: other, "gone": 1})
        assert len(found["cards"]) == SIGNS + 1
    for answers in ([], {"a": {}}, {"a" * 61: 0}, {str(k): 0 for k in range(101)}):
        given = {"seed": SEED, "answers": answers}
        fields = refused(shared_client.post(f"{LESSON}/cards", json=given))
        assert all(field.startswith("answers") for field in fields)


def test_hints_are_given_one_by_one(shared_client: Client) -> None:
    [(number, question)] = [
        (k, card.question)
        for k, card in enumerate(cards(ONE, SEED))
        if card.question is not None and card.question.second_hint and card.question.kind == "line"
    ][:1]
    for which in (1, 2):
        asked = {"seed": SEED, "card": number, "number": which}
        answer = read(shared_client.post(f"{LESSON}/hint?formulas=both", json=asked))
        assert answer == {"hint": rich(hints_of(question)[which - 1])}
    assert (
        opened(shared_client, right_answers(ONE, SEED))["cards"][number]["question"]["hints"] == 2
    )
    for which in (0, 3, "x"):
        asked = {"seed": SEED, "card": number, "number": which}
        assert set(refused(shared_client.post(f"{LESSON}/hint", json=asked))) == {"number"}
    asked = {"seed": SEED, "card": SIGNS, "number": 2}
    said = refused(shared_client.post(f"{LESSON}/hint", json=asked))
    assert said == {"number": "this question has 1 hint"}


def test_a_sheet_has_all_cards_and_nothing_of_the_explorer(shared_client: Client) -> None:
    sheet = read(shared_client.get(f"{LESSON}/sheet", params={"seed": SEED}))
    lesson = cards(ONE, SEED)
    assert names(sheet) == [card.name for card in lesson]
    assert set(sheet["cards"][0]) == {"name", "title", "text", "question"}
    sent = json.dumps(sheet)
    questions = [card.question for card in lesson if card.question is not None]
    told = [text for each in questions for why in kept_back(each) for text in served(why)]
    assert told
    assert [text for text in told if text in sent] == []


@pytest.mark.parametrize("policy", ["after_try", "never"])
def test_where_lessons_are_graded_a_sheet_has_no_answer_that_a_text_repeats(
    policy: Any, settings: Settings, make_client: MakeClient, tmp_path: Path
) -> None:
    path = new_lesson("mine", tmp_path)
    text = path.read_text().replace(
        "# The sign", "# It was\nFirst @{a1}, now @{2 * a1}.\n# The sign"
    )
    path.write_text(text)
    lessons = LessonSettings(solutions=policy, folders=(str(tmp_path),))
    client = make_client(create_app(settings.model_copy(update={"lessons": lessons})))
    sheet = read(client.get("/api/v1/lessons/mine/sheet", params={"seed": SEED}))
    (told,) = [card["text"][0][0]["text"] for card in sheet["cards"] if card["title"] == "It was"]
    hidden = re.match(r"First \[…, …\], now \[\d\.\d+, \d\.\d+\]", told)
    assert bool(hidden) == (policy == "never"), told


@pytest.mark.parametrize(("policy", "count"), [("always", len(cards(ONE, SEED))), ("never", 1)])
def test_the_policy_for_solutions_is_one_for_cards_too(
    policy: Any, count: int, settings: Settings, make_client: MakeClient
) -> None:
    lessons = LessonSettings(solutions=policy)
    client = make_client(create_app(settings.model_copy(update={"lessons": lessons})))
    assert len(opened(client, {})["cards"]) == count
    # Where no answer is shown, a try must do: else a lesson ends at the first difficult question.
    first = cards(ONE, SEED)[0]
    assert first.question is not None
    wrong = wrong_answer(first.question)
    assert len(opened(client, {first.name: wrong})["cards"]) == max(count, 2)
    given = {"seed": SEED, "card": 0, "answer": wrong}
    mark = read(client.post(f"{LESSON}/answer", json=given))
    assert not mark["right"]
    assert names(mark) == [cards(ONE, SEED)[1].name]
