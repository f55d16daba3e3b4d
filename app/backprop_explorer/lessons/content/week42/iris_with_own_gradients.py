"""Week 42, exercise 7: training on iris with one's own gradients, then with momentum."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.lessons.content import iris
from backprop_explorer.lessons.content.drawn import legacy
from backprop_explorer.lessons.distinct import first
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.runs import Point, points
from backprop_explorer.tutor.problem import Problem

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
    own, own_run = _own_order(draw, seed, after.cost)
    return {
        "own": own,
        "own_run": own_run,
        "rises": _rises(seed),
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


def _gradient(layers: Any, x: Any, target: Any) -> list[Any]:
    (W1, b1), (W2, b2) = layers
    a1 = 1 / (1 + np.exp(-(x @ W1 + b1)))
    d2 = iris.softmax(a1 @ W2 + b2) - target
    d1 = (d2 @ W2.T) * a1 * (1 - a1)
    return [(x.T @ d1, d1.sum(axis=0)), (a1.T @ d2, d2.sum(axis=0))]


def _step(layers: Any, velocity: Any, grads: Any, momentum: float, rate: float) -> Any:
    """One step with momentum: the new (layers, velocity)."""
    velocity = [
        (momentum * v_W + rate * W_g, momentum * v_b + rate * b_g)
        for (v_W, v_b), (W_g, b_g) in zip(velocity, grads, strict=True)
    ]
    pairs = zip(layers, velocity, strict=True)
    return [(W - v_W, b - v_b) for (W, b), (v_W, v_b) in pairs], velocity


def _trained(seed: int, own: int, made: str = "", momentum: float = MOMENTUM) -> Any:
    """The layers after all epochs, in the order of a notebook; ``made`` is how others do it."""
    (x, _), target = iris.flowers(), iris.one_hot()
    state, layers, order = legacy(own), iris.first_weights(seed), np.arange(len(x))
    velocity = still = [(0 * W, 0 * b) for W, b in layers]
    for epoch in range(EPOCHS):
        if made != "unshuffled" and (made != "once" or epoch == 0):
            order = state.permutation(len(x))
        velocity = still if made == "restarted" else velocity
        for at in range(0, len(x) - (BATCH if made == "whole" else 0), BATCH):
            rows = order[at : at + BATCH]
            rate = RATE / (len(rows) if made == "mean" else 1)
            grads = _gradient(layers, x[rows], target[rows])
            layers, velocity = _step(layers, velocity, grads, momentum, rate)
    return layers


def _own_order(draw: Draw, seed: int, explorer: float) -> tuple[int, dict[str, float]]:
    """A seed for the order of the flowers, and the costs with it: all differ visibly."""
    (x, classes), target = iris.flowers(), iris.one_hot()

    def costs(own: int) -> dict[str, float]:
        ways = ("mean", "once", "whole", "restarted", "unshuffled")
        layers = {name: _trained(seed, own, name) for name in ("cost", *ways)}
        layers["plain"] = _trained(seed, own, momentum=0.0)
        p = {name: iris.predictions(each, x) for name, each in layers.items()}
        found = {name: float(-(target * np.log(each)).sum()) for name, each in p.items()}
        return {**found, "accuracy": float((p["cost"].argmax(axis=1) == classes).mean())}

    def tells(found: tuple[int, dict[str, float]]) -> bool:
        others = [explorer, *(value for name, value in found[1].items() if name != "cost")]
        cost = found[1]["cost"]
        return min(abs(other - cost) for other in others) > 0.005 * cost

    def make() -> tuple[int, dict[str, float]]:
        own = int(draw.rng.integers(1, 1000))
        return own, costs(own)

    return first(make, tells)


def _two_steps(working: Problem) -> dict[str, Any]:
    """b2 after two steps on the same three flowers: with momentum, and as others may do it."""
    x, target = working.x, working.target

    def descend(momentum: float, *, divided_by: int = 1, once: bool = False) -> Any:
        layers = first_layers = [(np.array(W), np.array(b)) for W, b in working.layers]
        velocity = [(0 * W, 0 * b) for W, b in layers]
        for _ in range(2):
            grads = _gradient(first_layers if once else layers, x, target)
            layers, velocity = _step(layers, velocity, grads, momentum, RATE / divided_by)
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
    """As it is for most weights: momentum is ahead, the other two are near each other.

    And small batches raise the cost at times.
    """
    full, plain, after = _three_ways(seed)
    near = abs(full.cost - plain.cost) < 0.03 * full.cost
    return near and after.cost < 0.9 * min(plain.cost, full.cost) and _rises(seed) > 1


def _rises(seed: int) -> int:
    """In how many steps without momentum the cost over all flowers rises."""
    costs = [point.cost for point in points(_recipe(seed, name="sgd"), *range(STEPS + 1))]
    return int((np.diff(costs) > 0).sum())
