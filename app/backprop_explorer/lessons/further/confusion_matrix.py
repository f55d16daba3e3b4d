"""A confusion matrix: what accuracy does not tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.datasets import make_table, split
from backprop_explorer.lessons.drawn import first
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, Option, Shape, Slip, Values
from backprop_explorer.lessons.runs import points
from backprop_explorer.lessons.written import tex

STEPS, CLASSES = 60, ("setosa", "versicolor", "virginica")
Counts = NDArray[np.int64]


def iris(seed: int) -> dict[str, Any]:
    """Iris, four tanh units and a softmax, trained for a short while only."""
    return {
        "dataset": {"name": "iris", "seed": seed, "test_fraction": 0.3, "standardize": True},
        "network": {
            "layers": [{"units": 4, "activation": "tanh"}, {"units": 3, "activation": "softmax"}],
            "seed": seed,
        },
        "cost": {"name": "cross_entropy", "reduction": "batch_mean"},
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        "batch": {"size": None, "shuffle": False},
    }


def confusion(seed: int) -> Counts:
    """Of the training part after STEPS: rows are the true classes, columns the predicted ones."""
    (point,) = points(iris(seed), STEPS)
    parts = split(
        make_table("iris", seed=seed, parameters={}), test_fraction=0.3, standardize=True, seed=seed
    )
    (W1, b1), (W2, b2) = point.layers
    target = np.asarray(parts.train_target, dtype=np.int64)
    predicted = (np.tanh(parts.train_x @ W1 + b1) @ W2 + b2).argmax(axis=1)
    counts: Counts = np.zeros((3, 3), dtype=np.int64)
    np.add.at(counts, (target, predicted), 1)
    return counts


def _tells(counts: Counts) -> bool:
    """Errors of both kinds between the two classes that are alike, and not the same numbers."""
    ones, twos = counts[1], counts[2]
    return bool(
        ones[2] >= 2 and twos[1] >= 2 and ones[2] != twos[1] and ones[1] > 15 and twos[2] > 15
    )


def cards(draw: Draw) -> Sequence[Card]:
    """One matrix, read in several ways."""
    found: dict[int, Counts] = {}

    def try_seed() -> int:
        seed = int(draw.rng.integers(10_000))
        found[seed] = confusion(seed)
        return seed

    seed = first(try_seed, lambda each: _tells(found[each]))
    counts = found[seed]
    total, right = int(counts.sum()), int(np.trace(counts))
    true, said = counts.sum(axis=1), counts.sum(axis=0)
    one = counts[1, 1]
    matrix = "\n".join(
        f"{name:>10s} " + " ".join(f"{n:5d}" for n in row)
        for name, row in zip(CLASSES, counts, strict=True)
    )
    block = f"```\n             set.  ver.  vir.\n{matrix}\n```"
    biggest = int(true.max())
    return (
        Card(
            "Rows and columns",
            f"Iris, {total} flowers of three species, {STEPS} steps of training. The confusion "
            "matrix counts them: a **row** for the true species, a **column** for what the network "
            f"says.\n\n{block}",
            Scene(recipe=iris(seed), step=STEPS, line="a2", sample="batch", figure="data"),
            Values(
                "How many flowers are versicolor and are taken for virginica?",
                float(counts[1, 2]),
                why="Row versicolor, column virginica.",
                slips=(
                    Slip(
                        float(counts[2, 1]),
                        "Those are virginica and taken for versicolor: row and column are swapped.",
                    ),
                ),
                hint="First the row, then the column.",
            ),
        ),
        Card(
            "Accuracy",
            f"Accuracy is the share of all flowers that are right.\n\n{block}",
            Scene(line="a2"),
            Values(
                "What is it here, as a number between 0 and 1?",
                right / total,
                why=f"The diagonal holds the right ones: {right} of {total}. The page says the "
                "same.",
                slips=(
                    Slip(1.0 - right / total, "Those are the wrong ones."),
                    Slip(
                        float(np.mean(np.diag(counts) / true)),
                        "That is the mean of the three species' shares. Accuracy counts flowers.",
                    )
                    if abs(np.mean(np.diag(counts) / true) - right / total) > 0.004
                    else Slip(100.0 * right / total, "As a number between 0 and 1."),
                ),
                hint="The sum of the diagonal, divided by the sum of all.",
            ),
        ),
        Card(
            "Recall",
            f"Recall of a species: of the flowers that **are** it, the share that is found.\n\n"
            f"{block}",
            Scene(line="a2"),
            Values(
                "What is the recall of versicolor?",
                one / true[1],
                why=f"Along the row: {one} of {true[1]}.",
                slips=(Slip(one / said[1], "That goes down the column: it is the precision."),),
                hint="All that are versicolor stand in one row.",
            ),
        ),
        Card(
            "Precision",
            f"Precision of a species: of the flowers that are **said** to be it, the share that "
            f"is.\n\n{block}",
            Scene(line="a2"),
            Values(
                "What is the precision of versicolor?",
                one / said[1],
                why=f"Down the column: {one} of {said[1]}.",
                slips=(Slip(one / true[1], "That goes along the row: it is the recall."),),
                hint="All that are said to be versicolor stand in one column.",
            ),
        ),
        Card(
            "Without learning anything",
            f"In this training part the largest species has {biggest} of {total} flowers.",
            Scene(line="a2"),
            Values(
                "Which accuracy has a network that says that species to everything?",
                biggest / total,
                why=f"${tex(biggest / total, 3)}$: the accuracy to compare with. Where 95 of 100 "
                "samples are of one class, an accuracy of 0.95 means nothing, and the matrix shows "
                "an empty column.",
                slips=(Slip(1.0 / 3.0, "That would be so if the species were equally many."),)
                if abs(biggest / total - 1 / 3) > 0.004
                else (),
                hint="How many would it have right?",
            ),
        ),
        Card(
            "Another data set",
            "The handwritten digits, 0 to 9.",
            Scene(line="a2"),
            Shape(
                "What is the shape of their confusion matrix, for 1,797 pictures?",
                (10, 10),
                why="A row and a column for each class, however many samples there are.",
                slips={
                    (1797, 10): "That is the shape of the predictions: a row for each picture.",
                    (9, 9): "0 is a digit too.",
                },
                hint="A row for each true class.",
            ),
        ),
        Card(
            "What to do with it",
            f"Setosa is told from the others, and the two others are mixed up.\n\n{block}",
            Scene(line="a2"),
            Choice(
                "What does the matrix say that the accuracy does not?",
                (
                    Option(
                        "Whether the network has learned for long enough.",
                        "That is what the curves of the training show.",
                    ),
                    Option(
                        "Between which classes the errors are, and in which direction.",
                        "So one knows where to look: at these two species, at features that tell "
                        "them apart, at samples that are labelled wrongly.",
                        right=True,
                    ),
                    Option(
                        "How sure the network is.",
                        "Only the largest probability is counted, not how large it is. The cost "
                        "knows.",
                    ),
                ),
                hint="What is lost when the matrix is made into one number?",
            ),
        ),
    )


LESSON = Lesson(
    name="confusion-matrix",
    title="Who is taken for whom",
    group="further",
    exercise="",
    summary="A confusion matrix of iris: accuracy, recall, precision, and what to compare with.",
    minutes=10,
    cards=cards,
    questions=7,
)
