"""What the browser tests of lessons share: opening one, answering, reading what is said."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, expect

from backprop_explorer.lessons.functions import WrittenFunction
from backprop_explorer.lessons.number_questions import LineValue
from backprop_explorer.lessons.questions import Choice, CodeLine, Question, Shape, Signs
from backprop_explorer.lessons.seed import Seed
from tests.browser import READY, TWO_FRAMES, WALKING, action, readout, until
from tests.helpers.lessons import ONE, cards, place, right_answers

SEED = 7
SIGNED = place(Signs)
DA, DZ, DW = (place(LineValue, line) for line in ("dC_da1", "dC_dz1", "dC_dW1"))
COUNT = sum(card.question is not None for card in cards(ONE, SEED))
SIGNS = {-1: "negative", 0: "zero", 1: "positive"}
MOST_FIELDS = 24
FILL = """(fields, values) => fields.forEach((field, k) => {
    field.value = values[k];
    field.dispatchEvent(new Event('input', { bubbles: true }));
})"""

# Plays a lesson in the page itself, at each card waiting for what has to come, and presses only
# what can be seen. What does not come within 20 seconds is said in an error.
PLAY = f"""async (cards) => {{ {WALKING}
    const one = (selector) => document.querySelector(selector);
    const readout = (name) => one(`[data-readout="${{name}}"]`);
    const says = (name, text) => readout(name)?.textContent.replace(/\\s+/g, ' ').trim() === text;
    const button = (name) => one(`[data-action="${{name}}"]`);
    const inForm = (rest) => one(`[data-panel="lesson"] form.question ${{rest}}`);
    const each = (found, values, put) => {{
        if (found.length !== values.length) throw new Error(`${{found.length}} fields`);
        found.forEach((field, k) => put(field, values[k]));
    }};
    const type = (field, value) => {{
        field.value = value;
        field.dispatchEvent(new Event('input', {{ bubbles: true }}));
    }};
    const give = {{
        option: (k) => inForm(`[data-option="${{k}}"] input`).click(),
        shape: (text) => type(inForm('.shape-field'), text),
        array: (text) => type(inForm('textarea'), text),
        numbers: (values) => each(inForm('').querySelectorAll('.entry input'), values, type),
        signs: (names) => each(inForm('').querySelectorAll('.entry'), names,
            (entry, name) => entry.querySelector(`[aria-label="${{name}}"]`).click()),
    }};
    for (const {{ title, shown, question }} of cards) {{
        const need = async (what, happened) => {{
            await until(happened, 20);
            if (!happened()) throw new Error(`card "${{title}}": ${{what}}`);
        }};
        const push = async (name) => {{
            await need(`no ${{name}}`, () => button(name)?.checkVisibility());
            button(name).click();
        }};
        const answer = async ([control, value], kind) => {{
            give[control](value);
            await push('check-answer');
            await need(`not ${{kind}}`, () => readout('mark')?.dataset.kind === kind);
        }};
        await need('another card', () => says('card', title));
        if (shown) {{
            await need(`not ${{shown}}`, () => one(`[data-panel="working"]${{shown}}`));
            await need('not its scene', () => button('back-to-scene')?.disabled);
        }}
        if (question) {{
            if (question.wrong) {{
                await answer(question.wrong, 'wrong');
                const cross = () => inForm('[data-mark="wrong"]')?.checkVisibility();
                await need('no entry is marked', cross);
            }}
            await answer(question.right, 'right');
            if (question.wrong) await need('not two tries', () => says('tries', '2 tries'));
            await need('no focus', () => document.activeElement === button('go-on'));
        }}
        await push('go-on');
    }}
}}"""


# Writes progress, once for a lesson.
REMEMBER = """([name, seed, answers]) => {
    const key = 'backprop-explorer.lessons';
    const kept = localStorage.getItem(key);
    const book = kept ? JSON.parse(kept) : { version: 2, seed, lessons: {} };
    const own = (book.lessons[name] ??= {});
    if (own[seed]) return;
    const done = { result: 'alone', tries: 1, hint: false };
    const cards = Object.entries(answers).map(([card, answer]) => [card, { ...done, answer }]);
    own[seed] = { at: null, cards: Object.fromEntries(cards) };
    localStorage.setItem(key, JSON.stringify(book));
}"""


def remember(page: Page, answers: dict[str, Any], name: str = ONE, seed: Seed = SEED) -> None:
    """Let the browser have these answers, by card, when the lesson is opened."""
    if page.url == "about:blank":
        page.goto("/static/icon.svg")  # of the same origin, and without scripts
    page.evaluate(REMEMBER, [name, str(seed), answers])


def open_lesson(page: Page, name: str = ONE, seed: Seed = SEED, card: int | None = None) -> None:
    """Open a lesson at a card counted from 0, and wait until it can be answered.

    The questions before it are answered, unless the browser knows of answers.
    """
    if card is not None:
        remember(page, right_answers(name, seed, card), name, seed)
    page.goto(f"/lessons/{name}?seed={seed}" + ("" if card is None else f"#card={card + 1}"))
    until(page, READY)
    expect(page.locator("body")).to_have_attribute("data-ready", "true")
    expect(readout(page, "card")).not_to_be_empty()


def lesson(page: Page) -> Locator:
    return page.locator('[data-panel="lesson"]')


def question_of(card: int, name: str = ONE, seed: Seed = SEED) -> Question:
    question = cards(name, seed)[card].question
    assert question is not None
    return question


def entered(question: Question, answer: Any) -> tuple[str, Any]:
    """The control of a question's kind, and what is put into it for an answer."""
    if isinstance(question, Choice | CodeLine):
        return "option", int(answer)
    if isinstance(question, WrittenFunction):
        return "shape", answer
    if isinstance(question, Shape):
        return "shape", f"({', '.join(map(str, answer))})"
    flat = np.array(answer).ravel().tolist()
    if isinstance(question, Signs):
        return "signs", [SIGNS[sign] for sign in flat]
    if len(flat) > MOST_FIELDS:
        return "array", json.dumps(answer)
    return "numbers", [repr(value) for value in flat]


def give(page: Page, question: Question, answer: Any) -> None:
    """Put an answer into the control of its kind."""
    form = lesson(page).locator("form.question")
    control, value = entered(question, answer)
    if control == "option":
        form.locator(f'[data-option="{value}"] input').check()
    elif control == "signs":
        for k, sign in enumerate(value):
            form.locator(f'[data-entry="{k}"]').get_by_label(sign, exact=True).click()
    elif control == "numbers":
        # All at once: one after the other takes as long as all else in a lesson.
        form.locator(".entry input").evaluate_all(FILL, value)
    else:
        form.locator(".shape-field" if control == "shape" else "textarea").fill(value)


def check(page: Page, outcome: str) -> None:
    """Press the button and wait for the mark."""
    action(page, "check-answer").click()
    until(page, f'[data-readout="mark"][data-kind="{outcome}"]')
    expect(readout(page, "mark")).to_have_attribute("data-kind", outcome)


def answer(page: Page, card: int, name: str = ONE, seed: Seed = SEED) -> None:
    question = question_of(card, name, seed)
    give(page, question, question.solution())
    check(page, "right")


def go_on(page: Page, title: str) -> None:
    action(page, "go-on").click()
    expect(readout(page, "card")).to_have_text(title)


def results(page: Page) -> list[str]:
    found = page.locator(".card-dot").evaluate_all("all => all.map(e => e.dataset.result)")
    return [each for each in found if each != "text"]


def everything_said(page: Page) -> str:
    """All text of the page beside the lesson: what is seen, and what is told or shown on top.

    What was pressed before is drawn.
    """
    page.evaluate(TWO_FRAMES)
    return str(
        page.evaluate(
            """() => [...document.querySelectorAll('body *')]
                .filter(e => !e.closest('[data-panel="lesson"]'))
                .flatMap(e => [e.title, e.getAttribute('aria-label'),
                    e.getAttribute('aria-valuetext'),
                    ...[...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data)])
                .filter(Boolean).join('\\n')"""
        )
    )
