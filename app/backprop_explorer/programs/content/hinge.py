"""The hinge loss of a linear classifier."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def hinge(x, W, answer):
    N = len(x)
    s = x @ W
    right = s[np.arange(N), answer]
    margin = np.maximum(0, s - right[:, None] + 1)
    margin[np.arange(N), answer] = 0
    C = margin.sum() / N
    return C


def data(rng, N, classes):
    return {
        "x": rng.normal(size=(N, 2)).round(2),
        "W": rng.normal(size=(2, classes)).round(2),
        "answer": rng.integers(classes, size=N),
    }


PROGRAM = ReadyProgram(
    name="hinge",
    title="hinge loss",
    topic="costs",
    tag="margin",
    place=85,
    description="A class whose margin is kept gives 0; each other one gives 1/N.",
    text="The score of the right class is read by every margin of its row, so its gradient is minus"
    " the number of margins that are broken. Writing 0 over the margin of the right class cuts that"
    " path.",
    shapes="{N} samples, {classes} classes",
    picture=(("x",), ("s",), ("margin",)),
    function=hinge,
    data=data,
    wrt=("x", "W"),
    axes={"x": ("sample", "feature"), "W": ("feature", "class")},
    sizes=(size("N", "samples", 4, 1, 8), size("classes", "classes", 3, 2, 6)),
)
