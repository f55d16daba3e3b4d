"""Numbers that a card asks are seen neither at this card nor at one before it.

The page's own scripts say which lines are visible at each card; the texts are those that the API
serves. Only a whole answer counts: a single entry that occurs elsewhere gives nothing away. The
answer of a choice counts if it is code or a formula.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.lesson_answers import (
    card_in_lesson,
    card_on_paper,
    card_shown,
    hints_of,
    marked,
    rich,
)
from backprop_explorer.experiments.explorer import Explorer
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.lessons.lesson import Card
from backprop_explorer.lessons.number_questions import LineValue, Values
from backprop_explorer.lessons.open_cards import AskedLine, asked_later
from backprop_explorer.lessons.questions import Choice, Question
from backprop_explorer.lessons.text import paragraphs
from backprop_explorer.limits import Limits
from backprop_explorer.settings import Settings
from tests.helpers.environment import ROOT
from tests.helpers.lessons import LESSONS, cards, views

SEED = 7
# Answers that a student is to recognise in what has been shown, and why.
RECOGNISED: Mapping[tuple[str, str], str] = {
    ("second-layer", "the-output-of-the-network"): "ReLU of the z2 that is shown",
    ("an-activation-for-each-layer", "the-same-z-another-output"): "ReLU of the z that is shown",
}


def traces(name: str) -> Iterator[Any]:
    """The trace that the page shows at each card."""
    explorer = Explorer(Settings(store=":memory:", limits=Limits(frame_budget_seconds=60)))
    for _, _, view in views(name, SEED):
        if view["recipe"] is None:
            yield None
            continue
        created = explorer.create(Recipe.model_validate(view["recipe"]))
        sample = None if view["sample"] == "batch" else view["sample"]
        made, _, _ = explorer.trace(  # type: ignore[misc] # the budget is long enough
            created.recipe.id,
            view["step"],
            sample,
            jacobians=view["jacobians"],
            fused=view["fused"],
            reduction=view["reduction"],
        )
        yield made
    explorer.close()


@pytest.fixture(scope="module")
def page_scripts() -> Iterator[subprocess.Popen[str]]:
    """The page's scripts in one process, which answers each line of JSON with one."""
    with subprocess.Popen(
        ["sh", "scripts/node.sh", sys.prefix, "node", "tests/js/helpers/visible-lines.js"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def shown_lines(
    scripts: subprocess.Popen[str], lesson: Sequence[Card], made: Sequence[Any]
) -> list[Any]:
    """Which lines the page shows at each card: ``open`` and ``answered``."""
    assert scripts.stdin is not None
    assert scripts.stdout is not None
    given = {
        "cards": [
            served(card, later) for card, later in zip(lesson, asked_later(lesson), strict=True)
        ],
        "traces": [
            trace
            and {
                "givens": [{"id": name} for name in trace.givens],
                "lines": [
                    {"id": line.node.id, "inputs": list(line.node.inputs)} for line in trace.lines
                ],
                "gradients": [{}] * trace.network.depth,
            }
            for trace in made
        ],
    }
    print(json.dumps(given), file=scripts.stdin, flush=True)
    found: list[Any] = json.loads(scripts.stdout.readline())
    return found


def served(card: Card, later: Sequence[AskedLine]) -> dict[str, Any]:
    """The parts of a served card that the page's scripts read here."""
    shown = card_in_lesson(card, later)
    question = shown["question"]
    kept = question and {key: question[key] for key in ("kind", "line") if key in question}
    return {**{key: shown[key] for key in ("name", "scene", "later")}, "question": kept}


def asked_line(card: Card) -> str | None:
    question, scene = card.question, card.scene
    if isinstance(question, LineValue):
        return question.line
    return scene.hide if question is not None and scene is not None else None


@pytest.mark.parametrize("name", list(LESSONS))
def test_no_line_is_seen_before_it_is_asked(name: str, page_scripts: subprocess.Popen[str]) -> None:
    lesson = cards(name, SEED)
    found = shown_lines(page_scripts, lesson, list(traces(name)))
    given_away = []
    for k, card in enumerate(lesson):
        line = asked_line(card)
        if line is None or found[k] is None:
            continue
        for at in range(k + 1):
            same = found[at] is not None and all(
                found[at]["view"][each] == found[k]["view"][each]
                for each in ("recipe", "step", "sample")
            )
            visible = found[at]["open" if at == k else "answered"] if same else ()
            if line in visible:
                given_away.append((at, f"shows {line}, which is asked at", k))
    assert given_away == []


def text_of(pieces: Any) -> Iterator[str]:
    """All text of what is served: formulas, code and prose."""
    if isinstance(pieces, Mapping):
        for key, value in pieces.items():
            if key != "mathml":
                yield from text_of(value)
    elif isinstance(pieces, list | tuple):
        for each in pieces:
            yield from text_of(each)
    elif isinstance(pieces, str):
        yield pieces


NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d+(?:e[-+]?\d+)?")


def occurs(value: float, text: str) -> bool:
    """Tell whether a text has the size of ``value`` to three digits or more."""
    for token in NUMBER.findall(text.replace("\\,", "")):
        mantissa, _, exponent = token.partition("e")
        decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
        if len(re.sub(r"^-?0*\.?0*", "", mantissa).replace(".", "")) < 3:
            continue
        if abs(abs(float(token)) - abs(value)) <= 0.501 * 10.0**-decimals:
            return True
    return False


def has_answer(text: str, question: Question) -> bool:
    """Tell whether a text has all the numbers, or the code or formula, of the right answer."""
    if isinstance(question, Choice):
        right = question.options[question.solution()].text
        (pieces, *_) = paragraphs(right)
        code = len(pieces) == 1 and pieces[0].kind in ("code", "math")
        # A single name occurs everywhere.
        name = len(right) <= 10 or re.fullmatch(r"\w+", right[1:-1])
        return code and not name and "".join(right[1:-1].split()) in "".join(text.split())
    if not isinstance(question, LineValue | Values):
        return False
    answer = np.ravel(np.asarray(question.solution(), dtype=np.float64))
    entries = [value for value in answer if value != round(value, 2)]
    return bool(entries) and all(occurs(value, text) for value in entries)


def without_options(shown: Mapping[str, Any]) -> list[Any]:
    """Text and question of a card; the right option is among the options of its own card."""
    asked = {k: v for k, v in (shown["question"] or {}).items() if k != "options"}
    return [shown["text"], asked]


@pytest.mark.parametrize(
    ("name", "seed"),
    [*((name, SEED) for name in LESSONS), *(("who-made-which-mistake", k) for k in range(4))],
)
def test_a_printed_sheet_has_no_answer(name: str, seed: int) -> None:
    """On paper later cards are seen, too."""
    lesson = cards(name, seed)
    sheet = ["\n".join(text_of([c.title, *without_options(card_on_paper(c))])) for c in lesson]
    given_away = [
        (other.name, "has the answer of", card.name)
        for card in lesson
        for other, text in zip(lesson, sheet, strict=True)
        if card.question is not None and has_answer(text, card.question)
    ]
    assert [each for each in given_away if (name, each[2]) not in RECOGNISED] == []


@pytest.mark.parametrize("name", list(LESSONS))
def test_no_text_has_the_answer_before_it_is_given(name: str) -> None:
    lesson = cards(name, SEED)
    texts = []
    titles = [card.title for card in lesson]  # in the outline, so known from the first card on
    for card in lesson:
        question = card.question
        hints = [] if question is None else [rich(hint) for hint in hints_of(question)]
        before = "\n".join(text_of([titles, without_options(card_shown(card)), hints]))
        after = question and text_of(marked(question.mark(question.solution()), card))
        texts.append((before, "\n".join([before, *(after or ())])))
    given_away = []
    for k, card in enumerate(lesson):
        given_away += [
            (at, "has the answer of", k, card.name)
            for at in range(k + 1)
            if card.question is not None and has_answer(texts[at][at < k], card.question)
        ]
    expected = [each for each in given_away if (name, each[3]) not in RECOGNISED]
    assert expected == []


def test_a_right_option_is_rarely_the_longest() -> None:
    """Taking the longest option is right in at most 45 choices; guessing gives about 38."""
    choices = [
        card.question.options
        for name in LESSONS
        for card in cards(name, SEED)
        if isinstance(card.question, Choice)
    ]
    longest = [max(options, key=lambda option: len(option.text)) for options in choices]
    assert len(choices) > 120
    assert sum(option.right for option in longest) <= 45
