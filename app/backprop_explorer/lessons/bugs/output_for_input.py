"""Find the bug: a layer's own output where its input belongs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.bugs.listing import Listing
from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Shape, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import LessonWorking, assigned, listed

LISTING = Listing(
    """\
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def forward(layers, x):
    activations = [x]
    for W, b in layers:
        activations.append(sigmoid(W @ activations[-1] + b))
    return activations

def backpropagation(layers, x, target):
    activations = forward(layers, x)
    gradients = []
    dC_da = 2 / len(target) * (activations[-1] - target)
    for k in reversed(range(len(layers))):
        a = activations[k + 1]
        dC_dz = dC_da * a * (1 - a)
        gradients.insert(0, (np.outer(dC_dz, activations[k + 1]), dC_dz))
        dC_da = layers[k][0].T @ dC_dz
    return gradients""",
    fault="np.outer(dC_dz, activations[k + 1])",
    fix="np.outer(dC_dz, activations[k])",
)


def _working(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        layers = [(draw.normal(2, 2), draw.normal(2, scale=0.5), "sigmoid") for _ in range(2)]
        return LessonWorking(layers, draw.normal(2), np.round(draw.rng.uniform(0.05, 0.95, 2), 2))

    def tells(working: LessonWorking) -> bool:
        gradients = [working.shown(f"dC_db{k}") for k in (1, 2)]
        return bool(min(np.abs(g).min() for g in gradients) > 1e-3)

    return first(make, tells)


def cards(draw: Draw) -> Sequence[Card]:
    """Two sigmoid layers 2 → 2 → 2, so that no shape complains."""
    working = _working(draw)
    pairs = [(working.shown(f"W{k}"), working.shown(f"b{k}")) for k in (1, 2)]
    (W1, b1), (W2, b2) = pairs
    x, target = working.shown("x"), working.shown("target")
    db1, a1 = working.shown("dC_db1"), working.shown("a1")
    written = np.outer(db1, a1)
    numbers = assigned(W1=W1, b1=b1, W2=W2, b2=b2, x=x, target=target)
    return (
        Card(
            "The biases are right",
            "Two sigmoid layers, 2 → 2 → 2, one sample, the mean squared error. "
            "`activations[0]` is $a^{(0)} = x$, `activations[k]` is $a^{(k)}$, the output of "
            "layer $k$. In the loop `k` counts the layers from 0.\n\n"
            f"```\n{LISTING.code}\n\n{numbers}\nlayers = [(W1, b1), (W2, b2)]\n```\n\n"
            "Autograd agrees with both bias gradients and with none of the weights'. For layer 1 "
            f"the code gives ∂C/∂b¹ = `{listed(db1, 8)}` and ∂C/∂W¹ =\n\n"
            f"```\n{np.array2string(written, precision=8)}\n```",
            opening(working, "dC_db1", hide="dC_dW2"),
            Choice(
                "What is ruled out by the right bias gradients?",
                (
                    Option(
                        "A fault on the way from the cost to $\\partial C / \\partial z$.",
                        "$\\partial C / \\partial b$ is $\\partial C / \\partial z$ itself. If it "
                        "is right in both layers, so is everything before it.",
                        right=True,
                    ),
                    Option(
                        "A fault in what is multiplied with $\\partial C / \\partial z$.",
                        "The bias gradient does not see that factor: it may well be wrong.",
                    ),
                    Option(
                        "Nothing: biases and weights have separate gradients.",
                        "They share the way from the cost to $z$. Only the last factor is their "
                        "own.",
                    ),
                ),
                hint="Which factors do both gradients share?",
            ),
        ),
        Card(
            "Divide",
            "The first row of ∂C/∂W¹ is a vector times the first entry of ∂C/∂b¹.",
            look("dC_db1"),
            Values(
                "Which vector? Divide the code's first row by the code's first bias gradient.",
                a1,
                why="A row of the outer product, divided by its own $\\partial C / \\partial z$, "
                "leaves the other vector. Here that is the output $a^{(1)}$ of layer 1.",
                slips=(
                    Slip(
                        x,
                        "That is $x$, the vector that should come out. Divide the numbers of the "
                        "code.",
                    ),
                    Slip(1.0 / a1, "The other way round: the row, divided by the bias gradient."),
                ),
                hint="Two divisions by the same number.",
            ),
        ),
        Card(
            "Find the line",
            "In a right gradient the same division leaves the input of the layer, $x$.",
            look("dC_db1"),
            LISTING.question(
                "Which line is wrong?",
                "`activations[k + 1]` is what layer `k` puts out. Its weights were multiplied by "
                "what came in: `activations[k]`.",
                "Which entry of `activations` was multiplied by the weights of layer `k`?",
                {
                    "a = activations[k + 1]": "The slope of the sigmoid needs the layer's own "
                    "output: right.",
                    "layers[k][0].T": "Back through the weights of layer `k`, to what came in: "
                    "right.",
                    "dC_da = 2 / len": "The derivative of the mean squared error: right.",
                },
            ),
        ),
        Card(
            "Layer 1, in numbers",
            f"The line has `{LISTING.fix}` now.",
            ask("dC_dW1"),
            LineValue(
                "What is $\\partial C / \\partial W^{(1)}$?",
                working,
                "dC_dW1",
                why="$\\frac{\\partial C}{\\partial z^{(1)}}$ times $x$: each weight is "
                "multiplied by the number that came along its edge.",
                hint="The outer product of the bias gradient on the first card with $x$.",
            ),
        ),
        Card(
            "Layer 2, in numbers",
            "The last layer had the same fault, with $a^{(2)}$.",
            ask("dC_dW2"),
            LineValue(
                "What is $\\partial C / \\partial W^{(2)}$?",
                working,
                "dC_dW2",
                why="Its input is $a^{(1)}$, the vector that the faulty code had for layer 1.",
                hint="What came into layer 2?",
            ),
        ),
        Card(
            "Why nobody complained",
            "Let the input have 3 numbers instead of 2: layers 3 → 2 → 2, so that $W^{(1)}$ has "
            "the shape (2, 3).",
            look("dC_dW1"),
            Shape(
                "What is the shape of the faulty ∂C/∂W¹ then?",
                (2, 2),
                why="The outer product of two vectors of layer 1, which has 2 units. It cannot be "
                "subtracted from a $W^{(1)}$ of shape (2, 3), and NumPy says so. With square "
                "layers it says nothing.",
                slips={
                    (2, 3): "That is what it should be. The faulty line takes both vectors from "
                    "layer 1.",
                    (3, 2): "No vector of the faulty line has 3 numbers.",
                },
                hint="Both vectors of the faulty outer product belong to layer 1.",
            ),
        ),
        Card(
            "Next time",
            "The checker calls this **a of another layer**. The weights of a layer meet its input "
            "on the way forward, so its input stands in their gradient. Test with layers "
            "of different sizes, such as 2 → 3 → 4: then shapes find this fault. And divide "
            "∂C/∂W by ∂C/∂b, row by row: what remains must be the layer's input.",
        ),
    )


LESSON = Lesson(
    name="bug-output-for-input",
    title="The wrong end of the weights",
    group="bugs",
    exercise="",
    summary="All bias gradients are right, all weight gradients are wrong.",
    minutes=12,
    cards=cards,
)
