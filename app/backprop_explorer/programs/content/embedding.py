"""An embedding whose indices repeat."""

import numpy as np

from backprop_explorer.programs.program import ReadyProgram, size


def embedding(table, W, letters, target):
    e = table[letters]
    m = e.mean(axis=0)
    y = np.tanh(m @ W)
    C = ((y - target) ** 2).sum()
    return C


def data(rng, length, d):
    letters = rng.integers(7, size=length)
    letters[-1] = letters[0]
    return {
        "table": rng.normal(size=(7, d)).round(1),
        "W": rng.normal(scale=0.8, size=(d, 2)).round(1),
        "letters": letters,
        "target": rng.uniform(-1, 1, 2).round(1),
    }


PROGRAM = ReadyProgram(
    name="embedding",
    title="embedding",
    topic="sequences",
    tag="indices",
    place=72,
    description="A row of the table that is read twice gets two gradients, which add up.",
    text="Indices choose rows on the way forward; backwards each gradient is added to the row that"
    " was read, and rows that no letter reads keep 0. With = instead of += the last letter would"
    " overwrite the first.",
    shapes="{length} letters, table 7×{d}",
    picture=(("table",), ("e",), ("m",), ("y",)),
    function=embedding,
    data=data,
    wrt=("table", "W"),
    axes={"table": ("letter", "number"), "letters": ("place",), "target": ("output",)},
    sizes=(size("length", "letters", 4, 2, 8), size("d", "numbers a letter", 3, 1, 6)),
)
