"""Find the bug: the way back through W that is not turned round."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.bugs.listing import Listing
from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Shape, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import LessonWorking, assigned, listed
from backprop_explorer.lessons.written import tex

LISTING = Listing(
    """\
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def backpropagation(layers, x, target):
    inputs, zs, a = [], [], x
    for W, b in layers:
        inputs.append(a)
        z = W @ a + b
        zs.append(z)
        a = sigmoid(z)

    gradients = []
    dC_da = 2 / len(target) * (a - target)
    for k in reversed(range(len(layers))):
        W, b = layers[k]
        slope = sigmoid(zs[k]) * (1 - sigmoid(zs[k]))
        dC_dz = dC_da * slope
        gradients.insert(0, (np.outer(dC_dz, inputs[k]), dC_dz))
        dC_da = W @ dC_dz
    return gradients""",
    fault="dC_da = W @ dC_dz",
    fix="dC_da = W.T @ dC_dz",
)


def _working(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        layers = [(draw.normal(2, 2), draw.normal(2, scale=0.5), "sigmoid") for _ in range(2)]
        return LessonWorking(layers, draw.normal(2), np.round(draw.rng.uniform(0.05, 0.95, 2), 2))

    def tells(working: LessonWorking) -> bool:
        W, dC_dz = working.shown("W2"), working.shown("dC_dz2")
        right, wrong = W.T @ dC_dz, W @ dC_dz
        return bool(
            np.abs(right - wrong).min() > 0.02
            and np.abs(right).min() > 5e-3
            and abs(W[0, 1] - W[1, 0]) > 0.3
        )

    return first(make, tells)


def cards(draw: Draw) -> Sequence[Card]:
    """Two sigmoid layers 2 → 2 → 2."""
    working = _working(draw)
    pairs = [(working.shown(f"W{k}"), working.shown(f"b{k}")) for k in (1, 2)]
    (W1, b1), (W2, b2) = pairs
    dC_dz2, slope = working.shown("dC_dz2"), working.shown("a1") * (1 - working.shown("a1"))
    wrong = (W2 @ dC_dz2) * slope
    right = working.shown("dC_db1")
    numbers = assigned(
        W1=W1, b1=b1, W2=W2, b2=b2, x=working.shown("x"), target=working.shown("target")
    )
    return (
        Card(
            "Right at the end, wrong at the start",
            "Two sigmoid layers, 2 → 2 → 2, one sample, the mean squared error. The forward pass "
            "is $z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}$: a row of $W$ for each unit, a column for "
            f"each input.\n\n```\n{LISTING.code}\n\n{numbers}\nlayers = [(W1, b1), (W2, b2)]\n```"
            "\n\nAutograd agrees with ∂C/∂W² and ∂C/∂b², and with nothing of layer 1: there the "
            f"code gives ∂C/∂b¹ = `{listed(wrong, 8)}`, autograd `{listed(right, 8)}`.",
            opening(working, "dC_dz2", hide="dC_da1"),
            Choice(
                "Between which two lines of the working does the fault lie?",
                (
                    Option(
                        "Between the cost and $\\partial C / \\partial z^{(2)}$.",
                        "$\\partial C / \\partial b^{(2)}$ is $\\partial C / \\partial z^{(2)}$, "
                        "and it is right.",
                    ),
                    Option(
                        "Between $\\partial C / \\partial z^{(2)}$ and "
                        "$\\partial C / \\partial z^{(1)}$.",
                        "The one is right, the other wrong. Two lines of code lie between them: "
                        "back through the weights, and through the sigmoid.",
                        right=True,
                    ),
                    Option(
                        "Between $\\partial C / \\partial z^{(1)}$ and "
                        "$\\partial C / \\partial W^{(1)}$.",
                        "$\\partial C / \\partial b^{(1)}$ is $\\partial C / \\partial z^{(1)}$, "
                        "and that is wrong already.",
                    ),
                ),
                hint="Which $\\partial C / \\partial z$ do you know from the bias gradients?",
            ),
        ),
        Card(
            "Two ways for one unit",
            "Unit 1 of layer 1 sends its output $a^{(1)}_1$ to both units of layer 2: along "
            f"$W^{{(2)}}_{{11}} = {tex(W2[0, 0])}$ to the first and along "
            f"$W^{{(2)}}_{{21}} = {tex(W2[1, 0])}$ to the second. The page shows "
            "$\\partial C / \\partial z^{(2)}$.",
            look("dC_dz2", "dC_da1"),
            Values(
                "What is $\\partial C / \\partial a^{(1)}_1$, the sum over both ways?",
                float(W2[:, 0] @ dC_dz2),
                why="$W^{(2)}_{11} \\frac{\\partial C}{\\partial z^{(2)}_1} + W^{(2)}_{21} "
                "\\frac{\\partial C}{\\partial z^{(2)}_2}$: a **column** of $W^{(2)}$. All "
                "columns at once are the transpose.",
                slips=(
                    Slip(
                        float(W2[0] @ dC_dz2),
                        "This goes along a row of $W^{(2)}$: the weights into unit 1 of layer 2. "
                        "Asked for are those that lead out of unit 1 of layer 1.",
                    ),
                    Slip(
                        float(W2[0, 0] * dC_dz2[0]),
                        "That is the way through the first unit only. There are two.",
                    ),
                ),
                hint="For each way: the weight times the $\\partial C / \\partial z$ it leads to.",
            ),
        ),
        Card(
            "Find the line",
            "The code adds up the other two products.",
            look("dC_dz2", "dC_da1"),
            LISTING.question(
                "Which line is wrong?",
                "`W @ dC_dz` goes along the rows of $W$, as on the way forward. Going back, each "
                "unit collects from the units that it fed: the columns, `W.T @ dC_dz`.",
                "Two lines of code lead from one `dC_dz` to the next. Which one uses $W$?",
                {
                    "z = W @ a": "Forward, each unit weighs its inputs with its own row: right.",
                    "dC_dz = dC_da": "Entry by entry, the slope at the layer's own z: right.",
                    "slope = ": "The derivative of the sigmoid: right.",
                    "np.outer(": "A row for each unit, a column for each input: right.",
                },
            ),
        ),
        Card(
            "The line, in numbers",
            "Now both entries, the right way.",
            ask("dC_da1"),
            LineValue(
                "What is $\\partial C / \\partial a^{(1)}$?",
                working,
                "dC_da1",
                why="$\\left(W^{(2)}\\right)^T \\frac{\\partial C}{\\partial z^{(2)}}$.",
                hint="You have the first entry. The second uses the other column.",
            ),
        ),
        Card(
            "Down to the bias",
            "One line further.",
            ask("dC_db1"),
            LineValue(
                "What is $\\partial C / \\partial b^{(1)}$?",
                working,
                "dC_db1",
                why="The same as autograd's on the first card.",
                hint="Times the slope of layer 1, entry by entry.",
            ),
        ),
        Card(
            "Its own definition",
            "Another student works in batches: `z = a @ W + b`, rows are samples, and `W` has "
            "the shape (n_in, n_out).",
            look("dC_da1"),
            Choice(
                "How does `dC_dz`, of shape (N, n_out), go back through `W` there?",
                (
                    Option(
                        "`W.T @ dC_dz`",
                        "(n_out, n_in) times (N, n_out) do not fit. The transpose belongs to this "
                        "forward pass too, but on the other side.",
                    ),
                    Option(
                        "`dC_dz @ W.T`",
                        "(N, n_out) times (n_out, n_in) gives (N, n_in), the shape of `a`. "
                        "Whichever way $z$ is defined, the way back is the transpose of it.",
                        right=True,
                    ),
                    Option(
                        "`dC_dz @ W`",
                        "It fits only where n_in is n_out, and then it is the same fault again.",
                    ),
                ),
                hint="What comes out must have the shape of `a`: (N, n_in).",
            ),
        ),
        Card(
            "Why nobody complained",
            "Let layer 2 have 3 units instead of 2, so that $W^{(2)}$ has the shape (3, 2).",
            look("dC_da1"),
            Shape(
                "Which shape must $\\partial C / \\partial a^{(1)}$ have?",
                (2,),
                why="That of $a^{(1)}$. `W.T @ dC_dz` gives it. `W @ dC_dz` would multiply (3, 2) "
                "by (3,), and NumPy refuses. With square layers it says nothing.",
                slips={
                    (3,): "That is the shape of $\\partial C / \\partial z^{(2)}$.",
                    (3, 2): "That is the shape of $W^{(2)}$.",
                },
                hint="A gradient has the shape of what the cost is differentiated by.",
            ),
        ),
        Card(
            "Next time",
            "The checker calls this **weights not transposed on the way back**. Two signs of it: "
            "the last layer is right and all others are wrong, and it goes unnoticed with square "
            "layers alone. Test with layers of different sizes. Write down your own definition of "
            "$z$, and derive the way back from that, not from a book with another one.",
        ),
    )


LESSON = Lesson(
    name="bug-weights-not-turned",
    title="The way back is not the way forth",
    group="bugs",
    exercise="",
    summary="The last layer is right, everything below it is wrong.",
    minutes=15,
    cards=cards,
)
