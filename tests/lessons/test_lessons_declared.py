"""The lessons whose numbers are declared in their front matter: what they say is so."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.library import LessonFile
from backprop_explorer.lessons.reading.declared import declared_numbers
from tests.helpers.lesson_rules import card, mark
from tests.helpers.lessons import LESSONS
from tests.helpers.weeks import arrays_in

SEEDS = range(3)


def numbers(name: str, seed: int) -> dict[str, Any]:
    """Return the declared values of a draw."""
    file: Any = LESSONS[name].cards
    lesson: LessonFile = file.__self__
    source = lesson.source
    return declared_numbers(lesson.path, source.front, source.lines, Draw.of(name, seed))


def sigmoid(z: Any) -> Any:
    return 1 / (1 + anp.exp(-z))


def test_numpy_says_what_the_lesson_quotes() -> None:
    lesson = LESSONS["bug-an-error-message"]
    for first, second, title in [
        ((10,), (3, 4), "What the message says"),
        ((10, 4), (3, 4), "Three repairs that run"),
        ((100, 64), (100, 10), "A message from another notebook"),
    ]:
        with pytest.raises(ValueError, match="matmul") as error:
            np.ones(first) @ np.ones(second)
        (sizes,) = re.findall(r"\(size \d+ is different from \d+\)", str(error.value))
        assert sizes in card(lesson, title).text
    numbers_of = arrays_in(card(lesson, "The repaired line").text)
    assert mark(lesson, "The repaired line", numbers_of["dC_dz2"] @ numbers_of["W2"].T).right
    # The line before the error, as in the student's notebook.
    z, dC_da = np.ones((10, 4)), np.ones((4, 10))
    assert (np.diag(z) @ dC_da).shape == (10,)
    b2 = np.zeros(4) - 0.1 * np.ones((5, 4))
    assert mark(lesson, "No message at all", b2.size).right


def test_a_column_minus_a_row() -> None:
    lesson = LESSONS["bug-the-same-answer"]
    for seed in SEEDS:
        given = arrays_in(card(lesson, "One output, four samples", seed).text)
        a = sigmoid(given["x"] @ given["W"] + given["b"])
        difference = a - given["target"]
        assert mark(lesson, "One output, four samples", str(difference.shape), seed).right
        assert mark(lesson, "The number that is printed", np.mean(difference**2), seed).right
        right = np.mean((a - given["target"][:, np.newaxis]) ** 2)
        assert "the diagonal" in mark(lesson, "The number that is printed", right, seed).message
        wrong = grad(lambda out, y=given["target"]: anp.mean((out - y) ** 2))(a)
        assert "with 16 squares" in mark(lesson, "The gradient", wrong, seed).message
        # Its lowest value is at the mean of the targets.
        mean = np.full((4, 1), given["target"].mean())
        gradient = grad(lambda out, y=given["target"]: anp.mean((out - y) ** 2))(mean)
        np.testing.assert_allclose(gradient, 0, atol=1e-12)


def test_checking_a_gradient() -> None:
    lesson = LESSONS["checking-a-gradient"]
    for seed in SEEDS:
        given = arrays_in(card(lesson, "A quotient", seed).text)
        x, target = given["x"], given["target"]

        def cost(W: Any, b: Any, x: Any = x, target: Any = target) -> Any:
            return anp.mean((sigmoid(W @ x + b) - target) ** 2)

        W, b = given["W"], given["b"]
        right = grad(cost, (0, 1))(W, b)

        def quotient(h: float, W: Any = W, b: Any = b, cost: Any = cost) -> Any:
            step = h * np.eye(4)[0].reshape(2, 2)
            return (cost(W + step, b) - cost(W - step, b)) / (2 * h)

        assert mark(lesson, "A quotient", quotient(0.01), seed).right
        assert mark(lesson, "The chain rule", right[0], seed).right
        steps = 1e-5 * np.eye(2)
        measured = [(cost(W, b + step) - cost(W, b - step)) / 2e-5 for step in steps]
        assert mark(lesson, "A loop over all entries", measured, seed).right
        step = np.full(2, 1e-5)
        at_once = np.full(2, (cost(W, b + step) - cost(W, b - step)) / 2e-5)
        said = mark(lesson, "A loop over all entries", at_once, seed).message
        assert "one at a time" in " ".join(said.split())
        errors = {h: abs(quotient(h) - right[0][0, 0]) for h in (1e-1, 1e-5, 1e-15)}
        assert min(errors, key=lambda h: errors[h]) == 1e-5
    assert mark(lesson, "What it costs", 2 * 382).right
    # The absolute tolerance of NumPy is larger than such a gradient.
    assert np.allclose(0.0, 1e-9)


def test_scaling_helps_on_wine() -> None:
    for seed in SEEDS:
        n = numbers("scaling-inputs", seed)
        assert n["scaled_end"].cost < 0.5 * n["raw_end"].cost
        f = n["f"]
        right = (f[0] - f.mean()) / f.std()
        assert mark(LESSONS["scaling-inputs"], "Standardising", right, seed).right
        wrong = (f[0] - f.mean()) / f.std(ddof=1)
        said = mark(LESSONS["scaling-inputs"], "Standardising", wrong, seed).message
        assert "divides by $n - 1$" in said
        g = arrays_in(card(LESSONS["scaling-inputs"], "The test part", seed).text)["x_test"]
        right = (g - f.mean()) / f.std()
        assert mark(LESSONS["scaling-inputs"], "The test part", right, seed).right
        own = (g - g.mean()) / g.std()
        assert "own mean" in mark(LESSONS["scaling-inputs"], "The test part", own, seed).message


def test_four_answers() -> None:
    lesson = LESSONS["who-made-which-mistake"]
    for seed in SEEDS:
        working = numbers("who-made-which-mistake", seed)["working"]
        given = numbers("who-made-which-mistake", seed)
        a, dC_da, dC_dz = (given[name] for name in ("a", "da", "dz"))
        other = replace(working, x=given["x2"][None], target=given["y2"][None])
        np.testing.assert_allclose(
            (a, dC_da, dC_dz), [other[n] for n in ("a1", "dC_da1", "dC_dz1")]
        )
        np.testing.assert_allclose(dC_da / dC_dz, 1 / (a * (1 - a)))
        slope = sigmoid(a) * (1 - sigmoid(a))
        assert ((slope > 0.19) & (slope <= 0.25)).all()
        eve = working["dC_da1"] * working["a1"]
        assert mark(lesson, "A fifth answer", eve, seed).right
