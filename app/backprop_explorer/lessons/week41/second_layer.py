"""Week 41, exercise 2: a second ReLU layer on top of the first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import (
    Choice,
    LineValue,
    Option,
    Shape,
    Signs,
    Slip,
    Values,
)
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.week41.numbers import Given, given
from backprop_explorer.lessons.working import listed


def cards(draw: Draw) -> Sequence[Card]:
    """From a1 (4,) to a2 (8,)."""
    g = given(draw.seed)
    return (*_shapes(g), *_numbers(g))


def _shapes(g: Given) -> Sequence[Card]:
    working = g.working(layers=2)
    return (
        Card(
            "What the second layer receives",
            "A second layer with 8 neurons stands on the first. The numbers of the first layer are "
            "those of exercise 1 with the same seed:\n\n"
            f"```\n{g.code_first}\n{g.code_bias}\n```\n\n"
            f"It gave `a1` = {listed(g.a1)}.",
            opening(working, "a1", "z2"),
            Choice(
                "What is the input of the second layer?",
                (
                    Option(
                        "`a1`, of shape (4,)",
                        "The output of one layer is the input of the next.",
                        right=True,
                    ),
                    Option(
                        "`z1`, of shape (4,)",
                        "Then the activation of the first layer would have no effect at all.",
                    ),
                    Option(
                        "`x`, of shape (2,)",
                        "Only the first layer sees $x$. What the others know of it has come "
                        "through the layers before.",
                    ),
                    Option(
                        "`x` and `a1`, of shape (6,)",
                        "Some networks do pass $x$ on like this; a plain feed-forward network "
                        "does not.",
                    ),
                ),
                hint="Follow the edges into the second column of neurons.",
            ),
        ),
        Card(
            "Its weights",
            "The second layer has 8 outputs.",
            look("a1", "z2"),
            Shape(
                "What is the shape of `W2`, so that `W2 @ a1` works?",
                (8, 4),
                why="(outputs, inputs): 8 rows, one for each neuron, and 4 columns, one for each "
                "entry of $a^{(1)}$.",
                slips={
                    (4, 8): "So it would be for `a1 @ W2`. With `W2 @ a1` the columns belong to "
                    "what comes in.",
                    (8, 2): "2 is the size of $x$. This layer receives $a^{(1)}$.",
                },
                hint="Rows: what comes out. Columns: what goes in.",
            ),
        ),
        Card(
            "How many numbers it has to learn",
            "`b2` has one entry for each output again.",
            look("a1", "z2"),
            Values(
                "How many parameters does the second layer have, weights and biases together?",
                40,
                why="8 × 4 weights and 8 biases.",
                slips=(
                    Slip(32, "These are the weights. Each neuron has a bias too."),
                    Slip(52, "That is both layers. The first has 4 × 2 + 4 = 12 of them."),
                    Slip(36, "There is one bias for each output, and there are 8 outputs."),
                ),
                hint="Weights: outputs times inputs. Biases: one for each output.",
            ),
            after=f"```\n{g.code_second}\n```",
        ),
    )


def _numbers(g: Given) -> Sequence[Card]:
    working = g.working(layers=2)
    off = int(np.flatnonzero(g.a1 == 0)[0])
    without_relu = g.W2 @ g.z1 + g.b2
    z2 = listed(g.z2)
    return (
        Card(
            "A zero on the way",
            "All numbers, in order:\n\n"
            f"```\n{g.code_first}\n{g.code_bias}\n{g.code_second}\n```\n\n"
            f"One entry of `a1` = {listed(g.a1)} is 0.",
            look("a1", "z2"),
            Values(
                "Which column of `W2` can be changed without changing `z2`? Columns count from 0.",
                off,
                why=f"Column {off} is multiplied by `a1[{off}]`, which is 0. For this sample the "
                "neuron is silent. (In week 42 you will see that its weights get no gradient "
                "either.)",
                slips=(Slip(off + 1, "The right column, counted from 1. NumPy counts from 0."),),
                hint="Column $k$ of $W^{(2)}$ is what entry $k$ of $a^{(1)}$ is multiplied with.",
            ),
        ),
        Card(
            "The second pre-activation",
            "Compute `z2` and paste what `print(z2)` gives.",
            ask("z2"),
            LineValue(
                "What is `z2`?",
                working,
                "z2",
                why="The same expression as for the first layer, with `a1` in the place of `x`.",
                hint="`z2 = W2 @ a1 + b2`, with the `a1` after ReLU.",
            ),
        ),
        Card(
            "Which neurons speak",
            f"Your `z2` is {z2}.",
            look("z2", "a2"),
            Signs(
                "For each entry of `a2`: is it positive, negative or 0?",
                np.maximum(g.z2, 0.0),
                names=tuple(f"`a2[{k}]`" for k in range(8)),
                why=f"{int((g.z2 > 0).sum())} of the 8 neurons give something other than 0.",
                wrong="0 where `z2` is negative, `z2` itself where it is positive.",
                hint="ReLU again: the signs of `z2` decide.",
            ),
        ),
        Card(
            "The output of the network",
            "Now the numbers.",
            ask("a2"),
            LineValue(
                "What is `a2`, with ReLU?",
                working,
                "a2",
                why="Eight numbers, computed from two.",
                hint="`a2 = ReLU(z2)`",
            ),
        ),
        Card(
            "If the activation between were left out",
            "Suppose the first layer had no ReLU: the second one would receive `z1`.",
            look("z2"),
            Values(
                "What would `z2[0]` be then?",
                without_relu[0],
                why=f"{without_relu[0]:.4g} instead of {g.z2[0]:.4g}: they differ by "
                f"`W2[0, {off}] * z1[{off}]`, the part that ReLU took away. Exercise 3 d) asks "
                "why such a network is worth no more than a single layer.",
                slips=(Slip(g.z2[0], "This is `z2[0]` with ReLU. Use `z1` in place of `a1`."),),
                hint="`(W2 @ z1 + b2)[0]`",
            ),
        ),
    )


LESSON = Lesson(
    name="second-layer",
    title="A second layer",
    group="week41",
    exercise="2 a–c",
    summary="What one layer gives, the next one takes: shapes and numbers of 2 → 4 → 8.",
    minutes=12,
    cards=cards,
)
