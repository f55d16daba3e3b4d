"""Week 41, exercise 1: one ReLU layer, one sample."""

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
    """From x (2,) to a1 (4,)."""
    return (*_shapes(given(draw.seed)), *_numbers(given(draw.seed)))


def _shapes(g: Given) -> Sequence[Card]:
    return (
        Card(
            "What goes in and what comes out",
            "A dense layer takes a vector $x$ and gives a vector $z = W x + b$. $W$ is its matrix "
            "of **weights**, $b$ its vector of **biases**; both are learned. Then an **activation "
            "function** acts on every entry of $z$.\n\n"
            "On the page the number of the layer stands in brackets: $W^{(1)}$ is `W1` in your "
            f"notebook. Begin with:\n\n```\n{g.code_first}\n```",
            opening(g.working(layers=1), "z1", "z1"),
            Choice(
                "`W1` has the shape (4, 2). How many numbers go into the layer, how many come out?",
                (
                    Option(
                        "4 go in, 2 come out",
                        "A row of $W$ is multiplied with the whole of $x$. So $x$ has as many "
                        "entries as $W$ has columns: 2.",
                    ),
                    Option(
                        "2 go in, 4 come out",
                        "A column for each input, a row for each output: that is why the shape "
                        "reads (outputs, inputs).",
                        right=True,
                    ),
                    Option(
                        "8 go in, 8 come out",
                        "8 is how many weights there are: one for each pair of an input and an "
                        "output.",
                    ),
                ),
                hint="For $W x$, what must $W$ and $x$ have in common?",
            ),
        ),
        Card(
            "A bias for each output",
            "The biases are added to $W x$, entry by entry.",
            look("z1", "z1"),
            Shape(
                "What is the shape of `b1`?",
                (4,),
                why="Like $W x$: one number for each of the four outputs.",
                slips={
                    (2,): "A bias belongs to an output, not to an input: it is added to $W x$, "
                    "and that has one entry for each row of $W$.",
                    (4, 2): "That is the shape of $W$. There is one bias for each output, "
                    "whatever the number of inputs.",
                    (4, 1): "As a column it would be this. Here $x$ and $W x$ are plain vectors "
                    "with one axis, and so is the bias: added to a vector, a column would give "
                    "NumPy a (4, 4) matrix.",
                    (1,): "One bias for the whole layer would move all outputs together. Each has "
                    "its own.",
                },
                hint="It is added to $W x$. What is the shape of that?",
            ),
        ),
    )


def _numbers(g: Given) -> Sequence[Card]:
    working = g.working(layers=1)
    off = int(np.argmin(g.z1))
    row = f"{listed(g.W1[off])}"
    names = tuple(f"`a1[{k}]`" for k in range(4))
    return (
        Card(
            "One entry by hand",
            f"Now with the biases:\n\n```\n{g.code_first}\n{g.code_bias}\n```\n\n"
            f"Take entry `z1[{off}]` alone. Row {off} of `W1` is {row}, `b1[{off}]` is "
            f"{g.b1[off]:.4g} and `x` is {listed(g.x)}. NumPy counts from 0.",
            look("z1", "z1", entry=(off,)),
            Values(
                f"What is `z1[{off}]`?",
                g.z1[off],
                why="A sum of weights times inputs, and the bias: that is all a neuron computes "
                "before its activation.",
                slips=(
                    Slip(g.z1[off] - g.b1[off], "This is the row times $x$. Add the bias."),
                    Slip(
                        g.z1[off - 1],
                        f"That is the entry before it: NumPy counts from 0, so row {off} is the "
                        f"one with {row}.",
                    ),
                    Slip(max(g.z1[off], 0.0), "The activation comes later: $z$ may be negative."),
                ),
                hint="Multiply the two weights of the row with the two inputs, add both products, "
                "then add the bias.",
            ),
        ),
        Card(
            "All four at once",
            "A matrix product does this for every row. The order of the two matters.",
            ask("z1"),
            Choice(
                "Which code gives `z1`?",
                (
                    Option("`W1 @ x + b1`", "(4, 2) times (2,) is (4,).", right=True),
                    Option(
                        "`x @ W1 + b1`",
                        "(2,) times (4, 2) does not fit: 2 against 4. NumPy stops with a "
                        "`ValueError`. (In week 41's exercise 5 this order comes back, with the "
                        "matrix transposed.)",
                    ),
                    Option(
                        "`W1 * x + b1`",
                        "The star multiplies entry by entry. It gives the products that should be "
                        "added up: a (4, 2) matrix, not its row sums.",
                    ),
                    Option(
                        "`W1 @ (x + b1)`",
                        "The bias is added after the product; here 2 entries would meet 4.",
                    ),
                ),
                hint="Write the shapes side by side. The two in the middle must agree.",
            ),
        ),
        Card(
            "The pre-activation",
            "Compute it in your notebook and paste what `print(z1)` gives.",
            ask("z1"),
            LineValue(
                "What is `z1`?",
                working,
                "z1",
                why=f"Your {g.z1[off]:.4g} is its entry {off}.",
                hint="`z1 = W1 @ x + b1`",
            ),
        ),
        Card(
            "Before the activation acts",
            "ReLU, the rectified linear unit, keeps what is positive and puts 0 in place of what "
            "is negative: $\\mathrm{ReLU}(z) = \\max(0, z)$, for each entry on its own.",
            look("z1", "a1"),
            Signs(
                "For each entry of `a1`: is it positive, negative or 0?",
                g.a1,
                names=names,
                why=f"Exactly one is 0: there $z$ is {g.z1[off]:.4g}. Nothing is ever negative "
                "after ReLU.",
                wrong="ReLU gives 0 where $z$ is negative and $z$ itself where it is positive. "
                "It never gives a negative number.",
                hint="You need only the signs of `z1`.",
            ),
        ),
        Card(
            "The activation",
            "Write ReLU with `np.where(z > 0, z, 0)` or `np.maximum(z, 0)`.",
            ask("a1"),
            LineValue(
                "What is `a1`?",
                working,
                "a1",
                why="This is the output of the layer, and the input of the next one.",
                hint="Apply ReLU to the `z1` that you have; the order of its entries stays.",
            ),
            after="On the page you see the whole layer: two inputs, eight edges (one for each "
            "weight) and four neurons. The lines after $a^{(1)}$ belong to week 42.",
        ),
    )


LESSON = Lesson(
    name="first-layer",
    title="One layer, forwards",
    group="week41",
    exercise="1 a–d",
    summary="What a dense layer computes: shapes, z = W x + b, and ReLU.",
    minutes=12,
    cards=cards,
)
