"""The pages in other browser engines: the explorer's lines, the checker, a lesson.

Firefox everywhere; WebKitGTK on Linux, since there is none for other systems.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from backprop_explorer.lessons.questions import Choice, CodeLine, Question, Shape, Signs
from tests.browser import SHOW_ONLY
from tests.helpers.cases import exhaustive
from tests.helpers.lesson_page import MOST_FIELDS, PLAY, SEED, SIGNS, entered
from tests.helpers.lessons import cards
from tests.helpers.webdriver import ARROW_LEFT, ARROW_RIGHT, Firefox, WebDriver, WebKit
from tests.page.test_network import WALK, check_lines
from tests.page.test_working import FIRST_VISIT

# The shortest lesson with five kinds of questions.
LESSON = "first-layer"
ENGINES = [Firefox, WebKit] if sys.platform == "linux" else [Firefox]
WORKING = """async () => {
    const sent = performance.getEntriesByType('resource').map(({ name }) => name);
    const newest = sent.filter((url) => /\\/trace\\b/.test(url)).at(-1);
    return (await fetch(newest.replace(/&(lines|formulas)=[^&]*/g, ''))).json();
}"""

STEP_FIVE = """() => new Promise((done) => {
    const step = document.querySelector('[data-readout="step"]');
    const look = () => (Number(step.textContent) >= 5 ? done() : setTimeout(look, 20));
    look();
})"""
# The step, once it has not changed for a fifth of a second and its working is shown.
AT_REST = """() => new Promise((done) => {
    const shown = document.querySelector('[data-readout="step"]');
    const working = document.querySelector('[data-panel="working"]');
    let last = null, looks = 0;
    const look = () => {
        const step = shown.textContent;
        looks = step === last && step === working.dataset.step ? looks + 1 : 0;
        last = step;
        if (looks < 10) setTimeout(look, 20);
        else done(Number(step));
    };
    look();
})"""


# The parts of a lesson are those of the explorer and of the checker, which both engines show.
in_firefox = pytest.mark.parametrize(
    "window", [ENGINES[0], *map(exhaustive, ENGINES[1:])], indirect=True, scope="module"
)


@pytest.fixture(scope="module", params=ENGINES)
def window(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebDriver]:
    """One window of each engine for the tests of this file."""
    with request.param(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


# A line of each kind, and all lines by keys. What an engine does not understand of the page's
# scripts and styles, it does not understand in any line of that kind.
KINDS = ("z1", "a1", "C", "dC_dz3", "dC_da2", "dC_dW2", "dC_db1", "W1_next")


@pytest.mark.parametrize(
    "way", ["kinds", exhaustive("ArrowRight"), exhaustive("ArrowLeft")], ids=str
)
def test_the_explorer_plays_and_shows_its_lines(window: WebDriver, server: str, way: str) -> None:
    window.open(f"{server}/#numbers=sample")
    window.click('[data-action="play"]')
    window.evaluate(STEP_FIVE)
    window.click('[data-action="pause"]')
    step = window.evaluate(AT_REST)
    trace: dict[str, Any] = window.evaluate(WORKING)
    assert trace["step"] == step
    ids = [line["id"] for line in trace["lines"]]
    if back := way == "ArrowLeft":
        ids.reverse()
    # A figure that cannot be drawn has no size.
    sizes = window.evaluate(
        """() => [...document.querySelectorAll('.js-plotly-plot .main-svg')]
            .map((drawing) => drawing.getBoundingClientRect().width)"""
    )
    assert sizes
    assert min(sizes) > 100
    first, second, *others = ids
    window.click(f'[data-panel="ribbon"] [data-line="{first}"]')
    seen = window.evaluate(WALK, [["", first]])
    # One key is pressed by the browser; a script in the page sends the others, which is faster.
    window.press(ARROW_LEFT if back else ARROW_RIGHT)
    seen += window.evaluate(WALK, [["", second]])
    # Painting the rest of the page takes half of the time.
    window.evaluate(SHOW_ONLY, ".network")
    if way == "kinds":
        assert ids == FIRST_VISIT
        way, others = "click", [line for line in KINDS if line not in (first, second)]
    seen += window.evaluate(WALK, [[way, line] for line in others])
    check_lines(window, trace, [first, second, *others], seen)
    assert window.errors() == []


def test_the_checker_marks_its_example(window: WebDriver, server: str) -> None:
    window.open(f"{server}/check")
    window.click('[data-action="check"]')
    window.until('[data-readout="first-wrong"]')
    assert "dC_dz1" in window.text('[data-readout="first-wrong"]')
    marked = window.evaluate(
        """() => [...document.querySelectorAll('[data-panel="marking"] [data-line]')]
            .map(({ dataset }) => dataset.verdict)"""
    )
    assert {"correct", "wrong"} <= set(marked)
    assert window.errors() == []


@in_firefox
def test_a_lesson_is_played_through(window: WebDriver, server: str) -> None:
    window.open(f"{server}/lessons/{LESSON}?seed={SEED}")
    asked = 0
    by_hand: set[type[Question] | None] = set()
    for number, card in enumerate(cards(LESSON, SEED)):
        window.until(f'[data-panel="lesson"][data-card="{number}"]')
        kind = card.question and type(card.question)
        if kind in by_hand:
            # This kind of card was played with real clicks before; a script clicks faster.
            asked += card.question is not None
            right = card.question and entered(card.question, card.question.solution())
            step = {"title": card.title, "shown": None, "question": right and {"right": right}}
            window.evaluate(PLAY, [step])
            continue
        by_hand.add(kind)
        if card.question is not None:
            asked += 1
            give(window, card.question, card.question.solution())
            window.click('[data-action="check-answer"]')
            window.until('[data-readout="mark"][data-kind="right"]')
        # By key, since a click so soon after the other counts as a double click.
        window.press("l")
    window.until('[data-readout="results"]')
    assert f"{asked} answered alone" in window.text('[data-readout="results"]')
    assert window.errors() == []


def give(window: WebDriver, question: Question, answer: Any) -> None:
    """Put an answer into the control of its kind, by clicks and keys."""
    form = '[data-panel="lesson"] form.question'
    if isinstance(question, Choice | CodeLine):
        window.click(f'{form} [data-option="{answer}"] input')
    elif isinstance(question, Shape):
        window.write(f"{form} .shape-field", f"({', '.join(map(str, answer))})")
    elif isinstance(question, Signs):
        for k, sign in enumerate(np.array(answer).ravel().tolist()):
            window.click(f'{form} [data-entry="{k}"] [aria-label="{SIGNS[sign]}"]')
    elif np.size(answer) > MOST_FIELDS:
        window.write(f"{form} textarea", json.dumps(answer))
    else:
        for k, value in enumerate(np.array(answer).ravel().tolist()):
            window.write(f'{form} [data-entry="{k}"] input', repr(value))
