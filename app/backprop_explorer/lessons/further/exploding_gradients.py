"""Exploding gradients: weights that are too large, layer after layer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.frames import frames
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, Option, Slip, Values
from backprop_explorer.lessons.scenes import look, opening
from backprop_explorer.lessons.working import Array, LessonWorking
from backprop_explorer.lessons.written import tex

UNITS, HIDDEN, ETA = 8, 6, 0.5
LAST = HIDDEN + 1


def _chain(draw: Draw) -> LessonWorking:
    w = draw.rng.uniform(1.3, 2.6, 4).round(2)
    layers = [([[float(each)]], [0.0], "relu") for each in w]
    return LessonWorking(layers, np.abs(draw.normal(1)) + 0.2, draw.normal(1))


class _Deep:
    """Weights from N(0, 1), biases 0; one sample, and moons for the training."""

    def __init__(self, draw: Draw) -> None:
        sizes = (2, *[UNITS] * HIDDEN, 1)
        self.weights = [draw.normal(a, b) for a, b in pairwise(sizes)]
        names = [*["relu"] * HIDDEN, "sigmoid"]
        self.working = LessonWorking(
            [(W, np.zeros(W.shape[1]), name) for W, name in zip(self.weights, names, strict=True)],
            draw.normal(2),
            [float(draw.rng.integers(2))],
            cost="binary_cross_entropy",
        )
        self.seed = int(draw.rng.integers(10_000))

    def norm(self, layer: int) -> float:
        gradient: Array = self.working.shown(f"dC_dz{layer}")
        return float(np.linalg.norm(gradient))

    def recipe(self, scale: float) -> dict[str, Any]:
        """Moons with all weights times ``scale``."""
        parts = [{"W": (scale * W).tolist(), "b": [0.0] * W.shape[1]} for W in self.weights]
        return {
            "dataset": {"name": "moons", "samples": 100, "noise": 0.15, "seed": self.seed},
            "network": {
                "layers": [
                    *[{"units": UNITS, "activation": "relu"}] * HIDDEN,
                    {"units": 1, "activation": "sigmoid"},
                ],
                "weights": parts,
            },
            "cost": {"name": "binary_cross_entropy", "reduction": "mean"},
            "optimizer": {"name": "sgd", "learning_rate": ETA},
            "batch": {"size": None, "shuffle": False},
        }

    @property
    def costs(self) -> tuple[float, float]:
        """Of moons, at first and after one step."""
        before, after = frames(self.recipe(1.0), 0, 1)
        return before["cost"]["train"], after["cost"]["train"]

    @property
    def tells(self) -> bool:
        last = self.norm(LAST)
        # A sigmoid that says the wrong class for certain has the gradient 1: nothing to divide by.
        if not 1e-3 < last < 0.9 or self.norm(1) < 20 * last:
            return False
        before, after = self.costs
        return after > 1.5 * before


def cards(draw: Draw) -> Sequence[Card]:
    """A chain by hand, then seven layers of which each doubles."""
    chain, deep = _chain(draw), first(lambda: _Deep(draw), lambda d: d.tells)
    w = [float(chain.shown(f"W{k}")[0, 0]) for k in range(1, 5)]
    return (*_by_hand(chain, w), *_deep(deep))


def _by_hand(chain: LessonWorking, w: list[float]) -> Sequence[Card]:
    return (
        Card(
            "Nothing shrinks",
            "Four ReLU units in a chain: $z^{(l)} = w^{(l)} a^{(l-1)}$, $a^{(l)} = \\max(0, "
            "z^{(l)})$. All biases are 0 and all $z$ are positive, so that every slope is 1. "
            f"The weights are $w^{{(1)}} = {tex(w[0])}$, $w^{{(2)}} = {tex(w[1])}$, "
            f"$w^{{(3)}} = {tex(w[2])}$, $w^{{(4)}} = {tex(w[3])}$.",
            opening(chain, "dC_dz4", hide="dC_da3"),
            Values(
                "By which number is $\\frac{\\partial C}{\\partial z^{(4)}}$ multiplied, to give "
                "$\\frac{\\partial C}{\\partial z^{(1)}}$?",
                w[1] * w[2] * w[3],
                why=f"${tex(w[3])} \\cdot {tex(w[2])} \\cdot {tex(w[1])}$. Each weight is larger "
                "than 1, so the gradient grows on its way.",
                slips=(
                    Slip(
                        w[0] * w[1] * w[2] * w[3],
                        "$w^{(1)}$ leads from $x$ to $z^{(1)}$: it comes after $z^{(1)}$ on the "
                        "way back.",
                    ),
                    Slip(
                        w[0] * w[1] * w[2],
                        "From $z^{(4)}$ the first weight on the way is "
                        "$w^{(4)}$, and $w^{(1)}$ is not passed.",
                    ),
                    Slip(w[1] + w[2] + w[3], "Along a path the factors are multiplied."),
                ),
                hint="Three weights lie between $z^{(1)}$ and $z^{(4)}$.",
            ),
        ),
        Card(
            "Deeper",
            "Let every weight be 2, and let there be 11 layers.",
            look("dC_dz1"),
            Values(
                "By which number is the gradient multiplied from layer 11 to layer 1?",
                1024.0,
                why="$2^{10}$. With 21 layers it is a million. A step with such a gradient throws "
                "the first layers far away.",
                slips=(
                    Slip(2048.0, "Between 11 layers there are 10 steps."),
                    Slip(20.0, "The factors multiply."),
                ),
                hint="Ten steps, each with the factor 2.",
            ),
        ),
    )


def _deep(deep: _Deep) -> Sequence[Card]:
    first_norm, last_norm = deep.norm(1), deep.norm(LAST)
    ratio = first_norm / last_norm
    before, after = deep.costs
    top = rf"\frac{{\partial C}}{{\partial z^{{({LAST})}}}}"
    bottom = r"\frac{\partial C}{\partial z^{(1)}}"
    return (
        Card(
            "Six hidden layers",
            f"Now layers of {UNITS} ReLU units, with weights from the standard normal distribution "
            "as in the exercises, and biases of 0. For one sample, $\\|\\dots\\|$ being the root "
            f"of the sum of squares, $\\|{top}\\| = {tex(last_norm, 7)}$ and "
            f"$\\|{bottom}\\| = {tex(first_norm, 7)}$.",
            opening(deep.working, "dC_dz1", figure="flow"),
            Values(
                f"How many times as large as at layer {LAST} is the gradient at layer 1?",
                ratio,
                why=f"${tex(ratio)}$ times, over {LAST - 1} steps: about "
                f"${tex(ratio ** (1 / (LAST - 1)), 3)}$ for each.",
                slips=(Slip(1.0 / ratio, "The other way round: layer 1 divided by the last."),),
                hint="Layer 1 divided by the last layer.",
            ),
        ),
        Card(
            "Half the weights",
            "Divide **all** weights of this network by 2. The biases are 0, so every $z$ keeps its "
            "sign, and every ReLU that was on stays on.",
            look("dC_dz1"),
            Values(
                f"How many times as large is the gradient at layer 1 then, compared with layer "
                f"{LAST}?",
                ratio * 0.5 ** (LAST - 1),
                why=f"Each of the {LAST - 1} weight matrices on the way is halved: "
                f"${tex(ratio)} \\cdot 2^{{-{LAST - 1}}} = {tex(ratio * 0.5 ** (LAST - 1))}$.",
                slips=(
                    Slip(ratio / 2, "Halved once for each layer that the gradient passes."),
                    Slip(
                        ratio * 0.5**LAST,
                        f"$W^{{(1)}}$ is not on the way from $z^{{({LAST})}}$ to $z^{{(1)}}$.",
                    ),
                ),
                hint=f"{LAST - 1} weight matrices lie between layer {LAST} and layer 1.",
            ),
        ),
        Card(
            "He's rule",
            "He's rule for ReLU draws weights with the variance $2 / n_{\\mathrm{in}}$, where "
            "$n_{\\mathrm{in}}$ is the number of inputs of the layer.",
            look("dC_dz1"),
            Values(
                f"Which standard deviation is that for a layer with {UNITS} inputs?",
                0.5,
                why=f"$\\sqrt{{2 / {UNITS}}} = 0.5$: half of what this network has. Halving was "
                "the right thing to do.",
                slips=(
                    Slip(2.0 / UNITS, "That is the variance; its root is asked for."),
                    Slip(1.0 / np.sqrt(UNITS), "The 2 is missing: ReLU drops half of the signal."),
                ),
                hint="The standard deviation is the root of the variance.",
            ),
        ),
        Card(
            "One step",
            f"The same weights on moons, $\\eta = {ETA}$. The cost is ${tex(before)}$.",
            Scene(recipe=deep.recipe(1.0), step=0, line="C", sample="batch", figure="flow"),
            Choice(
                "What does one step do to it?",
                (
                    Option(
                        "It falls a little.",
                        "That is what a short step does. This one is long.",
                    ),
                    Option(
                        "It falls to nearly 0, since the gradient is so large.",
                        "A large gradient makes a long step. How far it is right to go is another "
                        "question.",
                    ),
                    Option(
                        "It grows.",
                        f"It goes to ${tex(after)}$: the step was far too long, and the next "
                        "gradient is that of another place.",
                        right=True,
                    ),
                ),
                hint="The length of a step is the learning rate times the gradient.",
            ),
        ),
        Card(
            "Side by side",
            "The second run has all weights halved, and everything else is the same. Follow both "
            "with the slider. What helps against exploding gradients: first weights of the right "
            "size, a smaller learning rate, fewer layers.",
            Scene(step=50, reference=deep.recipe(0.5), figure="flow"),
        ),
    )


LESSON = Lesson(
    name="exploding-gradients",
    title="Exploding gradients",
    group="further",
    exercise="",
    summary="Weights a little too large, layer after layer, and what halving them does.",
    minutes=12,
    cards=cards,
    questions=6,
)
