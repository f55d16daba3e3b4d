"""Find the bug: softmax whose maximum is taken over the batch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.datasets import make_table
from backprop_explorer.lessons.bugs.listing import Listing
from backprop_explorer.lessons.drawn import first, legacy
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Slip, Values
from backprop_explorer.lessons.scenes import look, opening
from backprop_explorer.lessons.working import LessonWorking, assigned, listed
from backprop_explorer.lessons.written import vector

Array = NDArray[np.float64]

LISTING = Listing(
    """\
def softmax(z):
    e = np.exp(z - np.max(z, axis=0))
    return e / np.sum(e, axis=1)[:, np.newaxis]

def feed_forward_batch(x, layers, activations):
    a = x
    for (W, b), activation in zip(layers, activations):
        z = a @ W + b
        a = activation(z)
    return a

def cross_entropy(p, target):
    return -np.sum(target * np.log(p))""",
    fault="np.max(z, axis=0)",
    fix="np.max(z, axis=1, keepdims=True)",
)

# What autograd and 2,000 epochs of full-batch descent with η = 0.001 give with the code as it is,
# 4 → 8 → 3 on iris, by the seed. A test computes two of them.
ACCURACIES = (0.960, 0.980, 0.667, 0.967, 0.973)


def softmax_as_written(z: Array) -> Array:
    """What the listing computes."""
    e: Array = np.exp(z - z.max(axis=0))
    p: Array = e / e.sum(axis=1, keepdims=True)
    return p


@lru_cache(maxsize=1)
def iris_recipe() -> dict[str, Any]:
    """Iris as it comes, 4 → 8 (sigmoid) → 3 (softmax), drawn with ``np.random.seed(0)``."""
    state = legacy(0)
    weights = []
    for n_in, n_out in ((4, 8), (8, 3)):
        W = state.randn(n_in, n_out)
        weights.append({"W": W.tolist(), "b": state.randn(n_out).tolist()})
    return {
        "dataset": {"name": "iris", "test_fraction": 0.0, "standardize": False},
        "network": {
            "layers": [
                {"units": 8, "activation": "sigmoid"},
                {"units": 3, "activation": "softmax"},
            ],
            "weights": weights,
        },
        "cost": {"name": "cross_entropy", "reduction": "sum"},
        "optimizer": {"name": "sgd", "learning_rate": 0.001},
        "batch": {"size": None, "shuffle": False},
    }


@lru_cache(maxsize=1)
def iris_difference() -> tuple[float, ...]:
    """Σ(p − t) over all 150 flowers, with p from the softmax as it is written."""
    table = make_table("iris", seed=0, parameters={})
    a = np.asarray(table.features, dtype=np.float64)
    first_layer, second = iris_recipe()["network"]["weights"]
    a = 1.0 / (1.0 + np.exp(-(a @ np.array(first_layer["W"]) + np.array(first_layer["b"]))))
    p = softmax_as_written(a @ np.array(second["W"]) + np.array(second["b"]))
    difference: Array = (p - np.eye(3)[np.asarray(table.target)]).sum(axis=0)
    return tuple(difference.tolist())


def _batch(draw: Draw) -> LessonWorking:
    def make() -> LessonWorking:
        x = draw.normal(3, 2)
        layers = [(draw.normal(2, 3), draw.normal(3, scale=0.5), "softmax")]
        target = np.eye(3)[draw.rng.integers(0, 3, 3)]
        return LessonWorking(layers, x, target, "cross_entropy", "sum", "row", single=False)

    def tells(working: LessonWorking) -> bool:
        z, p = working.shown("z1"), working.shown("a1")
        return bool((np.abs(softmax_as_written(z) - p).max(axis=1) > 0.05).all() and p.min() > 0.01)

    return first(make, tells)


def cards(draw: Draw) -> Sequence[Card]:
    """One flower, a small batch, then iris."""
    batch = _batch(draw)
    z = batch.shown("z1")
    written = softmax_as_written(z)
    alone = np.round(z[:1], 2)
    e = np.exp(alone - alone.max())
    return (
        Card(
            "A network that always says the same",
            "A student's network for iris, with 8 sigmoid units and a softmax of 3 classes. It "
            "was written for batches: rows are flowers. Then it is asked about one flower alone, "
            f"a batch of one.\n\n```\n{LISTING.code}\n```\n\nSay that for one flower the last "
            f"layer has `z = np.array({alone.tolist()})`, of shape (1, 3).",
            Scene(
                recipe=iris_recipe(),
                step=0,
                line="z2",
                sample=0,
                convention="row",
                fused=True,
                hide="a2",
            ),
            Values(
                "What does this `softmax(z)` return? Follow the code, line by line.",
                np.full((1, 3), 1.0 / 3.0),
                why="In a batch of one, the maximum over `axis=0` of each column is the number "
                r"itself. So `z - np.max(z, axis=0)` is 0 everywhere, and $e^0 = 1$: three equal "
                "probabilities, whatever the flower.",
                slips=(
                    Slip(
                        e / e.sum(),
                        "That is what softmax should return. The code does something else: what "
                        "is `np.max(z, axis=0)` for a single row?",
                    ),
                ),
                hint="`axis=0` runs down the rows. How many rows are there?",
            ),
        ),
        Card(
            "Find the line",
            "Equal probabilities for every flower, as long as it comes alone.",
            Scene(line="a2", hide="a2"),
            LISTING.question(
                "Which line is wrong?",
                "The maximum is there so that `np.exp` does not overflow. It must be the same "
                "number for all entries of a row. Here it is another one for each class: the "
                "largest of the batch.",
                "Which line mixes one sample with the others?",
                {
                    "np.sum(e": "The sum runs over `axis=1`, the classes of one sample, and the "
                    "new axis makes it divide row by row. This line is right.",
                    "z = a @ W + b": "Rows are samples, and W is (n_in, n_out): this is right.",
                    "-np.sum(target": "Cross-entropy, summed over samples and classes: right.",
                },
            ),
        ),
        Card(
            "A batch of three",
            "With more than one row nothing looks wrong: the rows of what the code returns add up "
            f"to 1. For\n\n```\n{assigned(z=np.round(z, 4))}\n```\n\nit gives\n\n```\n"
            f"{np.array2string(written, precision=4)}\n```",
            opening(batch, "z1", hide="a1"),
            LineValue(
                "What are the probabilities?",
                batch,
                "a1",
                why="`np.max(z, axis=1, keepdims=True)` takes the same number off all entries of a "
                "row, which changes nothing but the size of the exponents.",
                hint="Each row alone: $e^{z}$, divided by the sum of its row.",
            ),
        ),
        Card(
            "What may be taken off",
            r"$p_k = e^{z_k} / \sum_j e^{z_j}$ is the probability of class $k$ for one sample.",
            look("a1"),
            Choice(
                "What may be subtracted from $z$ without changing $p$?",
                (
                    Option(
                        "Any number that is the same for all classes of a sample.",
                        "It is a factor $e^{-c}$ above and below, and cancels.",
                        right=True,
                    ),
                    Option(
                        "Any number that is the same for all samples of a class.",
                        "This is what the code does. Within a sample the classes then lose "
                        "different numbers, and their ratios change.",
                    ),
                    Option(
                        "Nothing: any number changes the probabilities.",
                        "Write $e^{z_k - c} = e^{z_k} e^{-c}$ above and below the line.",
                    ),
                ),
                hint="$e^{z - c} = e^{z} e^{-c}$. When does the second factor cancel?",
            ),
        ),
        Card(
            "What the bias can do",
            "Add a number to one entry of the output bias $b^{(2)}$. The column of that class then "
            "grows by it in every row of $z$, and so does the largest number of the column.",
            Scene(
                recipe=iris_recipe(), line="dC_db2", sample="batch", convention="row", hide="dC_dz2"
            ),
            Choice(
                "What does the code's output do?",
                (
                    Option(
                        "It does not change at all.",
                        "`z - np.max(z, axis=0)` is what it was. The output bias has no influence "
                        "on the network, so it cannot be learned.",
                        right=True,
                    ),
                    Option(
                        "The class becomes more likely for all samples.",
                        "So it would with a right softmax. Here the maximum of the column takes "
                        "off what was added.",
                    ),
                    Option(
                        "The class becomes more likely for some samples only.",
                        "All rows of the column get the same number, and lose it again with the "
                        "column's maximum.",
                    ),
                ),
                hint="Add 1 to a column of `z`, then subtract the column's maximum.",
            ),
        ),
        Card(
            "What autograd says",
            "The student takes iris, draws the weights after `np.random.seed(0)` and computes "
            "both the gradient by autograd, and $\\sum (p - t)$ over all flowers, with $p$ from "
            "this code and $t$ the target. It should be $\\partial C / \\partial b^{(2)}$ for "
            f"softmax with cross-entropy. The sum is\n\n```\n{listed(iris_difference(), 2)}\n```",
            Scene(line="dC_db2", hide="dC_dz2"),
            Values(
                "What does autograd give for $\\partial C / \\partial b^{(2)}$, with this code?",
                np.zeros(3),
                why="Three zeros, but for rounding. Autograd differentiates the code that is "
                "there, and the output bias does not reach the cost.",
                slips=(
                    Slip(
                        np.array(iris_difference()),
                        "That is prediction minus target, the rule for a right softmax. Autograd "
                        "knows no such rule: it follows the code.",
                    ),
                ),
                hint="On the card before: how does the cost change with the output bias?",
            ),
        ),
        Card(
            "Which of the two is wrong?",
            f"Autograd says $(0, 0, 0)$, prediction minus target ${vector(iris_difference(), 3)}$.",
            look("dC_db2"),
            Choice(
                "Why do they not match?",
                (
                    Option(
                        "Autograd is not exact for softmax.",
                        "It is exact to rounding for any code that it can follow, this one "
                        "included.",
                    ),
                    Option(
                        "Prediction minus target is derived from another softmax than the code's.",
                        "The rule holds where $p_k$ depends on the $z$ of its own sample alone, "
                        "and there all of them count. In this code each $p$ depends on other "
                        "samples too. Both numbers are right, of two different functions.",
                        right=True,
                    ),
                    Option(
                        "A sum over the samples is missing.",
                        "It is there: the bias gradient is the column sum of $p - t$.",
                    ),
                ),
                hint="From which formula for $p$ does prediction minus target follow?",
            ),
        ),
        Card(
            "A high accuracy proves nothing",
            "The student trains the network as it is, with autograd, for 2,000 epochs and five "
            f"seeds. The accuracies are {', '.join(f'{100 * a:.1f} %' for a in ACCURACIES)}. "
            "With a right softmax all five reach 97 to 99 %.",
            look("dC_db2"),
            Choice(
                "The first two seeds look fine. What would have shown the fault at once?",
                (
                    Option(
                        "More epochs.",
                        "A seed that is stuck stays so, and one that is not would still look fine.",
                    ),
                    Option(
                        "Checking that every row of the output adds up to 1.",
                        "They do, even so: the sum is taken over the right axis.",
                    ),
                    Option(
                        "One sample alone and the same sample in a batch.",
                        "A prediction must not depend on who else is in the batch. And a gradient "
                        "that is exactly 0 for all biases of a layer is never chance.",
                        right=True,
                    ),
                ),
                hint="What did the first card do?",
            ),
        ),
        Card(
            "The repair",
            "`z` has the shape (N, 3).",
            look("a2"),
            Choice(
                "What belongs in the place of `np.max(z, axis=0)`?",
                (
                    Option(
                        "`np.max(z, axis=1)`",
                        "The right numbers, of shape (N,): they do not fit (N, 3), and where N is "
                        "3 they are taken off the columns without a word. `keepdims=True` keeps "
                        "the axis.",
                    ),
                    Option(
                        f"`{LISTING.fix}`",
                        "One number for each row, of shape (N, 1).",
                        right=True,
                    ),
                    Option(
                        "`0`: leave it out.",
                        "The same function on paper, but `np.exp` overflows for a $z$ above 709.",
                    ),
                    Option(
                        "`np.max(z, axis=0)`, with the sum over `axis=0` too",
                        "Then the columns add up to 1: a probability over flowers, not over "
                        "classes.",
                    ),
                ),
                hint="A number for each row, in a shape that is subtracted from all its entries.",
            ),
        ),
        Card(
            "Next time",
            "The checker calls this **softmax over the batch**. It also names the same slip in "
            "the sum. Whenever a function takes a batch, try it with one sample alone and compare. "
            "Look at every `axis=`: which axis are the samples? A gradient that is 0 for a "
            "whole layer of biases is worth a question.",
        ),
    )


LESSON = Lesson(
    name="bug-softmax-over-the-batch",
    title="A softmax that looks at its neighbours",
    group="bugs",
    exercise="",
    summary="Autograd says the output bias has no gradient. Prediction minus target disagrees.",
    minutes=20,
    cards=cards,
    questions=9,
)
