"""``bx.lesson``: a student's own function, called with a card's numbers, and the code for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.lessons.lesson import deal, question_of
from backprop_explorer.lessons.library import own_lessons
from tests.helpers.clients import Client

DEPTH, BATCHES = "any-depth", "backprop-in-batches"


def mse_der(predict: Any, target: Any) -> Any:
    return 2 * (predict - target) / np.size(target)


def backpropagation(
    inputs: Any, layers: Any, activation_funcs: Any, target: Any, activation_ders: Any
) -> Any:
    a, kept, zs = inputs, [], []
    for (W, b), f in zip(layers, activation_funcs, strict=True):
        kept.append(a)
        zs.append(W @ a + b)
        a = f(zs[-1])
    grads: list[Any] = [()] * len(layers)
    dC_dz = np.zeros(0)
    for i in reversed(range(len(layers))):
        dC_da = mse_der(a, target) if i == len(layers) - 1 else dC_dz @ layers[i + 1][0]
        slope = activation_ders[i](zs[i])
        dC_dz = dC_da @ slope if slope.ndim == 2 else dC_da * slope
        grads[i] = (np.outer(dC_dz, kept[i]), dC_dz)
    return grads


def with_jacobians(x: Any, layers: Any, funcs: Any, target: Any, ders: Any) -> Any:
    def matrix(der: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def checked(z: Any) -> Any:
            assert der(z).ndim == 2, "this program multiplies by Jacobians"
            return der(z)

        return checked

    return backpropagation(x, layers, funcs, target, [matrix(der) for der in ders])


def batch(turn: Callable[[Any], Any]) -> Callable[..., Any]:
    def backpropagation_batch(
        inputs: Any, layers: Any, funcs: Any, targets: Any, activation_ders: Any
    ) -> Any:
        a, kept, zs = inputs, [], []
        for (W, b), f in zip(layers, funcs, strict=True):
            kept.append(a)
            zs.append(a @ W + b)
            a = f(zs[-1])
        grads: list[Any] = [()] * len(layers)
        dC_dz = np.zeros(0)
        for i in reversed(range(len(layers))):
            last = i == len(layers) - 1
            dC_da = mse_der(a, targets) if last else dC_dz @ turn(layers[i + 1][0])
            dC_dz = dC_da * activation_ders[i](zs[i])
            grads[i] = (kept[i].T @ dC_dz, dC_dz.sum(axis=0))
        return grads

    return backpropagation_batch


@pytest.mark.parametrize("function", [backpropagation, with_jacobians])
@pytest.mark.parametrize("seed", [7, 2, "Ada"])
def test_a_right_function_gets_the_code_that_its_card_takes(
    shared_client: Client, seed: Any, function: Any
) -> None:
    found = bx.lesson(DEPTH, seed).check("four-layers-the-same-code", function)
    assert found
    assert found.code is not None
    assert found.code in repr(found)
    sent = {"seed": seed, "card": "four-layers-the-same-code", "answer": found.code.lower()}
    marked = shared_client.post(f"/api/v1/lessons/{DEPTH}/answer", json=sent).json()
    assert marked["right"] is True
    other = sent | {"seed": 8}
    marked = shared_client.post(f"/api/v1/lessons/{DEPTH}/answer", json=other).json()
    assert marked["right"] is False
    assert "another card" in marked["message"][0][0]["text"]


def test_other_depths_find_what_the_first_network_cannot_show() -> None:
    lesson = bx.lesson(BATCHES, 3)
    assert lesson.check("try-it", batch(np.transpose))
    # Square matrices only are left as they are: no error, and right for 2 → 3 → 2.
    found = lesson.check("try-it", batch(lambda W: W if W.shape[0] == W.shape[1] else W.T))
    assert not found
    assert "Network 2 of 3" in found.message
    assert found.found is not None
    assert found.found.verdict == "wrong"
    assert "<table" in found._repr_html_()


def test_a_measured_gradient_changes_the_arrays_of_the_cost() -> None:
    lesson, card = bx.lesson("checking-a-gradient", 7), "a-loop-over-all-entries"

    def measured(cost: Any, parameter: Any, h: float = 1e-5, *, back: float = 1.0) -> Any:
        gradient = np.zeros_like(parameter)
        for index in np.ndindex(parameter.shape):
            parameter[index] += h
            up = cost()
            parameter[index] -= 2 * h
            gradient[index] = (up - cost()) / (2 * h)
            parameter[index] += back * h
        return gradient

    found = lesson.check(card, measured)
    assert found.code == lesson.functions[card].code
    assert lesson.check(card, measured), "the arrays are copies for each call"
    wrong = lesson.check(card, lambda cost, parameter: measured(cost, parameter, back=-1e3))
    assert "differ" in wrong.message


def test_what_is_wrong_is_said() -> None:
    lesson = bx.lesson(DEPTH, 7)
    card = "the-first-round-of-your-loop"
    assert str(lesson.functions[card].call) == "mse_der(predict, target)"
    assert "stopped with ZeroDivisionError" in lesson.check(card, lambda p, t: 1 / 0).message
    raised = lesson.check(card, lambda p, t: {}["<w>"])
    assert "KeyError: &#x27;&lt;w&gt;&#x27;" in raised._repr_html_().partition("</div>")[0]
    assert "shape" in lesson.check(card, lambda predict, target: 1.0).message
    assert "str" in lesson.check(card, lambda predict, target: "no").message
    assert "differ" in lesson.check(card, lambda predict, target: predict - target).message
    assert lesson.check(card, lambda target, predict: mse_der(predict, target)), "by name"
    with pytest.raises(InvalidInput, match=r"calls mse_der\(predict, target\)"):
        lesson.check(card, lambda only: only)
    with pytest.raises(InvalidInput, match="four-layers-the-same-code"):
        lesson.check("four-layers", mse_der)
    with pytest.raises(InvalidInput):
        bx.lesson("any-dept")


@pytest.mark.parametrize("name", sorted(own_lessons()))
def test_every_function_of_the_lessons_can_be_called_and_its_result_passes(name: str) -> None:
    lesson = bx.lesson(name, 5)
    for card, asked in lesson.functions.items():
        results = iter([call.expected for call in asked.calls])
        assert lesson.check(card, lambda *_, results=results: next(results)), card
        assert list(lesson.arguments(card)) == list(asked.parameters)
        _, question = question_of(deal(own_lessons()[name], 5), card)
        assert question.mark(asked.code).right
