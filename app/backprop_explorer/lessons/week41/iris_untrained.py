"""Week 41, exercise 6: what networks say of iris flowers before they have learned anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.lessons import iris
from backprop_explorer.lessons.drawn import create_layers, distinct_slips, first_seed, legacy
from backprop_explorer.lessons.lesson import Card, Draw, Lesson, Scene
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Shape, Slip, Values
from backprop_explorer.lessons.scenes import ask, look

NETWORKS = 5


def _accuracies(seed: int, *, turned: bool = True) -> list[float]:
    """Of so many networks, drawn one after the other after ``np.random.seed(seed)``."""
    x, classes = iris.flowers()
    state = legacy(seed)
    found = []
    for _ in range(NETWORKS):
        layers = [(W.T, b) for W, b in create_layers(state, iris.SIZES, turned=not turned)]
        found.append(float(np.mean(iris.predictions(layers, x).argmax(axis=1) == classes)))
    return found


def _teaches(seed: int) -> bool:
    """Not all networks are equally bad."""
    return len(set(_accuracies(seed))) >= 3


def cards(draw: Draw) -> Sequence[Card]:
    """4 inputs, 8 sigmoid, softmax 3; accuracy of several random networks."""
    seed = int(draw.rng.integers(1, 1000))
    flower = int(draw.rng.integers(0, 150))
    return (*_setting(seed, flower), *_measuring(draw))


def _setting(seed: int, flower: int) -> Sequence[Card]:
    working = iris.working(seed, flower)
    species = ("setosa", "versicolor", "virginica")[iris.flowers()[1][flower]]
    return (
        Card(
            "Flowers",
            "The iris data: 150 flowers, 50 of each of three species. Of each flower four lengths "
            "are known, in centimetres, and the species. The network has 8 neurons with the "
            "sigmoid and 3 outputs with softmax: one probability for each species. Samples are "
            f"rows, `z = a @ W + b`.\n\n```\n{iris.LOAD}\n```",
            Scene(
                recipe=iris.recipe(seed),
                step=0,
                line="z1",
                sample=flower,
                convention="row",
                hide="z1",
                figure="data",
            ),
            Shape(
                "What is the shape of `W2`?",
                (8, 3),
                why="It takes what the 8 hidden neurons give and makes three numbers of it.",
                slips={
                    (3, 8): "For `a @ W` the rows of $W$ belong to what comes in.",
                    (4, 3): "The second layer sees the hidden neurons, not the flower.",
                    (4, 8): "This is `W1`.",
                },
                hint="Rows: what comes in. Columns: what comes out.",
            ),
        ),
        Card(
            "One-hot targets",
            "The species are numbered 0, 1, 2. The network gives three probabilities, so the "
            "target is written as three numbers too: 1 at the place of the species, 0 elsewhere. "
            "This is what `np.eye(3)[iris.target]` does.",
            look("z1", "z1"),
            Shape(
                "What is the shape of `targets`?",
                (150, 3),
                why="Like the predictions: a row for each flower, a column for each species.",
                slips={
                    (150,): "That is `iris.target`, the numbers of the species.",
                    (150, 1): "One column would hold the number of the species. There is a column "
                    "for each species.",
                    (3, 150): "Samples are rows.",
                },
                hint="It must fit the predictions, entry by entry.",
            ),
        ),
        Card(
            "One flower, untrained",
            f"Flower {flower} is a {species}. The explorer has drawn its weights like this:\n\n"
            f"```\n{iris.first_weights_code(seed)}\n```",
            ask("a2", sample=flower),
            LineValue(
                f"What are the three probabilities of flower {flower}?",
                working,
                "a2",
                why="The network does not know flowers yet: these numbers come from the random "
                "weights alone.",
                hint=f"`x = inputs[{flower}]`, then sigmoid, then softmax.",
            ),
        ),
    )


def _measuring(draw: Draw) -> Sequence[Card]:
    own = first_seed(draw, _teaches)
    right = _accuracies(own)
    best = max(right)
    return (
        Card(
            "How often is it right",
            "**Accuracy** is the share of flowers whose species has the largest probability.",
            look("a2"),
            Choice(
                "Which code gives the accuracy?",
                (
                    Option(
                        "`np.mean(np.argmax(predictions, axis=1) == np.argmax(targets, axis=1))`",
                        "The predicted class of each flower against the true one; the mean of "
                        "true and false is the share of hits.",
                        right=True,
                    ),
                    Option(
                        "`np.mean(predictions == targets)`",
                        "Probabilities are never exactly 0 or 1, so this is 0.",
                    ),
                    Option(
                        "`np.mean(np.argmax(predictions, axis=0) == np.argmax(targets, axis=0))`",
                        "Axis 0 goes over the flowers: it asks which flower has the largest "
                        "probability for each species.",
                    ),
                    Option(
                        "`np.sum(predictions * targets)`",
                        "This adds up the probabilities of the true species. It grows with the "
                        "certainty, and is no share of hits.",
                    ),
                ),
                hint="First a class for each flower, then compare 150 pairs.",
            ),
        ),
        Card(
            "Without looking",
            "Suppose a network gives the same species for every flower.",
            look("a2"),
            Values(
                "What is its accuracy?",
                1 / 3,
                why="50 of 150 flowers are of that species, whichever it is.",
                slips=(
                    Slip(0.5, "There are three species, 50 flowers each."),
                    Slip(0.0, "It is right for the flowers that do belong to its species."),
                    Slip(50, "That is the number of hits. Accuracy is their share of 150."),
                ),
                hint="How many of the 150 flowers does it get right?",
            ),
        ),
        Card(
            "Five random networks",
            "Now your own. With `create_layers_batch` of exercise 5 (`W = "
            "np.random.randn(output_size, i_size).T`, then `b`):\n\n```\n"
            f"np.random.seed({own})\n"
            f"for _ in range({NETWORKS}):\n"
            "    layers = create_layers_batch(4, [8, 3])\n"
            "    predictions = feed_forward_batch(inputs, layers, [sigmoid, softmax])\n"
            "    print(accuracy(predictions, targets))\n```",
            look("a2"),
            Values(
                "Which five accuracies are printed, in order?",
                right,
                why=f"The best of the five reaches {best:.3f} by luck, and nobody has trained it.",
                slips=distinct_slips(
                    right,
                    Slip(
                        _accuracies(own, turned=False),
                        "Your function draws `np.random.randn(i_size, output_size)`. With this "
                        "seed the numbers are others: draw (output_size, i_size) and transpose.",
                    ),
                ),
                hint="Paste the five numbers, separated by commas or blanks.",
            ),
        ),
        Card(
            "Why so often one third",
            f"Yours were {', '.join(f'{a:.3f}' for a in right)}. Most untrained networks come out "
            "at 0.333 exactly, or close to it. Look at `np.argmax(predictions, axis=1)` of one.",
            look("a2"),
            Choice(
                "What does a network with 0.333 do?",
                (
                    Option(
                        "it gives the same species for all, or nearly all, flowers",
                        "The four lengths are all positive and alike for all flowers, so the "
                        "hidden neurons hardly differ from flower to flower, and one output is "
                        "ahead for all. It gets the 50 of that species right.",
                        right=True,
                    ),
                    Option(
                        "it guesses each flower by chance",
                        "Nothing in it is left to chance once the weights are drawn: the same "
                        "flower always gives the same answer. Pure guessing would also give "
                        "0.32 or 0.35 at times, not 50 of 150 exactly.",
                    ),
                    Option(
                        "it gives each species the probability one third",
                        "Then the three probabilities would be equal. Print them: they are not.",
                    ),
                ),
                hint="`np.bincount(np.argmax(predictions, axis=1), minlength=3)`",
            ),
        ),
    )


LESSON = Lesson(
    name="iris-before-training",
    title="Iris, before training",
    group="week41",
    exercise="6",
    summary="A network for three species of flowers, and how good it is by chance.",
    minutes=15,
    cards=cards,
    questions=7,
)
