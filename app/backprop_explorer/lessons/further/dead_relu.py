"""A dead ReLU: a unit that is off for every sample, and stays so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Signs, Slip, Values
from backprop_explorer.lessons.runs import points
from backprop_explorer.lessons.scenes import look, opening
from backprop_explorer.lessons.working import LessonWorking, assigned
from backprop_explorer.lessons.written import tex

N, STEPS, ETA = 4, 100, 0.05


def _batch(draw: Draw) -> tuple[LessonWorking, int]:
    """Four samples through 2 → 3 (ReLU) → 1, and which of the three units is dead."""
    dead = int(draw.rng.integers(3))

    def make() -> LessonWorking:
        W1, x = draw.normal(2, 3), draw.normal(N, 2)
        b1 = draw.normal(3, scale=0.3)
        b1[dead] = -np.ceil(10 * (np.max(x @ W1[:, dead]) + 0.4)) / 10
        layers = [(W1, b1, "relu"), (draw.normal(3, 1), draw.normal(1, scale=0.3), "identity")]
        return LessonWorking(
            layers, x, draw.normal(N, 1), convention="row", single=False, learning_rate=ETA
        )

    def tells(working: LessonWorking) -> bool:
        z, gradient = working.shown("z1"), np.abs(working.shown("dC_db1"))
        others = [k for k in range(3) if k != dead]
        b = working.shown("b1")[dead]
        return bool(
            (z[:, dead] < 0).all()
            and b > -4.0
            and b < -0.3
            and all((z[:, k] > 0).sum() >= 1 for k in others)
            and gradient[others].min() > 0.02
            and abs(working.shown("dC_da1").sum(axis=0)[dead]) > 0.05
            and np.abs(working.shown("W2")).min() > 0.1
        )

    return first(make, tells), dead


def _leaky(working: LessonWorking) -> LessonWorking:
    (W1, b1, _), output = working.layers
    return LessonWorking(
        [(W1, b1, "leaky_relu"), output],
        working.x,
        working.target,
        convention="row",
        single=False,
        learning_rate=ETA,
    )


def _bias_after(working: LessonWorking, unit: int) -> tuple[float, dict[str, Any]]:
    recipe = working.recipe()
    (point,) = points(recipe, STEPS)
    return float(point.layers[0][1][unit]), recipe


def cards(draw: Draw) -> Sequence[Card]:
    """A small regression with a unit whose bias is too far down."""
    working, dead = _batch(draw)
    leaky = _leaky(working)
    b = float(working.shown("b1")[dead])
    stays, _ = _bias_after(working, dead)
    moved, leaky_recipe = _bias_after(leaky, dead)
    upstream = working.shown("dC_da1")[:, dead]
    unit = dead + 1
    numbers = assigned(
        W1=working.shown("W1"),
        b1=working.shown("b1"),
        W2=working.shown("W2"),
        b2=working.shown("b2"),
        x=working.shown("x"),
        target=working.shown("target"),
    )
    return (
        Card(
            "Three units",
            f"Layers 2 → 3 (ReLU) → 1 (linear), {N} samples as rows, the mean squared error. "
            "ReLU is $a = \\max(0, z)$. Units count from 1.\n\n"
            f"```\n{numbers}\n```\n\nThe page shows $z^{{(1)}}$: a row for each sample, a column "
            "for each unit.",
            opening(working, "z1", hide="dC_da1"),
            Choice(
                "Which unit is dead: off for every sample?",
                tuple(
                    Option(
                        f"Unit {k + 1}.",
                        f"Its column is negative in every row. Its bias is ${tex(b)}$, further "
                        "down than any sample can lift it."
                        if k == dead
                        else "At least one entry of its column is positive: for that sample it "
                        "is on.",
                        right=k == dead,
                    )
                    for k in range(3)
                ),
                hint="Look for a column of $z^{(1)}$ without any positive number.",
            ),
        ),
        Card(
            "What it answers",
            f"Unit {unit}, sample by sample.",
            look("a1", "dC_da1"),
            Signs(
                f"What is the sign of $a^{{(1)}}$ of unit {unit} for each sample?",
                np.zeros(N),
                names=tuple(f"sample {k}" for k in range(N)),
                why="0 for all of them: for the next layer the unit does not exist.",
                wrong="$\\max(0, z)$ of a negative $z$ is 0.",
                hint="$z$ is negative for all samples. What does ReLU make of it?",
            ),
        ),
        Card(
            "What it is told",
            f"$\\partial C / \\partial a^{{(1)}}$ of unit {unit} is not 0: the page shows it. The "
            "cost would be lower if this unit answered something else.",
            look("dC_da1", "dC_dz1"),
            LineValue(
                "What is $\\partial C / \\partial b^{(1)}$, for all three units?",
                working,
                "dC_db1",
                why=f"Exactly 0 for unit {unit}: the slope of ReLU is 0 for all its samples, and "
                f"${tex(float(upstream[0]))} \\cdot 0 + \\dots = 0$.",
                hint="Go through ReLU first: its slope is 1 where $z > 0$, else 0. Then sum over "
                "the samples.",
            ),
        ),
        Card(
            "Exactly zero",
            "A vanishing gradient is small. This one is 0.",
            look("dC_dW1"),
            Choice(
                f"Which gradients of unit {unit} are exactly 0?",
                (
                    Option(
                        "Only that of its bias.",
                        "Its weights' gradients are $x$ times the same "
                        "$\\partial C / \\partial z$, which is 0 for every sample.",
                    ),
                    Option(
                        "Those of its bias and of the weights that lead into it.",
                        "Both begin with its $\\partial C / \\partial z = 0$.",
                    ),
                    Option(
                        "Those of its bias, of the weights into it, and of the weight out of it.",
                        "The weight out of it has the gradient $a \\cdot \\partial C / \\partial "
                        "z^{(2)}$, and its $a$ is 0 for every sample too.",
                        right=True,
                    ),
                ),
                hint="The gradient of a weight is what came in at its start, times "
                "$\\partial C / \\partial z$ at its end.",
            ),
        ),
        Card(
            "A hundred steps later",
            f"The network is trained with $\\eta = {ETA}$ on these {N} samples for {STEPS} steps. "
            f"The bias of unit {unit} is ${tex(b)}$ now.",
            Scene(step=0, line="dC_db1"),
            Values(
                "What is it then?",
                stays,
                why="The same number, to the last digit: every step subtracted $\\eta \\cdot 0$. "
                "Nothing can wake this unit up, as long as the samples are the same.",
                slips=(
                    Slip(
                        0.0,
                        "The gradient is 0, not the bias. A bias with gradient 0 stays where it "
                        "is.",
                    ),
                    Slip(
                        b * (1 - ETA) ** STEPS,
                        "Nothing pulls it to 0: there is no penalty in this cost.",
                    ),
                ),
                hint="Each step subtracts the learning rate times a gradient that you know.",
            ),
        ),
        Card(
            "Leaky ReLU",
            "Leaky ReLU is $z$ for $z > 0$ and $0.01\\, z$ else. Its slope is 0.01 where ReLU's "
            "is 0. Same weights, same samples.",
            Scene(
                recipe=leaky_recipe,
                step=0,
                line="dC_da1",
                sample="batch",
                convention="row",
                hide="dC_dz1",
            ),
            LineValue(
                "What is $\\partial C / \\partial b^{(1)}$ now?",
                leaky,
                "dC_db1",
                why=f"Unit {unit} has a small gradient that is not 0. It knows which way to go.",
                hint="The slope is 0.01 where $z$ is negative, else 1; $\\partial C / \\partial a$ "
                "is on the page.",
            ),
        ),
        Card(
            "It moves",
            f"The same {STEPS} steps with leaky ReLU. The bias of unit {unit} goes from "
            f"${tex(b)}$ to ${tex(moved, 6)}$.",
            Scene(step=STEPS, line="dC_db1"),
            Choice(
                "How do ReLU units die in practice?",
                (
                    Option(
                        "By too many samples.",
                        "More samples make it less likely: one that switches the unit on is enough "
                        "to keep it alive.",
                    ),
                    Option(
                        "By one step that is too long, which throws the bias far down.",
                        "After it no sample reaches the unit, and no gradient brings it back. A "
                        "smaller learning rate, first weights of the right size, or leaky ReLU "
                        "help.",
                        right=True,
                    ),
                    Option(
                        "Slowly, because their gradient vanishes.",
                        "Where a ReLU is on, its slope is 1. It does not fade, it switches off.",
                    ),
                ),
                hint="What can carry a bias far away in a moment?",
            ),
        ),
    )


LESSON = Lesson(
    name="dead-relu",
    title="A dead ReLU",
    group="further",
    exercise="",
    summary="A bias that switches a unit off for good, and why its gradient is exactly 0.",
    minutes=12,
    cards=cards,
    questions=7,
)
