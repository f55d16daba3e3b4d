"""Week 41, exercise 5: many samples at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.lessons.drawn import create_layers, distinct_slips, first_seed, legacy
from backprop_explorer.lessons.iris import softmax
from backprop_explorer.lessons.lesson import Card, Draw, Lesson
from backprop_explorer.lessons.questions import Choice, LineValue, Option, Shape, Slip, Values
from backprop_explorer.lessons.scenes import ask, look, opening
from backprop_explorer.lessons.working import LessonWorking

SIZES = (4, 12, 10, 3)
SHOWN = 5


@dataclass(frozen=True, slots=True)
class _BatchDraw:
    """``layers`` hold W as (n_in, n_out)."""

    seed: int
    inputs: Any
    layers: Any

    @property
    def predictions(self) -> Any:
        """(1000, 3)."""
        return softmax(self.last_z(self.inputs))

    def last_z(self, x: Any, *, activation: bool = True) -> Any:
        """z of the last layer, (N, 3)."""
        a = x
        for W, b in self.layers[:-1]:
            a = a @ W + b
            a = np.maximum(a, 0.0) if activation else a
        W, b = self.layers[-1]
        return a @ W + b


def _drawn(seed: int, *, turned: bool = True) -> _BatchDraw:
    state = legacy(seed)
    inputs = state.rand(1000, SIZES[0])
    # create_layers draws (n_out, n_in) and the exercise's batch version turns it round.
    layers = create_layers(state, SIZES, turned=not turned)
    return _BatchDraw(seed, inputs, [(W.T, b) for W, b in layers])


def _teaches(seed: int) -> bool:
    """No probability of the rows shown rounds to 0, and every class is predicted at times."""
    p = _drawn(seed).predictions
    counts = np.bincount(p.argmax(axis=1), minlength=3)
    return bool(p[:SHOWN].min() > 1e-3 and counts.min() > 0)


def cards(draw: Draw) -> Sequence[Card]:
    """4 → 12, 10, 3 with ReLU, ReLU, softmax on (1000, 4)."""
    drawn = _drawn(first_seed(draw, _teaches))
    return (*_shapes(drawn), *_softmax(), *_numbers(drawn))


def _working(drawn: _BatchDraw) -> LessonWorking:
    names = ("relu", "relu", "softmax")
    layers = [(W, b, name) for (W, b), name in zip(drawn.layers, names, strict=True)]
    target = np.eye(3)[np.arange(SHOWN) % 3]
    return LessonWorking(
        layers,
        drawn.inputs[:SHOWN],
        target,
        cost="cross_entropy",
        reduction="sum",
        convention="row",
        single=False,
    )


def _shapes(drawn: _BatchDraw) -> Sequence[Card]:
    return (
        Card(
            "Samples are rows",
            "Until now $x$ was one sample, a vector. Now 1,000 samples of 4 numbers come at once, "
            "as a matrix `inputs` of shape (1000, 4): a **batch**. Each sample is a row.\n\n"
            "With rows the product turns round: `z = a @ W + b`. The network has layers of 12, 10 "
            f"and 3 neurons. On the page you see the first {SHOWN} samples.",
            opening(_working(drawn), "z1", "z1"),
            Shape(
                "What is the shape of the first `W` now?",
                (4, 12),
                why="(inputs, outputs): the transpose of what it was. So in `create_layers_batch` "
                "the matrix is drawn as before and turned: "
                "`W = np.random.randn(output_size, i_size).T`.",
                slips={
                    (12, 4): "So it was for `W @ a`. In `inputs @ W` the 4 columns of `inputs` "
                    "meet the rows of `W`.",
                    (1000, 12): "$W$ does not know how many samples there are; that is the shape "
                    "of the result.",
                    (4, 1000): "$W$ does not know how many samples there are.",
                },
                hint="(1000, 4) times (?, ?): the two in the middle must agree.",
            ),
        ),
        Card(
            "What comes out of the first layer",
            "`z1 = inputs @ W1 + b1`",
            look("z1", "z1"),
            Shape(
                "What is the shape of `z1`?",
                (1000, 12),
                why="A row for each sample, a column for each neuron.",
                slips={
                    (12, 1000): "The right two numbers; samples stay rows.",
                    (12,): "Each sample has its own 12 numbers.",
                    (4, 12): "This is the shape of $W$.",
                },
                hint="The outer two of (1000, 4) and (4, 12).",
            ),
        ),
        Card(
            "One bias for all samples",
            "`b1` has the shape (12,), and `inputs @ W1` has (1000, 12).",
            look("z1", "z1"),
            Choice(
                "What does NumPy do with `+ b1`?",
                (
                    Option(
                        "it adds `b1` to every row",
                        "This is called broadcasting: the last axes agree, so the vector is "
                        "repeated over the others. All samples share the biases.",
                        right=True,
                    ),
                    Option(
                        "it adds `b1` to every column",
                        "A column has 1,000 entries, one for each sample; `b1` has 12.",
                    ),
                    Option(
                        "it stops with an error, since the shapes differ",
                        "The shapes differ, but NumPy compares them from the end: 12 and 12 agree, "
                        "and the missing axis is filled up.",
                    ),
                    Option(
                        "it adds `b1` to the first row only",
                        "NumPy never leaves out rows. The vector is repeated.",
                    ),
                ),
                hint="Which axis of (1000, 12) has the length of `b1`?",
            ),
        ),
    )


def _softmax() -> Sequence[Card]:
    code = (
        "def softmax(z):\n"
        "    e = np.exp(z - np.max(z, axis=1, keepdims=True))\n"
        "    return e / np.sum(e, ...)"
    )
    return (
        Card(
            "Softmax, sample by sample",
            "The last layer has the **softmax** as its activation: "
            "$p_k = e^{z_k} / \\sum_l e^{z_l}$, where the sum goes over the classes of one sample. "
            "It makes three probabilities out of three numbers. (Taking the largest away first "
            f"changes nothing in theory and keeps `np.exp` small.)\n\n```\n{code}\n```",
            look("a3", "a3"),
            Choice(
                "What belongs in place of the dots, for a batch?",
                (
                    Option(
                        "`axis=1, keepdims=True`",
                        "The sum runs along the row of each sample, and keeping the axis makes "
                        "(1000, 1), which divides every row by its own sum.",
                        right=True,
                    ),
                    Option(
                        "`axis=0, keepdims=True`",
                        "This sums each class over all samples: the result of one sample would "
                        "depend on the others. It is a fault often met, and it raises no error.",
                    ),
                    Option(
                        "`axis=1`",
                        "The right sums, as a vector (1000,). Dividing (1000, 3) by (1000,) does "
                        "not fit: NumPy compares shapes from the end, 3 with 1000.",
                    ),
                    Option(
                        "nothing: `np.sum(e)`",
                        "Then all 3,000 numbers together would add up to 1.",
                    ),
                ),
                hint="Which axis holds the classes?",
            ),
        ),
        Card(
            "A check that costs nothing",
            "`predictions = feed_forward_batch(inputs, layers, [ReLU, ReLU, softmax])` has the "
            "shape (1000, 3).",
            look("a3", "a3"),
            Values(
                "What must `np.sum(predictions)` be, whatever the weights are?",
                1000,
                why="Each row adds up to 1. But so does a single wrong axis in another way: "
                "`np.sum(predictions, axis=1)` should be all ones.",
                slips=(
                    Slip(1, "That is the sum of one row. There are 1,000 rows."),
                    Slip(
                        3,
                        "You get this if softmax runs over the samples: each of the three "
                        "columns would add up to 1.",
                    ),
                    Slip(3000, "This is how many numbers there are."),
                ),
                hint="What do the probabilities of one sample add up to?",
            ),
        ),
    )


def _numbers(drawn: _BatchDraw) -> Sequence[Card]:
    p = drawn.predictions
    z = drawn.last_z(drawn.inputs)
    e = np.exp(z - z.max(axis=0))
    columns = e / e.sum(axis=0)
    other = _drawn(drawn.seed, turned=False).predictions
    counts = np.bincount(p.argmax(axis=1), minlength=3)
    run = (
        f"np.random.seed({drawn.seed})\n"
        "inputs = np.random.rand(1000, 4)\n"
        "layers = create_layers_batch(4, [12, 10, 3])\n"
        "predictions = feed_forward_batch(inputs, layers, [ReLU, ReLU, softmax])"
    )
    return (
        Card(
            "Run your own",
            "Write `create_layers_batch` (draw `W = np.random.randn(output_size, i_size).T`, then "
            f"`b`) and `feed_forward_batch`. Then:\n\n```\n{run}\n```",
            look("a3", "a3"),
            Values(
                "What is `predictions[0]`?",
                p[0],
                why="Three probabilities of the first sample; they add up to 1.",
                slips=distinct_slips(
                    p[0],
                    Slip(
                        columns[0],
                        "Your softmax runs over the samples: the maximum or the sum "
                        "has `axis=0`. Classes are `axis=1`.",
                    ),
                    Slip(z[0], "This is `z3`. Softmax comes after it."),
                    Slip(
                        softmax(drawn.last_z(drawn.inputs, activation=False))[0],
                        "The two ReLU are missing.",
                    ),
                    Slip(
                        other[0],
                        "Your function draws `np.random.randn(i_size, output_size)`. "
                        "The shape is right; with this seed the numbers are others. Draw "
                        "(output_size, i_size) and transpose.",
                    ),
                ),
                hint="`z = a @ W + b` in a loop; ReLU twice, softmax at the end.",
            ),
        ),
        Card(
            "A batch of five",
            f"A sample's result must not depend on who else is in the batch. Run the first {SHOWN} "
            f"samples alone: `feed_forward_batch(inputs[:{SHOWN}], …)`.",
            ask("a3"),
            LineValue(
                f"What comes out, shape ({SHOWN}, 3)?",
                _working(drawn),
                "a3",
                why="The same as the first rows of `predictions`. With a softmax over the samples "
                "they would have changed.",
                hint=f"Compare with `predictions[:{SHOWN}]`.",
            ),
        ),
        Card(
            "Classes",
            "The predicted class of a sample is where its probability is largest: "
            "`np.argmax(predictions, axis=1)`.",
            look("a3"),
            Values(
                "How many of the 1,000 samples fall into class 0, 1 and 2? Three numbers.",
                counts,
                why="The weights are random, so this says nothing about the samples yet. In "
                "exercise 6 they are flowers.",
                slips=distinct_slips(
                    counts,
                    Slip(
                        np.bincount(columns.argmax(axis=1), minlength=3),
                        "These counts come from a softmax over the samples. Check `axis=1` in it.",
                    ),
                ),
                hint="`np.bincount(np.argmax(predictions, axis=1), minlength=3)`",
            ),
        ),
    )


LESSON = Lesson(
    name="a-batch-of-samples",
    title="A batch of samples",
    group="week41",
    exercise="5 a–c",
    summary="A thousand samples in one product, and a softmax along the right axis.",
    minutes=20,
    cards=cards,
)
