"""Find the bug: the formulas of one sample, used on a batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons.bugs.listing import Listing
from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Shape, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import LessonWorking, assigned

N = 5

# The student's notebook, with its names.
LISTING = Listing(
    """\
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def ReLU(z):
    return np.where(z > 0, z, 0)

def sigmoid_der(z):
    return np.diag(sigmoid(z) * (1 - sigmoid(z)))

def ReLU_der(z):
    return np.diag(np.where(z > 0, 1, 0))

def mse_der(predict, target):
    return 2 / len(predict) * (predict - target).T

def backpropagation_batch(inputs, layers, activation_funcs, target, activation_ders):
    layer_inputs, zs, a = [], [], inputs
    for (W, b), activation_func in zip(layers, activation_funcs):
        layer_inputs.append(a)
        z = a @ W + b
        zs.append(z)
        a = activation_func(z)

    layer_grads = [() for layer in layers]
    for i in reversed(range(len(layers))):
        if i == len(layers) - 1:
            dC_da = mse_der(a, target)
        else:
            (W, b) = layers[i + 1]
            dC_da = dC_dz @ W
        dC_dz = dC_da @ activation_ders[i](zs[i])
        dC_dW = dC_dz @ np.tensordot(np.eye(len(zs[i])), layer_inputs[i], axes=0)
        dC_db = dC_dz
        layer_grads[i] = (dC_dW, dC_db)
    return layer_grads""",
    fault="dC_dz = dC_da @ activation_ders[i](zs[i])",
    fix="dC_dz = dC_da * activation_ders[i](zs[i])",
    also=(
        ("return np.diag(sigmoid(z) * (1 - sigmoid(z)))", "return sigmoid(z) * (1 - sigmoid(z))"),
        ("return np.diag(np.where(z > 0, 1, 0))", "return np.where(z > 0, 1, 0)"),
        ("2 / len(predict) * (predict - target).T", "2 / predict.size * (predict - target)"),
        ("dC_da = dC_dz @ W", "dC_da = dC_dz @ W.T"),
        (
            "dC_dz @ np.tensordot(np.eye(len(zs[i])), layer_inputs[i], axes=0)",
            "layer_inputs[i].T @ dC_dz",
        ),
        ("dC_db = dC_dz", "dC_db = dC_dz.sum(axis=0)"),
    ),
)


def _batch(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        return LessonWorking(
            [
                (draw.normal(2, 3), draw.normal(3, scale=0.5), "sigmoid"),
                (draw.normal(3, 4), draw.normal(4, scale=0.5), "relu"),
            ],
            np.round(draw.rng.uniform(0.05, 0.95, (N, 2)), 2),
            np.round(draw.rng.uniform(0.05, 0.95, (N, 4)), 2),
            convention="row",
            single=False,
        )

    def tells(working: LessonWorking) -> bool:
        active = working.shown("z2") > 0
        each = np.abs(working.shown("dC_db2"))
        return bool((each > 0.01).any() and active.any(axis=0).sum() >= 2 and not active.all())

    return first(make, tells)


def cards(draw: Draw) -> Sequence[Card]:
    """Layers 2 → 3 (sigmoid) → 4 (ReLU), five samples."""
    working = _batch(draw)
    numbers = assigned(
        W1=working.shown("W1"),
        b1=working.shown("b1"),
        W2=working.shown("W2"),
        b2=working.shown("b2"),
        inputs=working.shown("x"),
        target=working.shown("target"),
    )
    return (
        Card(
            "It worked for one sample",
            "A student's backpropagation is right for one sample. For a batch the forward pass "
            f"was changed: rows are samples, `W` is (n_in, n_out). Here {N} samples go through "
            f"2 → 3 (sigmoid) → 4 (ReLU).\n\n```\n{LISTING.code}\n\n{numbers}\n"
            "layers = [(W1, b1), (W2, b2)]\nbackpropagation_batch(\n    inputs, layers, "
            "[sigmoid, ReLU], target, [sigmoid_der, ReLU_der]\n)\n```\n\n"
            f"It stops: `ValueError: matmul: … (size 4 is different from {N})`.",
            opening(working, "a2", hide="dC_da2"),
            Shape(
                "What is the shape of `mse_der(a, target)` in this code?",
                (4, N),
                why=f"`predict - target` is ({N}, 4), and `.T` turns it round. For one sample `.T` "
                "of a vector did nothing, so nobody saw it.",
                slips={
                    (N, 4): "That is the shape of `a`, and what it should be. There is a `.T` at "
                    "the end.",
                    (4,): "For one sample, yes.",
                },
                hint="Which shape has `predict - target`? Then look at the end of the line.",
            ),
        ),
        Card(
            "What `np.diag` does",
            f"For one sample `ReLU_der(z)` was a (4, 4) matrix with the slopes on its diagonal. "
            f"Now `z` has the shape ({N}, 4).",
            look("a2", "dC_da2"),
            Shape(
                "What is the shape of `np.diag(np.where(z > 0, 1, 0))` now?",
                (4,),
                why="Of a vector, `np.diag` makes a matrix. Of a matrix, it **takes** the "
                "diagonal: the slope of unit 1 for sample 1, of unit 2 for sample 2, and so on. "
                "The rest is lost.",
                slips={
                    (4, 4): "That is what it makes of a vector of 4 numbers.",
                    (N, 4): "That is the shape of what is handed to it.",
                    (N,): "The diagonal ends with the shorter side.",
                },
                hint="`np.diag` does two different things, for a vector and for a matrix.",
            ),
        ),
        Card(
            "Find the line",
            "You have both shapes.",
            look("a2", "dC_da2"),
            LISTING.question(
                "Find a line that belongs to one sample only. There are several; the error comes "
                "from one of them.",
                "This line is right for one sample and not for a batch. In a batch each sample has "
                "its own row, and every formula must say what happens to the rows: kept, or "
                "summed over.",
                "Which line has a `.T`, a `np.diag`, an `np.eye` or no sum, though there are many "
                "samples?",
                {
                    "z = a @ W + b": "The forward pass was changed already: right for rows.",
                    "a = activation_func(z)": "Activations act on each entry: right.",
                    "for i in reversed": "From the last layer to the first: right.",
                    "layer_inputs.append(a)": "What came into the layer, kept for the way back: "
                    "right.",
                },
            ),
        ),
        Card(
            "How many numbers are averaged",
            f"The cost is the mean over all entries of the ({N}, 4) matrix: "
            "$C = \\frac{1}{N n_{\\mathrm{out}}} \\sum (a - y)^2$, with $N$ samples and "
            "$n_{\\mathrm{out}}$ outputs.",
            look("a2", "dC_da2"),
            Values(
                "Which number stands in front of $a - y$ in $\\partial C / \\partial a$?",
                2.0 / (N * 4),
                why=f"$\\frac{{2}}{{{N} \\cdot 4}}$. `len(predict)` was the number of outputs for "
                "one sample; of a matrix it is the number of rows.",
                slips=(
                    Slip(2.0 / N, "`len` of a matrix counts its rows only: outputs are missing."),
                    Slip(2.0 / 4, "That is the number for one sample."),
                    Slip(1.0 / (N * 4), "The square brings a factor 2 down."),
                ),
                hint="2 from the square, divided by how many squares are averaged.",
            ),
        ),
        Card(
            "Slopes in a batch",
            f"$\\partial C / \\partial a$ is ({N}, 4) now, and `np.where(z > 0, 1, 0)` too.",
            look("dC_da2", "dC_dz2"),
            Choice(
                "What does `dC_dz = …` have to be?",
                (
                    Option(
                        "`dC_da @ slope`",
                        f"({N}, 4) and ({N}, 4) do not fit, and a matrix product would mix units.",
                    ),
                    Option(
                        "`dC_da * slope`",
                        "Each entry has its own slope. For one sample the diagonal matrix did the "
                        "same, the long way.",
                        right=True,
                    ),
                    Option(
                        "`dC_da * slope.sum(axis=0)`",
                        "That would give every sample the slopes of all of them.",
                    ),
                ),
                hint="Sample and unit decide the slope, and it acts on that entry alone.",
            ),
        ),
        Card(
            "Weights in a batch",
            "All samples use the same $W$, so each adds its share.",
            ask("dC_dW2"),
            LineValue(
                "What is $\\partial C / \\partial W^{(2)}$, of shape (3, 4)?",
                working,
                "dC_dW2",
                why="`layer_input.T @ dC_dz`: the product sums the outer products of all samples.",
                hint=f"(3, {N}) times ({N}, 4). The sum over the samples is inside the product.",
            ),
        ),
        Card(
            "Biases in a batch",
            "And the same $b$.",
            ask("dC_db2"),
            LineValue(
                "What is $\\partial C / \\partial b^{(2)}$, of shape (4,)?",
                working,
                "dC_db2",
                why="`dC_dz.sum(axis=0)`: the column sums. The mean of the cost is in "
                "$\\partial C / \\partial a$ already and is not taken again.",
                hint="`dC_dz` has a row for each sample, and `b` has none.",
            ),
        ),
        Card(
            "Next time",
            "For every line, write its shape for one sample and for a batch beside it. `.T`, "
            "`np.diag`, `len` and `np.eye` mean other things for a matrix than for a vector. Test "
            "a batch against a loop over its samples: the gradients of the batch are the means of "
            "theirs. The checker names what then remains, such as **bias gradient not summed over "
            "the samples**.",
        ),
    )


LESSON = Lesson(
    name="bug-one-sample-formulas",
    title="It worked for one sample",
    group="bugs",
    exercise="",
    summary="A ValueError, and the formulas of one sample behind it.",
    minutes=18,
    cards=cards,
)
