"""Week 42, exercise 3: the gradients of one sigmoid layer, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.drawn import distinct_slips
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
from backprop_explorer.lessons.week42.numbers import code, one_layer
from backprop_explorer.lessons.working import LessonWorking, listed


def cards(draw: Draw) -> Sequence[Card]:
    """A sigmoid layer 2 → 3 with the mean squared error."""
    return pages(one_layer(draw.seed))


def pages(working: LessonWorking) -> Sequence[Card]:
    """The same for a given sigmoid layer 2 → 3."""
    return (
        *_chain(working),
        *_cost(working),
        *_activation(working),
        *_parameters(working),
        _autograd(),
    )


def _chain(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "One layer, one sample",
            "The layer of exercise 2: $z = W x + b$, $a = \\sigma(z)$, and the cost is the mean "
            "squared error $C = \\frac{1}{3} \\sum_i (a_i - y_i)^2$, where $y$ is the target and "
            "$i$ counts the outputs. How does $C$ change when a weight does? The chain rule "
            "multiplies the derivatives along the way from the weight to $C$. We go back from "
            f"$C$, one line at a time.\n\n```\n{code(working)}\n```",
            opening(working, "C", "dC_da1"),
            Choice(
                "$\\partial C / \\partial W$ and $\\partial C / \\partial b$ begin with the same "
                "two factors. Which?",
                (
                    Option(
                        "$\\frac{\\partial C}{\\partial a} \\cdot \\frac{\\partial a}"
                        "{\\partial z}$",
                        "Both $W$ and $b$ reach the cost only through $z$, and $z$ only "
                        "through $a$. Compute the two once and use them twice.",
                        right=True,
                    ),
                    Option(
                        "$\\frac{\\partial C}{\\partial a} \\cdot \\frac{\\partial z}"
                        "{\\partial x}$",
                        "$x$ is given and does not change when $W$ or $b$ does.",
                    ),
                    Option(
                        "$\\frac{\\partial z}{\\partial W} \\cdot \\frac{\\partial z}"
                        "{\\partial b}$",
                        "These are the two last factors, and each belongs to one of the two "
                        "gradients only.",
                    ),
                ),
                hint="Follow the arrows from $W$ to $C$, then from $b$ to $C$. "
                "Where do the ways meet?",
            ),
        ),
    )


def _cost(working: LessonWorking) -> Sequence[Card]:
    a, target = working.shown("a1"), np.asarray(working.target)
    top = int(np.argmax(np.abs(a - target)))
    return (
        Card(
            "The cost, first",
            "Each $a_i$ occurs in one square: $\\frac{1}{3}(a_i - y_i)^2$. Here `a` = "
            f"{listed(a)} and `target` = {listed(target)}.",
            ask("dC_da1"),
            Signs(
                "Before any number: what is the sign of each entry of $\\partial C / \\partial a$?",
                working.shown("dC_da1"),
                names=("`a[0]`", "`a[1]`", "`a[2]`"),
                why="Where the layer gives too much, more of it costs more.",
                wrong="Where $a_i$ is larger than $y_i$, making it larger still makes the cost "
                "larger.",
                hint="Compare $a$ and the target, entry by entry.",
            ),
        ),
        Card(
            "The numbers of it",
            "Write a function `mse_der(predict, target)` for it.",
            ask("dC_da1"),
            LineValue(
                "What is $\\partial C / \\partial a$?",
                working,
                "dC_da1",
                why="$\\frac{\\partial C}{\\partial a_i} = \\frac{2}{3}(a_i - y_i)$: 2 from the "
                "square, 3 from the mean. The largest entry is where $a$ is furthest from the "
                f"target, entry {top}.",
                hint="The square brings a factor 2 down; the mean divides by the number of "
                "outputs.",
            ),
        ),
    )


def _activation(working: LessonWorking) -> Sequence[Card]:
    z, a = working.shown("z1"), working.shown("a1")
    right = a * (1 - a)
    return (
        Card(
            "The slope of the sigmoid",
            "The sigmoid acts on each entry alone. Its derivative can be written with $z$, or "
            "shorter with its own value: $\\sigma' = \\sigma (1 - \\sigma)$. It is never larger "
            "than $\\frac{1}{4}$.",
            look("da1_dz1", "da1_dz1"),
            Values(
                "What is $\\sigma'(z)$ for the three entries of $z$? Three numbers.",
                right,
                why="As a Jacobian, $\\partial a / \\partial z$ is a (3, 3) matrix with these on "
                "the diagonal: $a_0$ does not change when $z_1$ does.",
                slips=distinct_slips(
                    right,
                    Slip(
                        np.exp(-z) / (1 + np.exp(-z)) * 2,
                        "In $\\frac{e^{-z}}{(1 + e^{-z})^2}$ the denominator is squared: `** 2`, "
                        "not `* 2`. A slope above ¼ cannot be right.",
                    ),
                    Slip(a, "This is $\\sigma$ itself. Its slope is $\\sigma (1 - \\sigma)$."),
                    Slip(
                        (s := 1 / (1 + np.exp(-a))) * (1 - s),
                        "You put $a$ into the derivative. It is the slope at $z$.",
                    ),
                    Slip(
                        z * (1 - z), "The formula wants $\\sigma(z)$, that is $a$, in place of $z$."
                    ),
                    Slip(np.exp(-z) / (1 + np.exp(-z)), "The denominator is squared."),
                ),
                hint="You have $a = \\sigma(z)$ on the page.",
            ),
        ),
        Card(
            "Through the activation",
            "Now the two factors together. With the Jacobian it is a matrix product, "
            "`dC_da @ np.diag(...)`; since all entries off the diagonal are 0, multiplying entry "
            "by entry gives the same.",
            ask("dC_dz1"),
            LineValue(
                "What is $\\partial C / \\partial z$?",
                working,
                "dC_dz1",
                why="$\\frac{\\partial C}{\\partial z} = \\frac{\\partial C}{\\partial a} "
                "\\odot a \\odot (1 - a)$, where $\\odot$ multiplies entry by entry. Every entry "
                "is at most a quarter of what it was.",
                hint="Multiply $\\partial C / \\partial a$ entry by entry by $a (1 - a)$.",
            ),
        ),
    )


def _parameters(working: LessonWorking) -> Sequence[Card]:
    return (
        Card(
            "A tensor that is mostly zeros",
            "The last factor: $\\partial z / \\partial W$ says how each $z_i$ changes with each "
            "weight $W_{kl}$.",
            ask("dz1_dW1"),
            Shape(
                "What is its shape?",
                (3, 3, 2),
                why="One axis for $z$, two for $W$. Only where $i = k$ is there something other "
                "than 0, since row $k$ of $W$ is used for $z_k$ alone; there it is $x_l$.",
                slips={
                    (3, 2): "That is the shape of $W$ itself; each of the entries of $z$ has a "
                    "derivative with respect to all of them.",
                    (3, 2, 3): "The axes of $z$ come first.",
                    (3, 3): "$W$ has two axes, and $z$ has one.",
                },
                hint="First the axes of what is differentiated, then the axes of $W$.",
            ),
        ),
        Card(
            "The same for the bias",
            "$z_i = \\sum_l W_{il} x_l + b_i$.",
            ask("dz1_db1"),
            Choice(
                "What is $\\partial z / \\partial b$?",
                (
                    Option(
                        "the (3, 3) identity matrix",
                        "$z_i$ grows by as much as $b_i$ does, and does not notice the other "
                        "biases. Multiplying by it changes nothing.",
                        right=True,
                    ),
                    Option(
                        "the number 1",
                        "For each pair $z_i$, $b_i$ it is 1. But there are also pairs with "
                        "different numbers, and there it is 0.",
                    ),
                    Option(
                        "a (3, 3) matrix of ones",
                        "That would say that each bias moves all three entries of $z$.",
                    ),
                    Option("$x$", "$x$ is what the weights are multiplied with, not the biases."),
                ),
                hint="What happens to $z_0$ when $b_0$ grows by 1? And when $b_1$ does?",
            ),
        ),
        Card(
            "All the weights at once",
            "So the product collapses: of the tensor only $x$ is left, and "
            "$\\frac{\\partial C}{\\partial W_{kl}} = \\frac{\\partial C}{\\partial z_k} x_l$.",
            ask("dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W$, with the shape of $W$?",
                working,
                "dC_dW1",
                why="`np.outer(dC_dz, x)`: a row for each output, a column for each input.",
                hint="An outer product. Which of the two gives the rows?",
            ),
        ),
        Card(
            "And the biases",
            "$\\partial z / \\partial b$ is the identity.",
            ask("dC_db1"),
            LineValue(
                "What is $\\partial C / \\partial b$?",
                working,
                "dC_db1",
                why="It is $\\partial C / \\partial z$ itself.",
                hint="Something times the identity matrix.",
            ),
        ),
    )


def _autograd() -> Card:
    return Card(
        "Does autograd agree",
        "In exercise 2 autograd gave `W_g` for the same numbers. Somebody prints "
        "`np.max(np.abs(dC_dW - W_g))` and gets `1.3877787807814457e-17`.",
        look("dC_dW1"),
        Choice(
            "What does this say?",
            (
                Option(
                    "the two agree",
                    "A number in the computer has about 16 digits. Both ways round at other "
                    "places, and that is the size of the difference. The checks below the working "
                    "on the page compare every line like this.",
                    right=True,
                ),
                Option(
                    "there is a small mistake in one of them",
                    "A mistake in the formula would show in the first digits, not in the "
                    "seventeenth.",
                ),
                Option(
                    "autograd takes small differences, so it is never exact",
                    "Autograd applies the chain rule to each operation, as you did. It does not "
                    "take differences of costs; those would agree to about 8 digits.",
                ),
            ),
            hint="How many digits does a floating-point number have?",
        ),
    )


LESSON = Lesson(
    name="one-layer-by-hand",
    title="One layer by hand",
    group="week42",
    exercise="3 a–f",
    summary="From the cost back to the weights of a sigmoid layer, one factor at a time.",
    minutes=25,
    cards=cards,
)
