"""Find the bug: a derivative of the sigmoid with ·2 where a square belongs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.bugs.listing import Listing
from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import Array, LessonWorking, assigned, listed
from backprop_explorer.lessons.written import tex, vector

H = 1e-5

LISTING = Listing(
    """\
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_der(z):
    return np.exp(-z) / (1 + np.exp(-z)) * 2

def mse_der(predict, target):
    return 2 / len(predict) * (predict - target)

def gradients(W, b, x, target):
    z = W @ x + b
    a = sigmoid(z)
    dC_da = mse_der(a, target)
    dC_dz = dC_da * sigmoid_der(z)
    return np.outer(dC_dz, x), dC_dz""",
    fault="(1 + np.exp(-z)) * 2",
    fix="(1 + np.exp(-z)) ** 2",
)


def as_written(z: Array) -> Array:
    """What ``sigmoid_der`` of the listing gives."""
    slope: Array = np.exp(-z) / (1.0 + np.exp(-z)) * 2.0
    return slope


def _working(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        layer = (draw.normal(2, 3), draw.normal(3, scale=0.5), "sigmoid")
        return LessonWorking([layer], draw.normal(2), np.round(draw.rng.uniform(0.05, 0.95, 3), 2))

    def tells(working: LessonWorking) -> bool:
        z = working.shown("z1")
        return bool(np.abs(working.shown("dC_da1")).min() > 0.02 and 0.1 < np.abs(z).min() < 2.0)

    return first(make, tells)


def cards(draw: Draw) -> Sequence[Card]:
    """A sigmoid layer 2 → 3."""
    working = _working(draw)
    z, a = working.shown("z1"), working.shown("a1")
    wrong = working.shown("dC_da1") * as_written(z)
    numbers = assigned(
        W=working.shown("W1"),
        b=working.shown("b1"),
        x=working.shown("x"),
        target=working.shown("target"),
    )
    at = float(np.round(z[0], 2))
    sigma = 1.0 / (1.0 + np.exp(-at))
    up, down = (1.0 / (1.0 + np.exp(-(at + sign * H))) for sign in (1.0, -1.0))
    return (
        Card(
            "A slope that is too steep",
            "A sigmoid layer, 2 → 3, one sample, the mean squared error.\n\n"
            f"```\n{LISTING.code}\n\n{numbers}\n```\n\nThe code gives ∂C/∂b = "
            f"`{listed(wrong, 8)}`. Autograd gives `{listed(working.shown('dC_db1'), 8)}`.",
            opening(working, "a1", hide="dC_dz1"),
            Values(
                "A function is tested at a place where one knows the answer. What does the code's "
                "`sigmoid_der(0)` give?",
                1.0,
                why="$e^0 = 1$, so it gives $\\frac{1}{2} \\cdot 2 = 1$. But $\\sigma$ is nowhere "
                "steeper than $\\frac{1}{4}$, which is its slope at 0.",
                slips=(
                    Slip(0.25, "That is what it should give. Follow the code as it is written."),
                    Slip(0.5, "Nearly: what happens to the one half at the end of the line?"),
                ),
                hint="`np.exp(0)` is 1. Then from left to right.",
            ),
        ),
        Card(
            "What it should be",
            f"A difference quotient needs no formula: for a small $h$ it is "
            f"$\\frac{{\\sigma(z + h) - \\sigma(z - h)}}{{2h}}$. With $h = 10^{{-5}}$ at "
            f"$z = {tex(at)}$ the two values of $\\sigma$ are\n\n```\n{up:.12f}\n{down:.12f}\n```",
            look("a1", "dC_dz1"),
            Values(
                f"What is the slope of $\\sigma$ at $z = {tex(at)}$?",
                sigma * (1 - sigma),
                why="$\\sigma (1 - \\sigma)$ gives the same: "
                f"${tex(sigma)} \\cdot {tex(1 - sigma)} = {tex(sigma * (1 - sigma))}$.",
                slips=(
                    Slip(
                        float(as_written(np.array(at))),
                        "That is what the code says. The quotient of the two values says "
                        "something else.",
                    ),
                    Slip(2 * sigma * (1 - sigma), "The difference is divided by $2h$, not by $h$."),
                    Slip(sigma, "That is $\\sigma(z)$, its value; the slope is asked for."),
                ),
                hint="Subtract, then divide by $2 \\cdot 10^{-5}$.",
            ),
        ),
        Card(
            "Find the line",
            "All other lines are those of a right solution.",
            look("a1", "dC_dz1"),
            LISTING.question(
                "Which line is wrong?",
                "The derivative of $1 / (1 + e^{-z})$ is $e^{-z} / (1 + e^{-z})^2$: a square, "
                "`** 2`. One star is missing.",
                "Differentiate $1 / (1 + e^{-z})$ with the quotient rule.",
                {
                    "return 1 / (1": "The sigmoid itself: right.",
                    "return 2 / len": "The derivative of the mean squared error: right.",
                    "dC_dz = dC_da": "Entry by entry: right, if only `sigmoid_der` were.",
                },
            ),
        ),
        Card(
            "What Python reads",
            "`u / v * 2` and `u / v ** 2` differ in more than a star.",
            look("a1", "dC_dz1"),
            Choice(
                "How does Python read `np.exp(-z) / (1 + np.exp(-z)) ** 2`?",
                (
                    Option(
                        "As the quotient, squared.",
                        "A power binds tighter than a division: only the bracket is squared.",
                    ),
                    Option(
                        "As `np.exp(-z)`, divided by the square of the bracket.",
                        "A power binds tighter than a division. `* 2` does not: it doubles the "
                        "quotient, left to right.",
                        right=True,
                    ),
                    Option(
                        "As `np.exp(-z)`, divided by twice the bracket.",
                        "`**` is a power, not a product.",
                    ),
                ),
                hint="Which is done first, `**` or `/`?",
            ),
        ),
        Card(
            "The layer, in numbers",
            f"With the star: `{LISTING.fix}`.",
            ask("dC_dz1"),
            LineValue(
                "What is $\\partial C / \\partial z$?",
                working,
                "dC_dz1",
                why="$\\frac{\\partial C}{\\partial a} \\odot a (1 - a)$, entry by entry; here "
                f"$a = {vector(a)}$.",
                hint="$\\partial C / \\partial a$ is on the page. Multiply by the slope.",
            ),
        ),
        Card(
            "And the weights",
            "The fault was in every gradient below the sigmoid.",
            ask("dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W$, of shape (3, 2)?",
                working,
                "dC_dW1",
                why="With one wrong slope, all numbers are wrong, and all shapes are right.",
                hint="`np.outer(dC_dz, x)`.",
            ),
        ),
        Card(
            "Not off by a factor",
            "Some faults change a gradient by the same factor everywhere, which is like another "
            "learning rate. Divide `sigmoid_der(z)` of the code by the right slope.",
            look("dC_dz1"),
            Choice(
                "What remains?",
                (
                    Option(
                        "2, at every $z$.",
                        "At $z = 0$ it is already 4: 1 against $\\frac{1}{4}$.",
                    ),
                    Option(
                        "$2 (1 + e^{-z})$: another factor for each unit.",
                        "So the gradient points in another direction. It grows without bound for "
                        "negative $z$: units that are off get the largest steps.",
                        right=True,
                    ),
                    Option(
                        "1 where the unit is on, 0 where it is off.",
                        "That would be a slope of ReLU.",
                    ),
                ),
                hint="Divide the two formulas; one bracket cancels.",
            ),
        ),
        Card(
            "Next time",
            "The checker calls this **another derivative**, and says which. Test every derivative "
            "alone, at 0 and at two other places, against a difference quotient, before it goes "
            "into a network. A bound helps too: no slope of a sigmoid is above one quarter.",
        ),
    )


LESSON = Lesson(
    name="bug-slope-of-sigmoid",
    title="A missing star",
    group="bugs",
    exercise="",
    summary="A derivative with one character too few.",
    minutes=12,
    cards=cards,
)
