"""Find the bug: diag(σ') on a batch, where everything happens to be square."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.bugs.listing import Listing
from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Shape, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import LessonWorking, assigned

LISTING = Listing(
    """\
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_der(z):
    return np.diag(sigmoid(z) * (1 - sigmoid(z)))

def gradients(W, b, x, target):
    z = x @ W + b
    a = sigmoid(z)
    dC_da = 2 / a.size * (a - target)
    dC_dz = dC_da @ sigmoid_der(z)
    return x.T @ dC_dz, dC_dz.sum(axis=0)

def step(W, b, x, target, eta):
    dC_dW, dC_db = gradients(W, b, x, target)
    return W - eta * dC_dW, b - eta * dC_db""",
    fault="np.diag(sigmoid(z) * (1 - sigmoid(z)))",
    fix="sigmoid(z) * (1 - sigmoid(z))",
    also=(("dC_da @ sigmoid_der(z)", "dC_da * sigmoid_der(z)"),),
)


# What is shown to two digits is off by less than this.
TWO_DIGITS = 0.0051


def _batch(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        layer = (draw.normal(3, 3), draw.normal(3, scale=0.5), "sigmoid")
        target = np.round(draw.rng.uniform(0.05, 0.95, (3, 3)), 2)
        return LessonWorking([layer], draw.normal(3, 3), target, convention="row", single=False)

    def tells(working: LessonWorking) -> bool:
        slope = working.shown("a1") * (1 - working.shown("a1"))
        # The diagonal must differ from the other slopes, or its use would go unnoticed.
        apart = np.abs(slope - np.diag(slope))[~np.eye(3, dtype=bool)]
        return bool(apart.min() > 2 * TWO_DIGITS and np.abs(working.shown("dC_db1")).min() > 1e-3)

    return first(make, tells)


def cards(draw: Draw) -> Sequence[Card]:
    """A sigmoid layer 3 → 3, three samples."""
    working = _batch(draw)
    slope = working.shown("a1") * (1 - working.shown("a1"))
    numbers = assigned(
        W=working.shown("W1"),
        b=working.shown("b1"),
        x=working.shown("x"),
        target=working.shown("target"),
    )
    return (
        Card(
            "It runs",
            "A sigmoid layer, 3 → 3, three samples as rows, the mean squared error of all nine "
            f"outputs.\n\n```\n{LISTING.code}\n\n{numbers}\n```\n\n"
            "`step` runs without any message, and returns a `W` of shape (3, 3) and a `b` of shape "
            "(3,). Autograd agrees with none of the gradients. In this batch the slopes "
            f"$a (1 - a)$ are, to two digits,\n\n```\n{np.round(slope, 2)}\n```",
            opening(working, "a1", hide="dC_da1"),
            Values(
                "What does `np.diag` return for the matrix of these slopes?",
                np.diag(slope),
                within=TWO_DIGITS,
                why="Of a vector `np.diag` makes a diagonal matrix. Of a matrix it takes the "
                "diagonal: three numbers, sample 1 for unit 1, sample 2 for unit 2, sample 3 for "
                "unit 3.",
                slips=(
                    Slip(slope[0], "That is the first row, not the diagonal."),
                    Slip(slope.sum(axis=0), "That sums up the columns."),
                ),
                hint="What is handed to it is a matrix, not a vector.",
            ),
        ),
        Card(
            "Shapes that went wrong",
            "`dC_da` has the shape (3, 3), `sigmoid_der(z)` the shape (3,).",
            look("a1", "dC_da1"),
            Shape(
                "What is the shape of `dC_dz = dC_da @ sigmoid_der(z)`?",
                (3,),
                why="A matrix times a vector is a vector. The product has summed over the units.",
                slips={
                    (3, 3): "That is what it should be: a row for each sample, a column for each "
                    "unit. But a matrix times a vector is a vector.",
                },
                hint="A matrix times a vector.",
            ),
        ),
        Card(
            "And on",
            "`x.T` has the shape (3, 3). In `step`, `eta * dC_dW` is taken off `W`.",
            look("a1", "dC_da1"),
            Choice(
                "What does `W - eta * dC_dW` do in this code?",
                (
                    Option(
                        "It stops with an error: the shapes do not fit.",
                        "(3, 3) and (3,) do fit for NumPy: the shorter one is repeated for every "
                        "row.",
                    ),
                    Option(
                        "It takes the same three numbers off every row of `W`.",
                        "`dC_dW` is (3,) here, and NumPy repeats it along the rows. `dC_db` is a "
                        "single number, taken off every bias. Nothing complains.",
                        right=True,
                    ),
                    Option(
                        "It takes the right numbers off `W`.",
                        "`dC_dW` has three numbers, and `W` has nine derivatives.",
                    ),
                ),
                hint="`x.T @ dC_dz` is a matrix times a vector again.",
            ),
        ),
        Card(
            "Find the line",
            "With 2 samples it would have stopped with an error; with 3 or more it does not.",
            look("a1", "dC_da1"),
            LISTING.question(
                "Which line is wrong? There are two that belong together: find one.",
                "For one sample, `np.diag` made the Jacobian $\\partial a / \\partial z$, and `@` "
                "multiplied by it. For a batch there is one Jacobian for each sample, and all of "
                "them are diagonal: entry by entry, without `np.diag` and with `*`, is all that is "
                "needed.",
                "Which two lines were made for a vector z?",
                {
                    "dC_da = 2 / a.size": "The mean over all entries: right for a batch.",
                    "return x.T @ dC_dz": "Right, if only `dC_dz` had the shape (3, 3).",
                    "z = x @ W + b": "Rows are samples: right.",
                    "return W - eta": "Descent subtracts: right.",
                },
            ),
        ),
        Card(
            "Half a repair",
            "Somebody takes away `np.diag` and leaves the `@`: `dC_da @ slope`, a (3, 3) matrix "
            "times a (3, 3) matrix.",
            look("a1", "dC_da1"),
            Choice(
                "What about this?",
                (
                    Option(
                        "Right: the shape is (3, 3), as it should be.",
                        "The shape is right and the numbers are not. Entry (1, 1) would add up "
                        "slopes of all three samples.",
                    ),
                    Option(
                        "Wrong: it mixes the slopes of different samples.",
                        "Row 1 of the product uses slopes of samples 2 and 3. A sample's gradient "
                        "never depends on another sample's slope.",
                        right=True,
                    ),
                    Option(
                        "Right, up to the order of the samples.",
                        "A matrix product adds up over an index; nothing is only reordered.",
                    ),
                ),
                hint="Write out entry (1, 1) of the product. Which rows of `slope` occur in it?",
            ),
        ),
        Card(
            "The line, in numbers",
            "Both lines repaired: `dC_da * slope`.",
            ask("dC_dz1"),
            LineValue(
                "What is $\\partial C / \\partial z$, of shape (3, 3)?",
                working,
                "dC_dz1",
                why="Each entry of $\\partial C / \\partial a$ times the slope of the same sample "
                "and unit.",
                hint="$\\frac{2}{9} (a - y) \\odot a (1 - a)$, entry by entry.",
            ),
        ),
        Card(
            "The bias",
            "A sum over the samples.",
            ask("dC_db1"),
            LineValue(
                "What is $\\partial C / \\partial b$, of shape (3,)?",
                working,
                "dC_db1",
                why="One number for each unit. In the faulty code it was a single number for all.",
                hint="Column sums of $\\partial C / \\partial z$.",
            ),
        ),
        Card(
            "Next time",
            "A gradient has the shape of what it belongs to. Say so in the code: "
            "`assert dC_dW.shape == W.shape`. Test with layers of different sizes, such as 2 → 3: "
            "then `W - eta * dC_dW` would have stopped. NumPy repeats what is too short, so a "
            "wrong shape need not be an error.",
        ),
    )


LESSON = Lesson(
    name="bug-diagonal-of-a-batch",
    title="Everything is square",
    group="bugs",
    exercise="",
    summary="np.diag on a batch: no error, no message, no gradient.",
    minutes=15,
    cards=cards,
)
