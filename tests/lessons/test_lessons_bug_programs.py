"""The programs of the "find the bug" lessons: the fault is seen, and the fix removes it."""

from __future__ import annotations

import re
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from backprop_explorer.lessons.lesson import Lesson
from backprop_explorer.lessons.questions import CodeLine
from tests.helpers.bug_lessons import (
    BACKWARD,
    FORWARD,
    batch_of,
    executed,
    listing_of,
    named,
    run_batch,
)
from tests.helpers.lesson_rules import card, cards_of, mark, written
from tests.helpers.lessons import LESSONS


def solved(lesson: Lesson, title: str, seed: int) -> tuple[str, Any]:
    """Return a card's title and its right answer."""
    question = card(lesson, title, seed).question
    assert question is not None
    return title, question.solution()


def given(lesson: Lesson, seed: int) -> dict[str, Any]:
    """Return the numbers in the code block of the first card."""
    block = cards_of(lesson, seed)[0].text.split("```")[1]
    return executed(block)


def test_activation_for_weight() -> None:
    lesson, listing = LESSONS["bug-one-wrong-factor"], listing_of("bug-one-wrong-factor")
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
        by_b1 = grad(cost, 1)(*numbers)
        assert mark(lesson, "The repaired gradient", [by_b1], seed).right
        assert not mark(lesson, "The repaired gradient", [faulty / names["x"]], seed).right
        assert "How fast" in mark(lesson, "The repaired gradient", [right], seed).message


def slope(z: Any) -> Any:
    return np.exp(-z) / (1 + np.exp(-z)) ** 2


def unit_cost(W: Any, b: Any, x: Any, target: Any, names: dict[str, Any]) -> Any:
    """The mean squared error of one layer of sigmoids."""
    return names["mse"](names["sigmoid"](x @ W + b), target)


def test_wrong_sign() -> None:
    lesson, listing = LESSONS["bug-a-cost-that-grows"], listing_of("bug-a-cost-that-grows")
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


def gradients_of(
    lesson: Lesson, listing: CodeLine, seed: int
) -> tuple[dict[str, Any], Any, Any, Any]:
    """The given names, and the gradients of autograd, of the wrong and of the repaired program."""
    names = given(lesson, seed)
    arguments = [names[name] for name in ("layers", "x", "target")]
    right = grad(two_layer_cost)(*arguments)
    cured = executed(listing.fixed)["backpropagation"](*arguments)
    return names, right, names["backpropagation"](*arguments), cured


def test_output_for_input() -> None:
    lesson, listing = LESSONS["bug-right-biases"], listing_of("bug-right-biases")
    for seed in range(5):
        names, right, faulty, cured = gradients_of(lesson, listing, seed)
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
    lesson, listing = (
        LESSONS["bug-right-in-the-last-layer"],
        listing_of("bug-right-in-the-last-layer"),
    )
    for seed in range(5):
        names, right, faulty, cured = gradients_of(lesson, listing, seed)
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
    lesson, listing = LESSONS["bug-wrong-size"], listing_of("bug-wrong-size")
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
    lesson, listing = LESSONS["bug-worked-for-one-sample"], listing_of("bug-worked-for-one-sample")
    code, fixed = executed(listing.code), executed(listing.fixed)
    activations = [lambda z: 1 / (1 + anp.exp(-z)), lambda z: anp.maximum(z, 0.0)]
    for seed in range(5):
        names = batch_of(lesson, seed)
        layers, x, target = (names[name] for name in ("layers", "inputs", "target"))
        funcs, ders = ([names[name] for name in pair] for pair in (FORWARD, BACKWARD))
        with pytest.raises(ValueError, match="size 4 is different from 5"):
            names["backpropagation_batch"](x, layers, funcs, target, ders)
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


def test_gradient_of_another_cost() -> None:
    lesson = LESSONS["bug-certain-and-wrong"]
    listing = listing_of("bug-certain-and-wrong")
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
    lesson, listing = LESSONS["bug-runs-and-disagrees"], listing_of("bug-runs-and-disagrees")
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
