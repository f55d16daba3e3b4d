"""Week 42, exercise 4: back through two sigmoid layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.drawn import distinct_slips, first
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
from backprop_explorer.lessons.week42.numbers import code, is_clear, network
from backprop_explorer.lessons.working import LessonWorking, listed


def cards(draw: Draw) -> Sequence[Card]:
    """Two sigmoid layers 2 → 3 → 4."""
    sizes = (2, 3, 4)
    return pages(
        first(lambda: network(draw, sizes, "sigmoid", "sigmoid", jacobians=True), is_clear)
    )


def pages(working: LessonWorking) -> Sequence[Card]:
    """The same for a given network."""
    return (*_last_layer(working), *_between(working), *_first_layer(working), *_repeating())


def _last_layer(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "The last layer is known",
            "Two sigmoid layers, 2 → 3 → 4, with the mean squared error. In the formulas the "
            "number of the layer stands in brackets; in code it is `W1`, `z2` and so on.\n\n"
            f"```\n{code(working)}\n```\n\n"
            "Seen from the end, the last layer is the one of exercise 3: a sigmoid layer with the "
            "cost behind it.",
            opening(working, "C", "dC_da2"),
            Choice(
                "What stands in the place of $x$ in $\\partial C / \\partial W^{(2)}$?",
                (
                    Option(
                        "$a^{(1)}$",
                        "It is what the layer multiplies its weights with: the output of the layer "
                        "before.",
                        right=True,
                    ),
                    Option(
                        "$x$",
                        "The last layer never sees $x$, only what the first one made of it.",
                    ),
                    Option(
                        "$a^{(2)}$",
                        "That is what the layer gives, not what it receives.",
                    ),
                    Option(
                        "$z^{(1)}$",
                        "Between the two layers stands the activation: $W^{(2)}$ meets $a^{(1)}$.",
                    ),
                ),
                hint="$z^{(2)} = W^{(2)} \\cdot {?} + b^{(2)}$",
            ),
        ),
        Card(
            "Down to the last pre-activation",
            "Four outputs now, so the mean divides by 4.",
            ask("dC_dz2"),
            LineValue(
                "What is $\\partial C / \\partial z^{(2)}$?",
                working,
                "dC_dz2",
                why="$\\frac{2}{4} (a^{(2)} - y) \\odot a^{(2)} \\odot (1 - a^{(2)})$, entry by "
                "entry.",
                hint="First $\\partial C / \\partial a^{(2)}$ as in exercise 3 b), then times "
                "$\\sigma'$.",
            ),
        ),
        Card(
            "The weights of the last layer",
            "And with $\\partial C / \\partial z^{(2)}$ comes the gradient of `W2`.",
            ask("dC_dW2"),
            LineValue(
                "What is $\\partial C / \\partial W^{(2)}$?",
                working,
                "dC_dW2",
                why="`np.outer(dC_dz2, a1)`: (4,) and (3,) give (4, 3), the shape of `W2`. The "
                "gradient of `b2` is `dC_dz2` itself.",
                hint="An outer product with what goes into the layer.",
            ),
        ),
    )


def _between(working: LessonWorking) -> Sequence[Card]:
    W2 = np.asarray(working.layers[1][0]).T
    dz2, a1, z1 = (working.shown(name) for name in ("dC_dz2", "a1", "z1"))
    right = working.shown("dC_da1")
    slope = a1 * (1 - a1)
    return (
        Card(
            "From one layer to the one before",
            "Now the step that is new: how $z^{(2)} = W^{(2)} a^{(1)} + b^{(2)}$ changes with "
            "$a^{(1)}$. $z^{(2)}$ has 4 entries, $a^{(1)}$ has 3.",
            ask("dz2_da1"),
            Choice(
                "What is $\\partial z^{(2)} / \\partial a^{(1)}$?",
                (
                    Option(
                        "the matrix $W^{(2)}$, shape (4, 3)",
                        "Entry $(i, k)$ says how $z_i$ changes with $a_k$, and that is the weight "
                        "between the two.",
                        right=True,
                    ),
                    Option(
                        "a row with the sum of each row of $W^{(2)}$",
                        "The sum of a row says how $z_i$ changes if all entries of $a$ grow "
                        "together. Each pair of entries has its own derivative; nothing is summed "
                        "yet.",
                    ),
                    Option(
                        "$a^{(1)}$",
                        "That is the derivative with respect to the weights.",
                    ),
                    Option(
                        "the (3, 3) identity",
                        "Between $z^{(2)}$ and $a^{(1)}$ stand the weights. The identity belongs "
                        "to the bias.",
                    ),
                ),
                hint="Write out $z_0 = W_{00} a_0 + W_{01} a_1 + W_{02} a_2 + b_0$ and "
                "differentiate with respect to $a_1$.",
            ),
        ),
        Card(
            "Which way round",
            "$a_k$ reaches the cost through all four entries of $z^{(2)}$, so their contributions "
            "are added up: $\\frac{\\partial C}{\\partial a_k} = \\sum_i "
            "\\frac{\\partial C}{\\partial z_i} W_{ik}$.",
            ask("dC_da1"),
            LineValue(
                "What is $\\partial C / \\partial a^{(1)}$?",
                working,
                "dC_da1",
                why="`W2.T @ dC_dz2`, or `dC_dz2 @ W2`, which is the same for a vector. The sum "
                "runs over $i$, the rows of `W2`.",
                hint="Multiply `dC_dz2` (4,) and `W2` (4, 3) so that (3,) comes out.",
            ),
        ),
        Card(
            "Through the first activation",
            f"Your $\\partial C / \\partial a^{{(1)}}$ is {listed(right, 5)}, and "
            f"$a^{{(1)}}$ is {listed(a1)}.",
            ask("dC_dz1"),
            Signs(
                "Before the numbers: what are the signs of $\\partial C / \\partial z^{(1)}$?",
                right,
                names=("`z1[0]`", "`z1[1]`", "`z1[2]`"),
                why="The same as before: the sigmoid always rises, so its slope is positive and "
                "changes no sign.",
                wrong="Each entry is multiplied by $\\sigma'$. Can that be negative?",
                hint="What is the sign of $\\sigma'$?",
            ),
        ),
        Card(
            "The numbers of it",
            "Entry by entry again.",
            ask("dC_dz1"),
            Values(
                "What is $\\partial C / \\partial z^{(1)}$?",
                right * slope,
                why="The same expression as in the last layer, one number lower.",
                slips=distinct_slips(
                    right * slope,
                    Slip(right, "The slope of the first activation is missing."),
                    Slip(
                        right * a1,
                        "You multiplied by $\\sigma(z^{(1)})$ instead of its slope.",
                    ),
                    Slip(
                        dz2 @ W2 * (s := 1 / (1 + np.exp(-a1))) * (1 - s),
                        "The slope is taken at $z^{(1)}$, not at $a^{(1)}$.",
                    ),
                    Slip(
                        right * z1 * (1 - z1),
                        "$\\sigma' = \\sigma (1 - \\sigma)$ wants $a^{(1)}$, not $z^{(1)}$.",
                    ),
                ),
                hint="$a^{(1)} \\odot (1 - a^{(1)})$ is the slope.",
            ),
        ),
    )


def _first_layer(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "The weights of the first layer",
            "All that is left is the last factor, as in exercise 3.",
            ask("dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W^{(1)}$?",
                working,
                "dC_dW1",
                why="`np.outer(dC_dz1, x)`. The gradient of `b1` is `dC_dz1`.",
                hint="What goes into the first layer?",
            ),
        ),
        Card(
            "What autograd returns",
            "`grad(cost_two_layers, 0)(layers, x, target)`, with `layers = [(W1, b1), (W2, b2)]`.",
            look("dC_dW1"),
            Shape(
                "It gives a list of pairs. What is the shape of `result[1][0]`?",
                (4, 3),
                why="`result[1]` is layer 2 (lists count from 0), and its first entry belongs to "
                "`W2`. Compare it with your `dC_dW2`: they agree to about 16 digits.",
                slips={
                    (3, 2): "That is `result[0][0]`, of the first layer.",
                    (4,): "That is `result[1][1]`, of the biases.",
                    (3,): "That is `result[0][1]`.",
                },
                hint="The result is built like `layers`.",
            ),
        ),
    )


def _repeating() -> Sequence[Card]:
    return (
        Card(
            "One layer more",
            "Suppose a third layer stood in front: its output would be the input of what is now "
            "the first.",
            look("dC_dW1"),
            Choice(
                "What would have to be computed anew for it?",
                (
                    Option(
                        "the same three expressions, with the numbers of the layers lowered by one",
                        "$W^T \\frac{\\partial C}{\\partial z}$ of the layer behind, times the "
                        "slope of its own activation, then the outer product with its input. The "
                        "cost is differentiated only once, at the end. That is a loop: "
                        "exercise 5.",
                        right=True,
                    ),
                    Option(
                        "everything from the cost on, once for each layer",
                        "$\\partial C / \\partial z$ of the layers behind is there already. Using "
                        "it again is what makes backpropagation fast.",
                    ),
                    Option(
                        "a new derivative of the cost with respect to the new layer's output",
                        "The cost is a function of the last output. All earlier layers get their "
                        "share through the layer behind them.",
                    ),
                ),
                hint="Look at what you did between $z^{(2)}$ and $z^{(1)}$.",
            ),
        ),
    )


LESSON = Lesson(
    name="two-layers",
    title="Two layers",
    group="week42",
    exercise="4 a–e",
    summary="How the gradient passes from one layer to the one before it.",
    minutes=25,
    cards=cards,
)
