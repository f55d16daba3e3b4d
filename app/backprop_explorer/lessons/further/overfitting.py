"""Overfitting: too many units for a few noisy points of Runge's function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.lessons.frames import frames
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, Option, Slip, Values
from backprop_explorer.lessons.written import tex

UNITS, POINTS = 40, 15
STEPS = (10, 30, 100, 300, 1000)
# Seeds whose run overfits clearly within STEPS; a third of all do, and a search would take long.
SEEDS = (1, 2, 3, 8, 11, 14, 16, 17, 19, 21, 24, 29, 31, 34, 39, 45, 46, 48, 49, 52, 58, 61, 70, 72)


def runge(seed: int) -> dict[str, Any]:
    """15 points to learn from, 15 to test with, and far more parameters than points."""
    return {
        "dataset": {
            "name": "runge",
            "samples": 2 * POINTS,
            "noise": 0.15,
            "seed": seed,
            "test_fraction": 0.5,
        },
        "network": {
            "layers": [
                {"units": UNITS, "activation": "tanh"},
                {"units": 1, "activation": "identity"},
            ],
            "initializer": "normal",
            "seed": seed,
        },
        "cost": {"name": "mse", "reduction": "mean"},
        "optimizer": {"name": "adam", "learning_rate": 0.03},
        "batch": {"size": None, "shuffle": False},
    }


def costs(seed: int) -> tuple[list[float], list[float]]:
    """(of the training part, of the test part) at each of STEPS."""
    found = [frame["cost"] for frame in frames(runge(seed), *STEPS)]
    return [cost["train"] for cost in found], [cost["test"] for cost in found]


def overfits(seed: int) -> bool:
    """Whether the test cost falls, then rises again, and the training cost falls throughout."""
    train, test = costs(seed)
    at = int(np.argmin(test))
    rest = sorted(test)[1]
    return bool(
        at in (1, 2, 3)
        and test[-1] > 1.3 * test[at]
        and rest > 1.05 * test[at]
        and np.all(np.diff(train) < 0)
    )


def cards(draw: Draw) -> Sequence[Card]:
    """Runge's function by hand, then one run with two costs."""
    x = float(draw.rng.choice([0.1, 0.2, 0.3, 0.4, 0.6]))
    seed = int(draw.rng.choice(SEEDS))
    train, test = costs(seed)
    at = int(np.argmin(test))
    table = "\n".join(
        f"{step:5d}   {a:8.4f}   {b:8.4f}" for step, a, b in zip(STEPS, train, test, strict=True)
    )
    recipe = runge(seed)
    return (
        Card(
            "Runge's function",
            "$f(x) = \\frac{1}{1 + 25 x^2}$ on $[-1, 1]$: flat outside, a steep bell in the "
            f"middle. The data are {2 * POINTS} points of it with noise; half of them train, half "
            "test. Before training, inputs and targets are shifted and scaled to mean 0 and "
            "deviation 1.",
            Scene(recipe=recipe, step=0, line="C", sample="batch", figure="data"),
            Values(
                f"What is $f({tex(x)})$?",
                1.0 / (1.0 + 25.0 * x * x),
                why=f"$\\frac{{1}}{{1 + {tex(25 * x * x)}}}$. At 0 it is 1, at the ends "
                "$\\frac{1}{26}$.",
                slips=(
                    Slip(1.0 / (1.0 + 25.0 * x), "$x$ is squared."),
                    Slip(1.0 / (1.0 + (25.0 * x) ** 2), "Only $x$ is squared, not 25."),
                ),
                hint="Square first, then times 25.",
            ),
        ),
        Card(
            "How much it could remember",
            f"The network is 1 → {UNITS} (tanh) → 1 (linear).",
            Scene(line="C"),
            Values(
                "How many parameters does it have, weights and biases together?",
                float(3 * UNITS + 1),
                why=f"{UNITS} + {UNITS} in the first layer, {UNITS} + 1 in the second: "
                f"{3 * UNITS + 1}, for {POINTS} points. It can run through every one of them, "
                "noise and all.",
                slips=(
                    Slip(float(2 * UNITS), "Those are the weights. The biases count too."),
                    Slip(float(3 * UNITS), "The output has a bias too."),
                    Slip(float(UNITS + 1), "Those are the units."),
                ),
                hint="For each layer: inputs times units, and one bias for each unit.",
            ),
        ),
        Card(
            "Two costs",
            "It is trained with Adam, all points at once. The test points are never used for a "
            "step.",
            Scene(line="C"),
            Choice(
                f"What do you expect of both costs up to step {STEPS[-1]}?",
                (
                    Option(
                        "Both fall, and stay close together.",
                        "So it is as long as the network learns what all points have in common.",
                    ),
                    Option(
                        "The training cost falls all the way; the test cost falls, then rises.",
                        "At first it learns the bell, which helps both. Then it learns the noise "
                        "of the training points, which no other point has.",
                        right=True,
                    ),
                    Option(
                        "The training cost falls, then rises; the test cost falls all the way.",
                        "Only the training cost is minimised. It has no reason to rise.",
                    ),
                ),
                hint="What do training and test points share, and what not?",
            ),
        ),
        Card(
            "When to stop",
            f"The mean squared errors:\n\n```\n step      train       test\n{table}\n```",
            Scene(step=STEPS[-1], line="C", figure="data"),
            Values(
                "At which of these steps would you have stopped?",
                float(STEPS[at]),
                why=f"There the test cost is lowest, ${tex(test[at], 3)}$. At step {STEPS[-1]} it "
                f"is ${tex(test[-1], 3)}$, though the training cost has gone down to "
                f"${tex(train[-1], 3)}$. Stopping early is a way to regularise.",
                slips=(
                    Slip(
                        float(STEPS[-1]),
                        "There the training cost is lowest. It says how well the points are "
                        "remembered.",
                    ),
                ),
                hint="Which of the two columns speaks of points that were not learned?",
            ),
        ),
        Card(
            "What else helps",
            "Look at the curve through the points, at the best step and at the last.",
            Scene(step=STEPS[at], line="C", figure="data"),
            Choice(
                "Which of these does **not** help against overfitting?",
                (
                    Option(
                        "More training points.",
                        "It does: noise is averaged out.",
                    ),
                    Option(
                        "An L2 penalty on the weights.",
                        "It does: a steep bend needs large weights, and they cost something.",
                    ),
                    Option(
                        "Fewer units.",
                        "It does: there is less room for noise.",
                    ),
                    Option(
                        "A longer training.",
                        "That is what made it worse here.",
                        right=True,
                    ),
                ),
                hint="Three of them leave less room for the noise.",
            ),
        ),
        Card(
            "An honest number",
            f"You chose the step with the test points. Its cost there is ${tex(test[at], 3)}$.",
            Scene(line="C"),
            Choice(
                "What may you report as the error on new data?",
                (
                    Option(
                        "That number.",
                        "It is the lowest of five on these very points: a little too good. What "
                        "was used to choose cannot judge.",
                    ),
                    Option(
                        "The error on points that were used neither to train nor to choose.",
                        "So data are cut into three: to train, to choose (validation), and to "
                        "report.",
                        right=True,
                    ),
                    Option(
                        "The training cost at that step.",
                        "Those points were learned.",
                    ),
                ),
                hint="What have the test points been used for?",
            ),
        ),
    )


LESSON = Lesson(
    name="overfitting",
    title="Learning the noise",
    group="further",
    exercise="",
    summary="Runge's function, few points, many units, and when to stop.",
    minutes=10,
    cards=cards,
    questions=6,
)
