"""Lessons on penalties, overfitting and maps: their numbers, recomputed in plain NumPy."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.lessons.content.further import heat_map, overfitting, regularisation
from backprop_explorer.lessons.runs import frames, map_of
from backprop_explorer.limits import Limits
from tests.helpers.cases import every_nth
from tests.helpers.further_lessons import given, named, tanh_cost, training_data
from tests.helpers.lesson_rules import card, cards_of, mark
from tests.helpers.lessons import LESSONS

# Regularisation --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", every_nth(6, regularisation.SEEDS))
def test_regularisation_has_the_stated_effect_for_every_seed(seed: int) -> None:
    assert regularisation.tells(seed)


def test_the_penalty_is_excluded_where_stated() -> None:
    """The cross-entropies of the two runs, from gradient descent in plain NumPy."""
    lesson = LESSONS["regularisation"]
    shown = card(lesson, "Two runs")
    for recipe, l2 in ((shown.scene.recipe, 0.0), (shown.scene.reference, 0.05)):
        (x, target), layers = training_data(recipe), first_layers(recipe)
        for _ in range(500):
            gradient = grad(tanh_entropy)(layers, x, target)
            layers = [
                (W - 0.5 * (dW + l2 * W), b - 0.5 * db)
                for (W, b), (dW, db) in zip(layers, gradient, strict=True)
            ]
        said = next(option.why for option in shown.question.options if option.right)
        assert f"${tanh_entropy(layers, x, target):.3g}$" in said
        assert f"${sum((W**2).sum() for W, _ in layers):.3g}$" in shown.text


def test_regularisation() -> None:
    lesson = LESSONS["regularisation"]
    for seed in range(3):
        first = cards_of(lesson, seed)[0]
        l2 = first.scene.recipe["penalty"]["l2"]
        n = given(lesson, seed)
        W, b = n["W1"], n["b1"]
        assert mark(lesson, "The penalty", l2 / 2 * (W**2).sum(), seed).right
        counted = l2 / 2 * ((W**2).sum() + (b**2).sum())
        assert "biases" in mark(lesson, "The penalty", counted, seed).message

        def cost(W: Any, b: Any, n: Any = n, l2: float = l2) -> Any:
            layers = [(W, b), (n["W2"], n["b2"])]
            return tanh_cost(layers, n["x"], n["target"]) + l2 / 2 * anp.sum(W**2)

        dW, db = grad(cost, (0, 1))(W, b)
        gradient = "In the gradient"
        assert mark(lesson, gradient, str(dW), seed).right
        assert named(lesson, gradient, dW - l2 * W, seed) == "penalty_gradient_missing"
        assert named(lesson, gradient, dW + l2 * W, seed) == "penalty_gradient_scale"
        assert mark(lesson, "And the bias", str(db), seed).right
        assert named(lesson, "And the bias", db + l2 * b, seed) == "penalty_on_bias"
        assert mark(lesson, "Weight decay", 1 - 0.1 * l2, seed).right
        l1 = float(card(lesson, "L1", seed).text.split("lambda_1 = ")[1].split("$")[0])
        assert mark(lesson, "L1", l1 * np.sign(W), seed).right
        assert "would be L2" in mark(lesson, "L1", l1 * W, seed).message


# Overfitting, heat map, confusion matrix -------------------------------------------------------


def first_layers(recipe: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The first weights of a recipe whose weights are drawn."""
    initial = InitialState(Recipe.model_validate(recipe), Limits()).parameters
    return [(W.copy(), b.copy()) for W, b in zip(initial.W, initial.b, strict=True)]


@pytest.mark.parametrize("seed", every_nth(6, overfitting.SEEDS))
def test_every_seed_of_overfitting_overfits(seed: int) -> None:
    """The test cost falls, then rises again, and the training cost falls throughout."""
    train, test = overfitting.costs(seed)
    at = int(np.argmin(test))
    assert at in (1, 2, 3)
    assert test[-1] > 1.3 * test[at]
    assert sorted(test)[1] > 1.05 * test[at]
    assert np.all(np.diff(train) < 0)


def test_overfitting() -> None:
    lesson = LESSONS["overfitting"]
    recipe = cards_of(lesson, 0)[0].scene.recipe
    (x, target), test = (
        training_data(recipe),
        InitialState(Recipe.model_validate(recipe), Limits()).test,
    )
    layers = first_layers(recipe)
    assert mark(
        lesson, "More parameters than points", sum(W.size + b.size for W, b in layers)
    ).right
    # Adam in plain NumPy, up to the second row of the table.
    flat = [p for layer in layers for p in layer]
    m, v = [np.zeros_like(p) for p in flat], [np.zeros_like(p) for p in flat]
    for t in range(1, 31):
        pairs = [(flat[0], flat[1]), (flat[2], flat[3])]
        gradient = [g for layer in grad(tanh_cost)(pairs, x, target) for g in layer]
        for k, g in enumerate(gradient):
            m[k] = 0.9 * m[k] + 0.1 * g
            v[k] = 0.999 * v[k] + 0.001 * g**2
            step = m[k] / (1 - 0.9**t) / (np.sqrt(v[k] / (1 - 0.999**t)) + 1e-8)
            flat[k] = flat[k] - 0.03 * step
    pairs = [(flat[0], flat[1]), (flat[2], flat[3])]
    row = [f"{tanh_cost(pairs, *part):.4f}" for part in ((x, target), test)]
    table = [line.split() for line in card(lesson, "When to stop").text.split("\n")]
    assert ["30", *row] in table
    rows = [line for line in table if len(line) == 3 and line[0].isdigit()]
    best = min(rows, key=lambda line: float(line[2]))
    assert mark(lesson, "When to stop", int(best[0])).right
    assert not mark(lesson, "When to stop", 1000).right


@pytest.mark.parametrize("seed", every_nth(15, heat_map.SEEDS))
def test_every_map_has_one_best_cell(seed: int) -> None:
    """One cell is clearly the best, away from the smallest rate, and the corner is bad."""
    values = heat_map.cross_entropies(seed)
    smallest = np.sort(values, axis=None)
    assert np.isfinite(values).all()
    assert np.unravel_index(np.argmin(values), values.shape)[0] in (1, 2)
    assert smallest[1] > 1.01 * smallest[0]
    assert values[3, 2] > 1.5 * smallest[0]
    assert values[0].min() > 1.1 * smallest[0]


@pytest.mark.parametrize("seed", every_nth(15, heat_map.SEEDS))
def test_every_map_of_runges_function_has_a_border(seed: int) -> None:
    """All runs with a rate of 1 and more diverge, no others; the best rate is just below."""
    values, diverged = map_of(heat_map.runge_map(seed, len(heat_map.RUNGE_PENALTIES)))
    died = np.array(heat_map.RUNGE_RATES) >= 1
    assert (np.isfinite(diverged) == died).all()
    best = heat_map.runge_numbers(seed, 3)
    assert best["runge_rate"] in (0.1, 0.3)
    assert best["runge_best"] > 0.7
    assert np.nanmax(values[:, 0]) < 0.2


def test_the_map_of_runges_function_counts_the_runs_of_the_page() -> None:
    lesson = LESSONS["heat-map"]
    sweep = card(lesson, "Runge's function").scene.map
    penalties, rates = (axis["values"] for axis in sweep["axes"])
    seed = sweep["recipe"]["dataset"]["seed"]
    dead = 0
    for l2 in penalties:
        for rate in rates:
            (frame,) = frames(heat_map.runge(rate, l2, seed), heat_map.RUNGE_STEPS)
            dead += frame["diverged"] is not None
    assert mark(lesson, "Runge's function", dead).right
    assert not mark(lesson, "Runge's function", len(rates)).right


def test_heat_map() -> None:
    lesson = LESSONS["heat-map"]
    lines = card(lesson, "Read the map").text.split("```")[1].strip().split("\n")[1:]
    numbers = [[float(n) for n in line.split()[3:]] for line in lines]
    row, column = np.unravel_index(np.argmin(numbers), (4, 3))
    assert mark(lesson, "Read the map", heat_map.RATES[row]).right
    assert not mark(lesson, "Read the map", heat_map.RATES[3 - row]).right
    # The best cell, in plain NumPy.
    recipe = cards_of(lesson, 0)[0].scene.recipe
    rate, l2 = recipe["optimizer"]["learning_rate"], recipe["penalty"]["l2"]
    assert (rate, l2) == (heat_map.RATES[row], heat_map.PENALTIES[column])
    (x, target), layers = training_data(recipe), first_layers(recipe)
    for _ in range(heat_map.STEPS):
        gradient = grad(tanh_entropy)(layers, x, target)
        layers = [
            (W - rate * (dW + l2 * W), b - rate * db)
            for (W, b), (dW, db) in zip(layers, gradient, strict=True)
        ]
    test = InitialState(Recipe.model_validate(recipe), Limits()).test
    assert tanh_entropy(layers, *test) == pytest.approx(numbers[row][column], abs=6e-5)


def tanh_entropy(layers: Any, x: Any, target: Any) -> Any:
    (W1, b1), (W2, b2) = layers
    z = anp.tanh(x @ W1 + b1) @ W2 + b2
    return anp.mean(anp.logaddexp(0.0, z) - target * z)


def test_confusion_matrix() -> None:
    lesson = LESSONS["confusion-matrix"]
    for seed in range(3):
        recipe = cards_of(lesson, seed)[0].scene.recipe
        (x, target), layers = training_data(recipe), first_layers(recipe)
        for _ in range(20):
            (W1, b1), (W2, b2) = layers
            a = np.tanh(x @ W1 + b1)
            z = a @ W2 + b2
            p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
            d2 = (p - target) / len(x)
            d1 = d2 @ W2.T * (1 - a**2)
            layers = [
                (W1 - 0.1 * x.T @ d1, b1 - 0.1 * d1.sum(axis=0)),
                (W2 - 0.1 * a.T @ d2, b2 - 0.1 * d2.sum(axis=0)),
            ]
        (W1, b1), (W2, b2) = layers
        said, true = (np.tanh(x @ W1 + b1) @ W2 + b2).argmax(axis=1), target.argmax(axis=1)
        both = int(((true == 1) & (said == 1)).sum())
        assert mark(lesson, "Rows and columns", int(((true == 1) & (said == 0)).sum()), seed).right
        swapped = mark(lesson, "Rows and columns", int(((true == 0) & (said == 1)).sum()), seed)
        assert "swapped" in swapped.message
        assert mark(lesson, "Accuracy", float((true == said).mean()), seed).right
        assert mark(lesson, "Recall", both / int((true == 1).sum()), seed).right
        assert mark(lesson, "Precision", both / int((said == 1).sum()), seed).right
        largest = float(np.bincount(true).max() / len(true))
        assert mark(lesson, "The accuracy to compare with", largest, seed).right
