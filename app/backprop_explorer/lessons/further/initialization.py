"""Initialization: too small, too large, the right variance, and why not all alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.frames import frames
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Slip, Values
from backprop_explorer.lessons.scenes import opening
from backprop_explorer.lessons.working import LessonWorking, assigned
from backprop_explorer.lessons.written import tex

UNITS, HIDDEN, STEPS = 16, 5, 100


def deep(initializer: str, seed: int) -> dict[str, Any]:
    """Moons, five hidden layers of 16 tanh units."""
    hidden = [{"units": UNITS, "activation": "tanh"} for _ in range(HIDDEN)]
    return {
        "dataset": {"name": "moons", "samples": 100, "noise": 0.15, "seed": seed},
        "network": {
            "layers": [*hidden, {"units": 1, "activation": "sigmoid"}],
            "initializer": initializer,
            "seed": seed,
        },
        "cost": {"name": "binary_cross_entropy", "reduction": "mean"},
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        "batch": {"size": None, "shuffle": False},
    }


def _alike(draw: Draw) -> LessonWorking:
    """All weights and biases of 2 → 3 (tanh) → 1 the same number, four samples."""
    c = round(float(draw.rng.uniform(0.2, 0.6)), 1)
    layers = [
        (np.full((2, 3), c), np.full(3, c), "tanh"),
        (np.full((3, 1), c), np.full(1, c), "identity"),
    ]

    def make() -> LessonWorking:
        x, target = draw.normal(4, 2), draw.normal(4, 1)
        return LessonWorking(layers, x, target, convention="row", single=False)

    return first(make, lambda w: bool(np.abs(w.shown("dC_dW1")).min() > 0.02))


def cards(draw: Draw) -> Sequence[Card]:
    """Numbers of inputs and outputs are drawn; the runs are real."""
    n_in = int(draw.rng.choice([40, 60, 80, 120, 160, 240]))
    n_out = int(draw.rng.choice([20, 30, 50, 70, 90]))
    seed = int(draw.rng.integers(10_000))
    return (
        *_variance(n_in, seed),
        *_rules(n_in, n_out, seed),
        *_symmetry(_alike(draw)),
    )


def _variance(n_in: int, seed: int) -> Sequence[Card]:
    wide = frames(deep("normal", seed), 0)[0]
    flat = wide["layers"][2]["activation_statistics"]["saturated_fraction"]
    s = 0.05
    factor = np.sqrt(UNITS) * s
    return (
        Card(
            "A sum of many",
            f"A unit with $n_{{\\mathrm{{in}}}} = {n_in}$ inputs: $z = \\sum_i w_i a_i$. The "
            "weights are drawn independently, with mean 0 and standard deviation 1, and each "
            "$a_i^2$ is 1 on average. Then the variances add up: the variance of $z$ is "
            "$n_{\\mathrm{in}} \\cdot \\mathrm{Var}(w)$.",
            Scene(recipe=deep("normal", seed), step=0, line="z2", sample="batch", figure="health"),
            Values(
                "What is the standard deviation of $z$?",
                np.sqrt(n_in),
                why=f"$\\sqrt{{{n_in}}} = {tex(np.sqrt(n_in))}$. Where a sigmoid or tanh wants $z$ "
                "between about −2 and 2, that is far outside.",
                slips=(
                    Slip(float(n_in), "That is the variance. The standard deviation is its root."),
                    Slip(1.0, "That is the one of a single term; here many are added."),
                ),
                hint="The standard deviation is the root of the variance.",
            ),
        ),
        Card(
            "Too large",
            f"The network on the page has {HIDDEN} hidden layers of {UNITS} tanh units, with "
            "weights and biases from the standard normal distribution. In its third layer "
            f"${tex(100 * flat, 3)}$ % of all outputs are beyond ±0.99.",
            Scene(line="a3", figure="health"),
            Choice(
                "Why does such a unit hardly learn?",
                (
                    Option(
                        "Its output is wrong.",
                        "Wrong outputs are what gradients are for. Here there is hardly any "
                        "gradient.",
                    ),
                    Option(
                        "The slope of tanh is nearly 0 there.",
                        "$\\tanh'(z) = 1 - \\tanh^2(z)$, below 0.02 for outputs beyond 0.99. The "
                        "gradient is multiplied by that.",
                        right=True,
                    ),
                    Option(
                        "Its weights are too large to be changed.",
                        "A weight of any size can be changed by its gradient.",
                    ),
                ),
                hint="$\\tanh' = 1 - \\tanh^2$. What is it for an output of 0.99?",
            ),
        ),
        Card(
            "Too small",
            f"With weights of standard deviation ${s}$ and no biases, $\\tanh(z)$ is nearly $z$. "
            f"From one layer of {UNITS} units to the next the standard deviation of the outputs "
            f"is multiplied by $\\sqrt{{{UNITS}}} \\cdot {s} = {tex(factor)}$.",
            Scene(line="a5"),
            Values(
                "By which number is it multiplied over five such layers?",
                factor**5,
                why=f"${tex(factor)}^5 = {tex(factor**5)}$: the data has all but gone, and on the "
                "way back the gradient shrinks in the same way.",
                slips=(
                    Slip(5 * factor, "Five factors, not five times one."),
                    Slip(
                        s**5, f"The root of the number of inputs, $\\sqrt{{{UNITS}}}$, is missing."
                    ),
                ),
                hint="The same factor five times.",
            ),
        ),
    )


def _rules(n_in: int, n_out: int, seed: int) -> Sequence[Card]:
    right = frames(deep("xavier_normal", seed), 0)[0]
    flat = right["layers"][2]["activation_statistics"]["saturated_fraction"]
    spread = [layer["activation_statistics"]["std"] for layer in right["layers"]]
    return (
        Card(
            "Xavier",
            "To keep the size of $z$ on the way forward, $\\mathrm{Var}(w)$ should be "
            "$1 / n_{\\mathrm{in}}$; to keep that of the gradient on the way back, "
            "$1 / n_{\\mathrm{out}}$, with $n_{\\mathrm{out}}$ units in the layer. Xavier's rule "
            "takes $2 / (n_{\\mathrm{in}} + n_{\\mathrm{out}})$.",
            Scene(recipe=deep("xavier_normal", seed), step=0, line="a3", figure="health"),
            Values(
                f"Which variance is that for {n_in} inputs and {n_out} units?",
                2.0 / (n_in + n_out),
                why=f"$2 / {n_in + n_out}$. On the page, with this rule, ${tex(100 * flat, 3)}$ % "
                "of the third layer are on the flat ends, and the outputs of its five layers have "
                f"the standard deviations ${', '.join(tex(each, 2) for each in spread[:-1])}$.",
                slips=(
                    Slip(2.0 / n_in, "That is He's rule: the units of the layer count too here."),
                    Slip(
                        np.sqrt(2.0 / (n_in + n_out)),
                        "That is the standard deviation; the variance is asked for.",
                    ),
                    Slip(1.0 / (n_in + n_out), "The mean of two numbers has a 2 in it."),
                ),
                hint="Only add and divide.",
            ),
        ),
        Card(
            "He",
            "A ReLU sets half of its inputs to 0, if they are spread evenly around 0.",
            Scene(line="a3"),
            Values(
                f"Which **standard deviation** keeps the size on the way forward, for {n_in} "
                "inputs from ReLU units?",
                np.sqrt(2.0 / n_in),
                why=f"$\\sqrt{{2 / {n_in}}}$: twice the variance $1 / n_{{\\mathrm{{in}}}}$ makes "
                "up for the half that ReLU drops.",
                slips=(
                    Slip(2.0 / n_in, "That is the variance; its root is asked for."),
                    Slip(1.0 / np.sqrt(n_in), "ReLU drops half: the variance must be doubled."),
                    Slip(2.0 / np.sqrt(n_in), "The 2 belongs under the root: it is a variance."),
                ),
                hint="The variance $1 / n_{\\mathrm{in}}$, doubled; then its root.",
            ),
        ),
    )


def _symmetry(alike: LessonWorking) -> Sequence[Card]:
    c = float(alike.shown("W1")[0, 0])
    after = frames(alike.recipe(), 0, STEPS)[1]["layers"][0]["W"]
    return (
        Card(
            "All alike",
            "Now 2 → 3 (tanh) → 1 (linear), four samples, the mean squared error, and **every** "
            f"weight and bias is {c}. Rows are samples, a column of $W^{{(1)}}$ belongs to a unit."
            f"\n\n```\n{assigned(x=alike.shown('x'), target=alike.shown('target'))}\n```",
            opening(alike, "a1", hide="dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W^{(1)}$, of shape (2, 3)?",
                alike,
                "dC_dW1",
                why="Three equal columns. The three units see the same and answer the same, so "
                "they are told the same.",
                hint="One column is enough: what distinguishes the three units?",
            ),
        ),
        Card(
            "And later",
            f"The network is trained for {STEPS} steps. Its weights are no longer {c}.",
            Scene(step=0, line="dC_dW1"),
            Values(
                "How many **different** columns does $W^{(1)}$ have then?",
                1.0,
                why="One: equal weights with equal gradients stay equal. After these steps the "
                f"first row of $W^{{(1)}}$ is ${', '.join(tex(v) for v in after[0])}$. The layer "
                "is as good as a single unit.",
                slips=(
                    Slip(3.0, "What could make two of them different? Their gradients are equal."),
                    Slip(2.0, "There are two rows. The columns belong to the units."),
                ),
                hint="Their gradients were equal in this step. What about the next?",
            ),
        ),
        Card(
            "All zero",
            "Suppose all weights and biases are 0 instead, also those of the second layer. Then "
            "$a^{(1)} = \\tanh(0) = 0$.",
            Scene(step=STEPS, line="a1"),
            Choice(
                "Which gradients are not 0?",
                (
                    Option(
                        "All of them: the prediction is wrong.",
                        "$\\partial C / \\partial W^{(2)}$ has the factor $a^{(1)} = 0$, and layer "
                        "1 gets the gradient through $W^{(2)} = 0$.",
                    ),
                    Option(
                        "That of the output bias only.",
                        "$\\partial C / \\partial b^{(2)}$ has no other factor. All other "
                        "gradients have $a^{(1)}$ or $W^{(2)}$ in them. The network learns the "
                        "mean of the targets, and nothing else.",
                        right=True,
                    ),
                    Option(
                        "Those of the second layer.",
                        "Its weights have the gradient $a^{(1)}$ times something, and $a^{(1)}$ is "
                        "0.",
                    ),
                ),
                hint="Write down the last factor of each of the four gradients.",
            ),
        ),
    )


LESSON = Lesson(
    name="initialization",
    title="How to begin",
    group="further",
    exercise="",
    summary="First weights that are too large, too small, or all alike; Xavier's and He's rules.",
    minutes=15,
    cards=cards,
    questions=8,
)
