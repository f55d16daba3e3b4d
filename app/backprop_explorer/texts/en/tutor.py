"""Texts of ``tutor``."""

from __future__ import annotations

# tutor/problem.py
SAMPLES_ARE_COLUMNS = "The samples of x are its columns; here they are rows, so x was transposed."


def weights_inputs(
    inputs: object, source: object, below: object, convention: object, shape: object
) -> str:
    return (
        f"W takes {inputs} inputs and {source} {below}; in the {convention} convention W is {shape}"
    )


def bias_entries(entries: object, outputs: object) -> str:
    return f"b has {entries} entries and W has {outputs} outputs"


def layer_has(layer: object) -> str:
    return f"layer {layer} has"


def bias_in_weights(end: object, part: object) -> str:
    return f"The {end} {part} of W was read as the bias, since b is not given."


def classes_counted(last: object) -> str:
    return f"classes are counted from 0: the largest can be {last}"


CLASS_NUMBERS = "The targets were read as class numbers: 1 for the class and 0 for the others."
X_HAS = "x has"
COLUMN = "column"
ROW = "row"
FIRST = "first"
LAST = "last"
ONE_LIST = "one list"
LIST_OF_ROWS = "a list of rows"


def target_like_x(needed: object) -> str:
    return f"must be {needed}, like x"
