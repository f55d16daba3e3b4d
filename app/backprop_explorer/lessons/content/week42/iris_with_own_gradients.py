"""Week 42, exercise 7: training on iris with one's own gradients, then with momentum."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content import iris
from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import Point, points
from backprop_explorer.lessons.working import LessonWorking

RATE, MOMENTUM = 0.002, 0.9

BATCH, EPOCHS = 16, 10

STEPS = EPOCHS * 10
# With these first weights momentum gives a lower cost and a lower accuracy.
OTHER_SEED = 24


def numbers(draw: Draw) -> dict[str, Any]:
    """Prediction minus target, the loop of exercise 6, and SGD with momentum."""
    seed = first(lambda: int(draw.rng.integers(1, 1000)), _teaches)
    rows = [50 * k + int(draw.rng.integers(50)) for k in range(3)]
    working = iris.working(seed, *rows, learning_rate=RATE, optimizer="momentum")
    two = _two_steps(working)
    change = two["momentum"] - two["start"]
    recipe = _recipe(seed, name="momentum", momentum=MOMENTUM)
    full_recipe = iris.recipe(seed, optimizer={"name": "sgd", "learning_rate": RATE})
    (start,) = points(recipe, 0)
    full, plain, after = _three_ways(seed)
    return {
        "working": working,
        "weights_code": iris.first_weights_code(seed),
        "rows": rows,
        "change": change,
        "two": two,
        "recipe": recipe,
        "full_recipe": full_recipe,
        "seed": seed,
        "after": after,
        "start": start,
        "plain": plain,
        "full": full,
        "other": _three_ways(OTHER_SEED)[1:],
    }


def _two_steps(working: LessonWorking) -> dict[str, Any]:
    """b2 after two steps on the same three flowers: with momentum, and as others may do it."""

    def gradient(layers: list[Any]) -> list[Any]:
        (W1, b1), (W2, b2) = layers
        x, target = working.problem.x, working.problem.target
        a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
        d2 = iris.softmax(a1 @ W2 + b2) - target
        d1 = (d2 @ W2.T) * a1 * (1 - a1)
        return [(x.T @ d1, d1.sum(axis=0)), (a1.T @ d2, d2.sum(axis=0))]

    def descend(momentum: float, *, divided_by: int = 1, once: bool = False) -> Any:
        layers = [(np.array(W), np.array(b)) for W, b, _ in working.layers]
        velocity = [(np.zeros_like(W), np.zeros_like(b)) for W, b in layers]
        rate, first_layers = RATE / divided_by, layers
        for _ in range(2):
            steps = []
            gradients = gradient(first_layers if once else layers)
            for (v_W, v_b), (W_g, b_g) in zip(velocity, gradients, strict=True):
                steps.append((momentum * v_W + rate * W_g, momentum * v_b + rate * b_g))
            velocity = steps
            layers = [
                (W - v_W, b - v_b) for (W, b), (v_W, v_b) in zip(layers, velocity, strict=True)
            ]
        return layers[1][1]

    start = np.array(working.layers[1][1])
    return {
        "momentum": descend(MOMENTUM),
        "plain": descend(0.0),
        "mean": descend(MOMENTUM, divided_by=len(start)),
        "once": descend(MOMENTUM, once=True),
        "start": start,
    }


def _recipe(seed: int, **optimizer: Any) -> dict[str, Any]:
    return iris.recipe(
        seed,
        optimizer={"learning_rate": RATE, **optimizer},
        batch={"size": BATCH, "shuffle": True, "seed": seed},
    )


def _three_ways(seed: int) -> tuple[Point, Point, Point]:
    """The run after so many epochs: full batches, small ones, small ones with momentum."""
    (full,) = points(iris.recipe(seed, optimizer={"name": "sgd", "learning_rate": RATE}), EPOCHS)
    (plain,) = points(_recipe(seed, name="sgd"), STEPS)
    (after,) = points(_recipe(seed, name="momentum", momentum=MOMENTUM), STEPS)
    return full, plain, after


def _teaches(seed: int) -> bool:
    """As it is for most weights: momentum is ahead, and the other two near each other."""
    full, plain, after = _three_ways(seed)
    near = abs(full.cost - plain.cost) < 0.03 * full.cost
    return near and after.cost < 0.9 * min(plain.cost, full.cost)
