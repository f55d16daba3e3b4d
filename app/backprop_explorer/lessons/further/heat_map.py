"""Two hyper-parameters at once: a heat map of real runs, and how to read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.lessons.frames import frames
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, Option, Slip, Values
from backprop_explorer.lessons.written import tex

RATES, PENALTIES, STEPS = (0.01, 0.1, 1.0, 10.0), (0.0, 0.01, 0.1), 100
# Seeds whose map has one clear best cell inside it; a search among others would take long.
SEEDS = (0, 1, 3, 5, 6, 9, 11, 15, 16, 17, 21, 24, 25, 26, 27, 29, 30, 31, 32, 33, 34, 35, 37, 38)
Map = NDArray[np.float64]


def moons(rate: float, l2: float, seed: int) -> dict[str, Any]:
    """Noisy moons, 8 tanh units."""
    return {
        "dataset": {
            "name": "moons",
            "samples": 80,
            "noise": 0.3,
            "seed": seed,
            "test_fraction": 0.5,
        },
        "network": {
            "layers": [{"units": 8, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
            "seed": seed,
        },
        "cost": {"name": "binary_cross_entropy", "reduction": "mean"},
        "penalty": {"l2": l2},
        "optimizer": {"name": "sgd", "learning_rate": rate},
        "batch": {"size": None, "shuffle": False},
    }


def cross_entropies(seed: int) -> Map:
    """Of the test part after STEPS, without the penalty: rows are RATES, columns PENALTIES."""

    def cell(rate: float, l2: float) -> float:
        (frame,) = frames(moons(rate, l2, seed), STEPS)
        squares = sum(float(np.square(layer["W"]).sum()) for layer in frame["layers"])
        return float(frame["cost"]["test"] - l2 / 2 * squares)

    return np.array([[cell(rate, l2) for l2 in PENALTIES] for rate in RATES])


def tells(values: Map) -> bool:
    """One cell is clearly the best, away from the smallest rate, and the corner is bad."""
    at = np.unravel_index(np.argmin(values), values.shape)
    smallest = np.sort(values, axis=None)
    return bool(
        np.isfinite(values).all()
        and at[0] in (1, 2)
        and smallest[1] > 1.01 * smallest[0]
        and values[3, 2] > 1.5 * smallest[0]
        and values[0].min() > 1.1 * smallest[0]
    )


def cards(draw: Draw) -> Sequence[Card]:
    """Twelve runs."""
    seed = int(draw.rng.choice(SEEDS))
    values = cross_entropies(seed)
    row, column = (int(k) for k in np.unravel_index(np.argmin(values), values.shape))
    seeds, rates = int(draw.rng.integers(3, 6)), int(draw.rng.integers(5, 9))
    rows = "\n".join(
        f"η = {rate:<5g}" + "".join(f"{value:9.4f}" for value in line)
        for rate, line in zip(RATES, values, strict=True)
    )
    heads = "".join(f"{f'{l2:g}':>9s}" for l2 in PENALTIES)
    block = f"```\nλ₂ =     {heads}\n{rows}\n```"
    best = moons(RATES[row], PENALTIES[column], seed)
    corner = moons(RATES[3], PENALTIES[2], seed)
    return (
        Card(
            "How many runs",
            "Learning rate $\\eta$ and penalty $\\lambda_2$ act together, so they are tried "
            "together: every $\\eta$ with every $\\lambda_2$, and every pair with several seeds, "
            "because one run may be lucky.",
            Scene(recipe=best, step=0, line="C", sample="batch", figure="data"),
            Values(
                f"How many runs are that for {rates} learning rates, 6 penalties and {seeds} "
                "seeds?",
                float(rates * 6 * seeds),
                why=f"${rates} \\cdot 6 \\cdot {seeds}$. With a third hyper-parameter it is that "
                "many times again, so one begins with a coarse grid.",
                slips=(
                    Slip(float(rates * 6), "Each pair is run with every seed."),
                    Slip(float(rates + 6 + seeds), "Every one with every other: a product."),
                ),
                hint="Every one with every other.",
            ),
        ),
        Card(
            "Which values to try",
            f"The grid of this lesson has $\\eta = {', '.join(f'{r:g}' for r in RATES)}$.",
            Scene(line="C"),
            Choice(
                "Why not 2.5, 5, 7.5, 10, which are evenly spaced?",
                (
                    Option(
                        "Learning rates act by their ratio: the good one may be at 0.01 or at 1.",
                        "From 2.5 to 10 is a factor of 4; below 2.5 such a grid has nothing. A "
                        "factor of 10, or 3, from one to the next covers the range.",
                        right=True,
                    ),
                    Option(
                        "Round numbers are easier to report.",
                        "That is so, and no reason.",
                    ),
                    Option(
                        "Large rates take longer to run.",
                        "A step takes as long with any rate.",
                    ),
                ),
                hint="How different are two runs with 7.5 and with 10? With 0.01 and with 0.1?",
            ),
        ),
        Card(
            "Read the map",
            f"The cross-entropy of the **test** points of noisy moons after {STEPS} steps, without "
            f"the penalty:\n\n{block}",
            Scene(line="C"),
            Values(
                "Which learning rate has the best cell?",
                RATES[row],
                why=f"${tex(values[row, column])}$, at $\\eta = {RATES[row]:g}$ and "
                f"$\\lambda_2 = {PENALTIES[column]:g}$: the lowest cross-entropy.",
                slips=tuple(
                    Slip(
                        rate,
                        "That row has the highest number. A cost is to be low."
                        if k == int(np.unravel_index(np.argmax(values), values.shape)[0])
                        else "That row does not have the lowest number of all.",
                    )
                    for k, rate in enumerate(RATES)
                    if k != row
                ),
                hint="The lowest number of the whole map. Then its row.",
            ),
        ),
        Card(
            "The small rates",
            f"In the first row, $\\eta = {RATES[0]:g}$, the three numbers are nearly alike."
            f"\n\n{block}",
            Scene(line="C"),
            Choice(
                "Why does the penalty matter so little there?",
                (
                    Option(
                        "A small learning rate regularises enough.",
                        "After so few steps there is nothing to regularise yet.",
                    ),
                    Option(
                        "After so few small steps the weights are nearly those it began with.",
                        "Training has hardly begun in all three. The map would be another one "
                        "after more steps: it belongs to its number of steps.",
                        right=True,
                    ),
                    Option(
                        "The penalty acts only on large weights.",
                        "L2 acts on all of them, in proportion.",
                    ),
                ),
                hint=f"How far does one get with $\\eta = {RATES[0]:g}$ in {STEPS} steps?",
            ),
        ),
        Card(
            "At the edge",
            "Suppose the best cell of a map lies in its last row or column.",
            Scene(line="C"),
            Choice(
                "What do you do?",
                (
                    Option(
                        "Report it: it is the best.",
                        "Of those tried. Beyond the edge there may be a better one.",
                    ),
                    Option(
                        "Make the grid finer around it.",
                        "Later. First one has to know on which side of the edge the best lies.",
                    ),
                    Option(
                        "Make the grid larger on that side.",
                        "A best cell inside the map has worse neighbours on all sides; at the edge "
                        "one side is unknown.",
                        right=True,
                    ),
                ),
                hint="What do you know about the cell beyond?",
            ),
        ),
        Card(
            "The best and the corner",
            f"The page has the best cell and, as second run, $\\eta = {RATES[3]:g}$ with "
            f"$\\lambda_2 = {PENALTIES[2]:g}$: ${tex(values[3, 2], 3)}$. There "
            f"$\\eta \\lambda_2$ is {RATES[3] * PENALTIES[2]:g}, so that every step takes all of a "
            "weight away and adds a long step of the gradient. Report a best cell with its "
            "numbers of steps and seeds, and judge it with data that did not choose it.",
            Scene(recipe=best, step=STEPS, reference=corner, figure="data"),
        ),
    )


LESSON = Lesson(
    name="heat-map",
    title="A map of two hyper-parameters",
    group="further",
    exercise="",
    summary="Learning rate and penalty together: twelve runs, one map, and how to read it.",
    minutes=10,
    cards=cards,
    questions=5,
)
