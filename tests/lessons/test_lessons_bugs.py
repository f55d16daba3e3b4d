"""The "find the bug" lessons: the faulty code shows its symptom, and the fix removes it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from backprop_explorer.lessons.content.bugs import bug_the_same_probabilities
from backprop_explorer.lessons.questions import CodeLine
from tests.helpers.bug_lessons import batch_of, executed, line_of, listing_of, named, run_batch
from tests.helpers.cases import exhaustive
from tests.helpers.lesson_rules import card, cards_of, mark
from tests.helpers.lessons import LESSONS

BUGS = [lesson for lesson in LESSONS.values() if lesson.group == "bugs"]
NAMES = [lesson.name for lesson in BUGS]


def test_another_line_than_the_wrong_one_is_not_right() -> None:
    asked = set()
    for lesson in BUGS:
        for each in (each for seed in range(3) for each in cards_of(lesson, seed)):
            if isinstance(found := each.question, CodeLine):
                asked.add(lesson.name)
                assert not found.mark((found.solution() + 1) % len(found.code.split("\n"))).right
    assert len(asked) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_a_program_with_several_faults_says_how_many(name: str) -> None:
    """Each wrong line has a reason of its own, and without its repair the program stays wrong."""
    words = {2: "two", 7: "seven"}
    for each in cards_of(LESSONS[name], 0):
        if isinstance(found := each.question, CodeLine) and len(found.wrong) > 1:
            assert words[len(found.wrong)] in found.prompt
            reasons = {repair.line: found.mark(repair.line).message for repair in found.repairs}
            assert len(set(reasons.values())) == len(found.wrong) == len(found.repairs)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dC_da @ ders", "raises the error"),
        ("np.diag(sigmoid", "three of the (5, 3) slopes"),
        ("np.diag(np.where", "four of the (5, 4) slopes"),
        ("len(predict)", "counts the samples only"),
        ("dC_dz @ W", "its transpose belongs here"),
        ("np.outer", "flattens both matrices"),
        ("dC_db = dC_dz", "all samples share one"),
    ],
)
def test_each_of_seven_faults_is_named_and_is_one(line: str, said: str) -> None:
    found = listing_of("bug-worked-for-one-sample")
    (at,) = [k for k, each in enumerate(found.code.split("\n")) if line in each]
    assert said in " ".join(found.mark(at).message.split())
    # With all other lines repaired, this one alone makes the program wrong.
    lesson = LESSONS["bug-worked-for-one-sample"]
    others = [repair for repair in found.repairs if repair.line != at]
    names = batch_of(lesson, 0)
    right = run_batch(executed(found.fixed), names)
    wrong = run_batch(executed(replace(found, repairs=others).fixed), names)
    assert right is not None
    assert wrong is None or any(
        w.shape != r.shape or not np.allclose(w, r)
        for pairs in zip(wrong, right, strict=True)
        for w, r in zip(*pairs, strict=True)
    )


# A softmax over the batch ----------------------------------------------------------------------


def iris() -> tuple[Any, Any]:
    from sklearn.datasets import load_iris  # here, because it takes a second

    data = load_iris()
    return data.data, np.eye(3)[data.target]


def iris_layers(seed: int) -> list[tuple[Any, Any]]:
    state = np.random.RandomState(seed)
    return [(state.randn(n, m), state.randn(m)) for n, m in ((4, 8), (8, 3))]


def iris_cost(names: dict[str, Any]) -> Any:
    x, target = iris()
    activations = [lambda z: 1 / (1 + anp.exp(-z)), names["softmax"]]

    def cost(layers: Any) -> Any:
        p = names["feed_forward_batch"](x, layers, activations)
        return names["cross_entropy"](p, target)

    return cost, lambda layers: names["feed_forward_batch"](x, layers, activations)


SOFTMAX = LESSONS["bug-the-same-probabilities"]


@cache
def softmax_listing() -> CodeLine:
    """The listing; made in the tests, because scikit-learn takes a second to import for it."""
    return listing_of("bug-the-same-probabilities")


def test_softmax_of_one_flower_is_always_the_same() -> None:
    softmax = executed(softmax_listing().code)["softmax"]
    for seed in range(5):
        question = card(SOFTMAX, "The same probabilities for every flower", seed).question
        assert question is not None
        z = eval(
            card(SOFTMAX, "The same probabilities for every flower", seed)
            .text.split("`z = ")[1]
            .split("`")[0],
            {"np": np},
        )
        np.testing.assert_allclose(softmax(z), np.full((1, 3), 1 / 3))
        assert question.mark(softmax(z).tolist()).right
        cured = executed(softmax_listing().fixed)["softmax"](z)
        np.testing.assert_allclose(cured, np.exp(z) / np.exp(z).sum())
        marked = question.mark(cured.tolist())
        assert not marked.right
        assert "what softmax should return" in marked.message


def test_softmax_gradient_of_the_output_bias_is_zero() -> None:
    names, fixed = executed(softmax_listing().code, anp), executed(softmax_listing().fixed, anp)
    layers, (_, target) = iris_layers(0), iris()
    cost, predict = iris_cost(names)
    difference = (predict(layers) - target).sum(axis=0)
    np.testing.assert_allclose(difference, [-6.85, 6.40, 0.45], atol=0.005)
    np.testing.assert_allclose(bug_the_same_probabilities.iris_difference(), difference, rtol=1e-10)
    (_, _), (_, db) = grad(cost)(layers)
    np.testing.assert_allclose(db, 0.0, atol=1e-12)
    assert mark(SOFTMAX, "What autograd says", str(db)).right
    assert "Autograd knows no such rule" in mark(SOFTMAX, "What autograd says", difference).message
    # With the fix they agree.
    cost, predict = iris_cost(fixed)
    (_, _), (_, db) = grad(cost)(layers)
    np.testing.assert_allclose(db, (predict(layers) - target).sum(axis=0), rtol=1e-10)
    # The page shows these weights, with a correct softmax.
    shown = bug_the_same_probabilities.iris_recipe()["network"]["weights"]
    for each, (W, b) in zip(shown, layers, strict=True):
        np.testing.assert_array_equal(each["W"], W)
        np.testing.assert_array_equal(each["b"], b)


@pytest.mark.parametrize(("seed", "accuracy"), [exhaustive(0, 0.960), (2, 0.667)])
def test_softmax_over_the_batch_is_stuck_with_one_of_five_seeds(seed: int, accuracy: float) -> None:
    told = re.findall(r"([0-9.]+)\s%", card(SOFTMAX, "A high accuracy proves nothing").text)
    assert float(told[seed]) == pytest.approx(100 * accuracy)
    layers, (_, target) = iris_layers(seed), iris()
    cost, predict = iris_cost(executed(softmax_listing().code, anp))
    gradient = grad(cost)
    for _ in range(2000):
        layers = [
            (W - 0.001 * dW, b - 0.001 * db)
            for (W, b), (dW, db) in zip(layers, gradient(layers), strict=True)
        ]
    found = (predict(layers).argmax(axis=1) == target.argmax(axis=1)).mean()
    assert found == pytest.approx(accuracy, abs=0.0005)


def test_softmax_over_the_batch_is_named() -> None:
    softmax, fixed = (
        executed(code)["softmax"] for code in (softmax_listing().code, softmax_listing().fixed)
    )
    for seed in range(5):
        z = line_of(SOFTMAX, "A batch of three", seed).working["z1"]
        assert named(SOFTMAX, "A batch of three", softmax(z), seed) == "softmax_wrong_axis"
        assert mark(SOFTMAX, "A batch of three", str(fixed(z)), seed).right
