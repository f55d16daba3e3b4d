"""The "find the bug" lessons: the faulty code shows its symptom, and the fix removes it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from backprop_explorer.lessons.content.bugs import bug_softmax_over_the_batch
from backprop_explorer.lessons.lesson import Lesson
from backprop_explorer.lessons.number_questions import LineValue
from backprop_explorer.lessons.own import LESSONS
from backprop_explorer.lessons.questions import CodeLine
from backprop_explorer.tutor.checker import check
from backprop_explorer.tutor.reading.arrays import parse_array
from tests.helpers.cases import exhaustive
from tests.helpers.lesson_rules import (
    card,
    cards_of,
    mark,
    written,
)

BUGS = [lesson for lesson in LESSONS.values() if lesson.group == "bugs"]
NAMES = [lesson.name for lesson in BUGS]


def listing_of(name: str) -> CodeLine:
    """Return the question that asks for the wrong line: its code, and the code repaired."""
    (found,) = [
        each.question for each in cards_of(LESSONS[name], 0) if isinstance(each.question, CodeLine)
    ]
    assert all(each.fix is not None for each in found.repairs)
    return found


def executed(code: str, numpy: Any = np) -> dict[str, Any]:
    """Return the functions that ``code`` defines."""
    names: dict[str, Any] = {"np": numpy}
    exec(code, names)
    return names


def solved(lesson: Lesson, title: str, seed: int) -> tuple[str, Any]:
    """Return a card's title and its right answer."""
    question = card(lesson, title, seed).question
    assert question is not None
    return title, question.solution()


def line_of(lesson: Lesson, title: str, seed: int = 0) -> LineValue:
    question = card(lesson, title, seed).question
    assert isinstance(question, LineValue)
    return question


def named(lesson: Lesson, title: str, wrong: Any, seed: int = 0) -> str | None:
    """Return the checker's first misconception for ``wrong``, printed as NumPy does.

    The card names the same one.
    """
    question = line_of(lesson, title, seed)
    printed = str(np.asarray(wrong))
    working = question.working
    result = check(working.trace, working.notation, {question.line: parse_array(printed)})
    assert result.verdict == "wrong"
    first = result.diagnoses[0].misconception if result.diagnoses else None
    marked = question.mark(printed)
    assert not marked.right
    assert marked.misconception == first
    return first


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
        ("dC_da @ activation_ders", "raises the error"),
        ("np.diag(sigmoid", "three of the (5, 3) slopes"),
        ("np.diag(np.where", "four of the (5, 4) slopes"),
        ("len(predict)", "counts the samples only"),
        ("dC_dz @ W", "its transpose belongs here"),
        ("np.outer", "flattens both matrices"),
        ("dC_db = dC_dz", "all samples share one"),
    ],
)
def test_each_of_seven_faults_is_named_and_is_one(line: str, said: str) -> None:
    found = listing_of("bug-one-sample-formulas")
    (at,) = [k for k, each in enumerate(found.code.split("\n")) if line in each]
    assert said in " ".join(found.mark(at).message.split())
    # With all other lines repaired, this one alone makes the program wrong.
    lesson = LESSONS["bug-one-sample-formulas"]
    others = [repair for repair in found.repairs if repair.line != at]
    names = given_without_the_call(lesson, 0)
    right = run_batch(executed(found.fixed), names)
    wrong = run_batch(executed(replace(found, repairs=others).fixed), names)
    assert right is not None
    assert wrong is None or any(
        w.shape != r.shape or not np.allclose(w, r)
        for pairs in zip(wrong, right, strict=True)
        for w, r in zip(*pairs, strict=True)
    )


def run_batch(code: dict[str, Any], names: dict[str, Any]) -> Any:
    """Call ``backpropagation_batch`` of a program with the numbers of the first card.

    Returns None if shapes do not fit.
    """
    activations, ders = ([code[name] for name in pair] for pair in (FORWARD, BACKWARD))
    with suppress(ValueError):
        return code["backpropagation_batch"](
            names["inputs"], names["layers"], activations, names["target"], ders
        )
    return None


FORWARD, BACKWARD = ("sigmoid", "ReLU"), ("sigmoid_der", "ReLU_der")


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


SOFTMAX = LESSONS["bug-softmax-over-the-batch"]


@cache
def softmax_listing() -> CodeLine:
    """The listing; made in the tests, because scikit-learn takes a second to import for it."""
    return listing_of("bug-softmax-over-the-batch")


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
    np.testing.assert_allclose(bug_softmax_over_the_batch.iris_difference(), difference, rtol=1e-10)
    (_, _), (_, db) = grad(cost)(layers)
    np.testing.assert_allclose(db, 0.0, atol=1e-12)
    assert mark(SOFTMAX, "What autograd says", str(db)).right
    assert "Autograd knows no such rule" in mark(SOFTMAX, "What autograd says", difference).message
    # With the fix they agree.
    cost, predict = iris_cost(fixed)
    (_, _), (_, db) = grad(cost)(layers)
    np.testing.assert_allclose(db, (predict(layers) - target).sum(axis=0), rtol=1e-10)
    # The page shows these weights, with a correct softmax.
    shown = bug_softmax_over_the_batch.iris_recipe()["network"]["weights"]
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
        z = line_of(SOFTMAX, "A batch of three", seed).working.shown("z1")
        assert named(SOFTMAX, "A batch of three", softmax(z), seed) == "softmax_wrong_axis"
        assert mark(SOFTMAX, "A batch of three", str(fixed(z)), seed).right


# Other faults ----------------------------------------------------------------------------------


def given(lesson: Lesson, seed: int) -> dict[str, Any]:
    """Return the numbers in the code block of the first card."""
    block = cards_of(lesson, seed)[0].text.split("```")[1]
    return executed(block)


def test_activation_for_weight() -> None:
    lesson, listing = LESSONS["bug-activation-for-weight"], listing_of("bug-activation-for-weight")
    for seed in range(5):
        names = given(lesson, seed)
        numbers = [names[name] for name in ("w1", "b1", "w2", "b2", "x", "y")]
        w1, *others = numbers
        cost = executed(listing.code, anp)["cost"]
        faulty = names["dC_dw1"](*numbers)
        right = grad(cost)(*numbers)
        assert executed(listing.fixed)["dC_dw1"](*numbers) == pytest.approx(right, rel=1e-10)
        # The symptom: another size and sign, so descent climbs.
        assert faulty * right < 0
        assert cost(w1 - 0.5 * faulty, *others) > cost(*numbers) > cost(w1 - 0.5 * right, *others)
        # The two costs differ visibly in the text, however small the difference.
        why = mark(lesson, *solved(lesson, "What the fault does", seed), seed).message
        grows, falls = (written(each) for each in re.findall(r"by \$(.*?)\$", why))
        assert grows == pytest.approx(cost(w1 - 0.5 * faulty, *others) - cost(*numbers), rel=0.01)
        assert falls == pytest.approx(cost(*numbers) - cost(w1 - 0.5 * right, *others), rel=0.01)
        first = "Two numbers that should agree"
        assert f"{faulty:.8f}" in card(lesson, first, seed).text
        assert f"{right:.8f}" in card(lesson, first, seed).text
        assert mark(lesson, first, faulty / right, seed).right
        assert "other way round" in mark(lesson, first, right / faulty, seed).message
        wrong_da1 = faulty / (names["x"] * slope(w1 * names["x"] + names["b1"]))
        name = named(lesson, "The line, in numbers", [wrong_da1], seed)
        assert name == "activation_instead_of_weights"
        assert mark(lesson, "The line, in numbers", [wrong_da1 * right / faulty], seed).right
        assert mark(lesson, "The repaired gradient", [[right]], seed).right
        assert not mark(lesson, "The repaired gradient", [[faulty]], seed).right


def slope(z: Any) -> Any:
    return np.exp(-z) / (1 + np.exp(-z)) ** 2


def unit_cost(W: Any, b: Any, x: Any, target: Any, names: dict[str, Any]) -> Any:
    """The mean squared error of one layer of sigmoids."""
    return names["mse"](names["sigmoid"](x @ W + b), target)


def test_wrong_sign() -> None:
    lesson, listing = LESSONS["bug-wrong-sign"], listing_of("bug-wrong-sign")
    for seed in range(5):
        names, fixed = given(lesson, seed), executed(listing.fixed)
        W, b, x, target = (names[name] for name in ("W", "b", "x", "target"))
        cost = executed(listing.code, anp)
        right = grad(unit_cost)(W, b, x, target, names=cost)
        faulty, faulty_b = names["gradients"](W, b, x, target)
        np.testing.assert_allclose(faulty, -right, rtol=1e-10)
        np.testing.assert_allclose(fixed["gradients"](W, b, x, target)[0], right, rtol=1e-10)
        for eta in (0.5, 0.001):
            costs = [names["train"](W, b, x, target, eta, steps) for steps in (0, 1, 5, 20)]
            assert np.all(np.diff(costs) > 0)
            cured = [fixed["train"](W, b, x, target, eta, steps) for steps in (0, 1, 5, 20)]
            assert np.all(np.diff(cured) < 0)
        a = names["sigmoid"](x @ W + b)
        assert mark(lesson, "Signs, before numbers", np.sign(a - target), seed).right
        assert not mark(lesson, "Signs, before numbers", np.sign(target - a), seed).right
        line = "The line, in numbers"
        assert named(lesson, line, (target - a) / 2, seed) == "cost_gradient_sign"
        assert mark(lesson, line, (a - target) / 2, seed).right
        assert named(lesson, "The gradient of the weights", faulty, seed) == "cost_gradient_sign"
        assert named(lesson, "One step, the right way", b - 0.5 * faulty_b, seed) in (
            "gradient_ascent",
            "cost_gradient_sign",
        )
        assert mark(lesson, "One step, the right way", b + 0.5 * faulty_b, seed).right


def two_layer_cost(layers: Any, x: Any, target: Any) -> Any:
    """The mean squared error of layers of sigmoids, W (n_out, n_in)."""
    a = x
    for W, b in layers:
        a = 1 / (1 + anp.exp(-(W @ a + b)))
    return anp.mean((a - target) ** 2)


def test_output_for_input() -> None:
    lesson, listing = LESSONS["bug-output-for-input"], listing_of("bug-output-for-input")
    for seed in range(5):
        names = given(lesson, seed)
        arguments = [names[name] for name in ("layers", "x", "target")]
        right = grad(two_layer_cost)(*arguments)
        faulty = names["backpropagation"](*arguments)
        cured = executed(listing.fixed)["backpropagation"](*arguments)
        for (W, b), (wrong_W, same_b), (cured_W, cured_b) in zip(right, faulty, cured, strict=True):
            np.testing.assert_allclose(same_b, b, rtol=1e-10)
            np.testing.assert_allclose(cured_b, b, rtol=1e-10)
            np.testing.assert_allclose(cured_W, W, rtol=1e-10)
            assert not np.allclose(wrong_W, W, rtol=0.01)
        assert np.array2string(faulty[0][0], precision=8) in lesson_text(lesson, seed)
        quotient = faulty[0][0][0] / faulty[0][1][0]
        assert mark(lesson, "Divide", quotient, seed).right
        assert "should come out" in mark(lesson, "Divide", names["x"], seed).message
        for title, layer in (("Layer 1, in numbers", 0), ("Layer 2, in numbers", 1)):
            name = named(lesson, title, faulty[layer][0], seed)
            assert name == "activation_of_wrong_layer"
            assert mark(lesson, title, str(right[layer][0]), seed).right
    # With other layer sizes NumPy would raise an error.
    layers = [(np.ones((2, 3)), np.ones(2)), (np.ones((2, 2)), np.ones(2))]
    faulty = executed(listing.code)["backpropagation"](layers, np.ones(3), np.ones(2))
    assert mark(lesson, "Why there was no error", list(faulty[0][0].shape)).right
    with pytest.raises(ValueError, match="broadcast"):
        layers[0][0] - faulty[0][0]


def lesson_text(lesson: Lesson, seed: int) -> str:
    return "\n".join(each.text for each in cards_of(lesson, seed))


def test_weights_not_turned() -> None:
    lesson, listing = LESSONS["bug-weights-not-turned"], listing_of("bug-weights-not-turned")
    for seed in range(5):
        names = given(lesson, seed)
        arguments = [names[name] for name in ("layers", "x", "target")]
        right = grad(two_layer_cost)(*arguments)
        faulty = names["backpropagation"](*arguments)
        cured = executed(listing.fixed)["backpropagation"](*arguments)
        for ours, theirs in zip(cured, right, strict=True):
            np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-9)
            np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-9)
        np.testing.assert_allclose(faulty[1][0], right[1][0], rtol=1e-10)
        assert not np.allclose(faulty[0][1], right[0][1], rtol=0.05)
        # The unit-by-unit sum uses the columns of W2.
        W2, dC_dz2 = names["W2"], right[1][1]
        one = W2[0, 0] * dC_dz2[0] + W2[1, 0] * dC_dz2[1]
        assert mark(lesson, "One unit, two paths", one, seed).right
        row = W2[0, 0] * dC_dz2[0] + W2[0, 1] * dC_dz2[1]
        assert "along a row" in mark(lesson, "One unit, two paths", row, seed).message
        line = "The line, in numbers"
        assert named(lesson, line, W2 @ dC_dz2, seed) == "weights_transposed_backward"
        assert mark(lesson, line, str(W2.T @ dC_dz2), seed).right
        name = named(lesson, "Down to the bias", faulty[0][1], seed)
        assert name == "weights_transposed_backward"
        assert mark(lesson, "Down to the bias", str(right[0][1]), seed).right
    layers = [(np.ones((2, 2)), np.ones(2)), (np.ones((3, 2)), np.ones(3))]
    with pytest.raises(ValueError, match="mismatch"):
        executed(listing.code)["backpropagation"](layers, np.ones(2), np.ones(3))


def test_slope_of_sigmoid() -> None:
    lesson, listing = LESSONS["bug-slope-of-sigmoid"], listing_of("bug-slope-of-sigmoid")
    faulty, fixed = executed(listing.code), executed(listing.fixed)
    assert mark(lesson, "A slope that is too steep", faulty["sigmoid_der"](0.0)).right
    should = mark(lesson, "A slope that is too steep", fixed["sigmoid_der"](0.0))
    assert not should.right
    assert "should give" in should.message
    z = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(fixed["sigmoid_der"](z), slope(z))
    np.testing.assert_allclose(faulty["sigmoid_der"](z) / slope(z), 2 * (1 + np.exp(-z)))
    for seed in range(5):
        names = given(lesson, seed)
        W, b, x, target = (names[name] for name in ("W", "b", "x", "target"))
        ((dW, db),) = grad(two_layer_cost)([(W, b)], x, target)
        wrong_W, wrong_b = names["gradients"](W, b, x, target)
        cured_W, cured_b = fixed["gradients"](W, b, x, target)
        np.testing.assert_allclose(cured_W, dW, rtol=1e-9)
        np.testing.assert_allclose(cured_b, db, rtol=1e-9)
        at = round(float((W @ x + b)[0]), 2)
        assert mark(lesson, "What it should be", slope(at), seed).right
        wrong = mark(lesson, "What it should be", faulty["sigmoid_der"](at), seed)
        assert "what the code says" in wrong.message
        name = named(lesson, "The layer, in numbers", wrong_b, seed)
        assert name == "wrong_activation_derivative"
        assert named(lesson, "And the weights", wrong_W, seed) == "wrong_activation_derivative"
        assert mark(lesson, "And the weights", str(dW), seed).right


def batch_cost(layers: Any, x: Any, target: Any, activations: Any) -> Any:
    """The mean squared error of a batch, W (n_in, n_out)."""
    a = x
    for (W, b), activation in zip(layers, activations, strict=True):
        a = activation(a @ W + b)
    return anp.mean((a - target) ** 2)


def test_one_sample_formulas() -> None:
    lesson, listing = LESSONS["bug-one-sample-formulas"], listing_of("bug-one-sample-formulas")
    code, fixed = executed(listing.code), executed(listing.fixed)
    activations = [lambda z: 1 / (1 + anp.exp(-z)), lambda z: anp.maximum(z, 0.0)]
    for seed in range(5):
        block = cards_of(lesson, seed)[0].text.split("```")[1]
        with pytest.raises(ValueError, match="size 4 is different from 5"):
            executed(block)
        names = given_without_the_call(lesson, seed)
        layers, x, target = (names[name] for name in ("layers", "inputs", "target"))
        z1 = x @ layers[0][0] + layers[0][1]
        a1 = code["sigmoid"](z1)
        z2 = a1 @ layers[1][0] + layers[1][1]
        first, second = "It worked for one sample", "What np.diag does"
        assert mark(lesson, first, list(code["mse_der"](code["ReLU"](z2), target).shape)).right
        assert mark(lesson, second, list(code["ReLU_der"](z2).shape), seed).right
        right = grad(batch_cost)(layers, x, target, activations)
        cured = run_batch(fixed, names)
        for ours, theirs in zip(cured, right, strict=True):
            np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-9, atol=1e-15)
            np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-9, atol=1e-15)
        assert mark(lesson, "Weights in a batch", str(right[1][0]), seed).right
        assert mark(lesson, "Biases in a batch", str(right[1][1]), seed).right
        dC_dz = 2 / target.size * (code["ReLU"](z2) - target) * (z2 > 0)
        assert named(lesson, "Biases in a batch", dC_dz.mean(axis=0), seed) in (
            "bias_gradient_not_summed",
            "batch_scale",
        )
        whole = mark(lesson, "Biases in a batch", dC_dz, seed)
        assert not whole.right
        assert "(5, 4)" in whole.message
        assert mark(lesson, "How many numbers are averaged", 2 / target.size, seed).right


def given_without_the_call(lesson: Lesson, seed: int) -> dict[str, Any]:
    block = cards_of(lesson, seed)[0].text.split("```")[1]
    return executed(block.split("\nbackpropagation_batch(")[0])


def test_gradient_of_another_cost() -> None:
    lesson = LESSONS["bug-gradient-of-another-cost"]
    listing = listing_of("bug-gradient-of-another-cost")
    for seed in range(5):
        names, oracle = given(lesson, seed), executed(listing.code, anp)
        W, b, x, target = (names[name] for name in ("W", "b", "x", "target"))
        right_W, right_b = grad(oracle["cost"], (0, 1))(W, b, x, target)
        _, faulty_b = names["gradients"](W, b, x, target)
        cured_W, cured_b = executed(listing.fixed)["gradients"](W, b, x, target)
        np.testing.assert_allclose(cured_W, right_W, rtol=1e-9)
        np.testing.assert_allclose(cured_b, right_b, rtol=1e-9)
        # The cost that it minimises instead.
        mse = grad(squared_error_of_softmax)(b, W, x, target, names=oracle)
        np.testing.assert_allclose(faulty_b, mse, rtol=1e-9)
        at = int(target.argmax())
        assert abs(faulty_b[at]) < 0.1 * abs(right_b[at])
        assert mark(lesson, "Certain and wrong", np.sign(right_b), seed).right
        assert mark(lesson, "Two answers", right_b[at] / faulty_b[at], seed).right
        p = names["softmax"](W @ x + b)
        wrong = names["mse_der"](p, target)
        assert named(lesson, "The line, in numbers", wrong, seed) == "wrong_cost"
        assert mark(lesson, "The line, in numbers", str(-target / p), seed).right
        assert named(lesson, "Through softmax", faulty_b, seed) == "wrong_cost"
        assert mark(lesson, "Through softmax", str(p - target), seed).right
        elementwise = -target / p * p * (1 - p)
        name = named(lesson, "Through softmax", elementwise, seed)
        assert name == "softmax_derivative_elementwise"


def squared_error_of_softmax(b: Any, W: Any, x: Any, target: Any, names: Any) -> Any:
    return anp.mean((names["softmax"](W @ x + b) - target) ** 2)


def test_diagonal_of_a_batch() -> None:
    lesson, listing = LESSONS["bug-diagonal-of-a-batch"], listing_of("bug-diagonal-of-a-batch")
    fixed = executed(listing.fixed)
    for seed in range(5):
        names = given(lesson, seed)
        W, b, x, target = (names[name] for name in ("W", "b", "x", "target"))
        stepped = names["step"](W, b, x, target, 0.1)
        assert (stepped[0].shape, stepped[1].shape) == ((3, 3), (3,))
        faulty_W, faulty_b = names["gradients"](W, b, x, target)
        assert (np.shape(faulty_W), np.shape(faulty_b)) == ((3,), ())
        ((dW, db),) = grad(batch_cost)([(W, b)], x, target, [lambda z: 1 / (1 + anp.exp(-z))])
        cured_W, cured_b = fixed["gradients"](W, b, x, target)
        np.testing.assert_allclose(cured_W, dW, rtol=1e-9)
        np.testing.assert_allclose(cured_b, db, rtol=1e-9)
        z = x @ W + b
        rounded = np.round(slope(z), 2)
        assert mark(lesson, "It runs", np.diag(rounded), seed).right
        assert mark(lesson, "It runs", str(names["sigmoid_der"](z)), seed).right
        assert "first row" in mark(lesson, "It runs", rounded[0], seed).message
        assert str(rounded) in card(lesson, "It runs", seed).text
        dC_da = 2 / 9 * (names["sigmoid"](z) - target)
        assert mark(lesson, "Shapes that went wrong", [*(dC_da @ np.diag(slope(z))).shape]).right
        line = "The line, in numbers"
        assert mark(lesson, line, str(dC_da * slope(z)), seed).right
        for half in (dC_da @ slope(z), dC_da * np.diag(slope(z))):
            assert not mark(lesson, line, str(half), seed).right
        assert named(lesson, line, dC_da, seed) == "missing_activation_derivative"
        assert mark(lesson, "The bias", str(db), seed).right
    # With more samples there is no error either; with two samples or other layers there is.
    names["step"](W, b, np.ones((7, 3)), np.ones((7, 3)), 0.1)
    with pytest.raises(ValueError, match="mismatch"):
        names["step"](W, b, np.ones((2, 3)), np.ones((2, 3)), 0.1)
    with pytest.raises(ValueError, match="broadcast"):
        names["step"](np.ones((2, 3)), b, np.ones((7, 2)), np.ones((7, 3)), 0.1)
