"""The texts of ``record``: why a program cannot be recorded, and where."""

from __future__ import annotations

NO_ASSIGNMENT = "a number does not support item assignment"
NO_ITERATION = "iteration over a 0-d array"
NO_HASH = "unhashable type: an array"
MEMORY_ORDER = "This array is not in C order; make it with np.ascontiguousarray."
FLOAT_INDEX = "An index has to be whole numbers or truth values."


def at_line(message: str, line: int, file: str) -> str:
    return f"{message} (line {line} of {file})" if line else message


def too_many_operations(limit: int) -> str:
    return (
        f"The program has more than {limit:,} operations. Give it smaller arrays or fewer rounds "
        "of its loops, or write the loop with whole arrays."
    )


def too_many_bytes(megabytes: int) -> str:
    return f"The values of the program need more than {megabytes:,} MiB. Give it smaller arrays."


def too_long(seconds: float) -> str:
    return f"The program took longer than {seconds:g} s. Give it smaller arrays or fewer rounds."


def view_as(dtype: str) -> str:
    return f"The memory of an array is read as {dtype}. Convert it with astype."


def dtype(name: str) -> str:
    return f"Arrays of {name} are not recorded. Use real numbers."


def value(kind: str) -> str:
    return f"A value of the type {kind} is not recorded. Use arrays and numbers."


def function(name: str) -> str:
    return f"np.{name} is not recorded. Write it with other functions of NumPy."


def argument(name: str, argument: str) -> str:
    return f"np.{name} is recorded without the argument {argument} only. Leave it out."


NOT_CALLABLE = "Give the function itself: bx.explain(loss, x, W), not its result."
NO_ARRAYS = "No argument is an array of real numbers, so there is nothing to derive by."
NOTHING_RETURNED = (
    "The function returns no array or number that depends on its float arguments. Return the cost, "
    "or the array whose gradient you have."
)
SUMMED = "The result is an array, so the cost is the sum of its entries. Give upstream for another."
FIRST_SUMMED = (
    "The cost is the sum of the first array that was returned. Give upstream for all of them."
)


def lost(what: str, line: int, text: str) -> str:
    return (
        f"Line {line}: {what} of {text or 'a value'} gives plain numbers. What is computed from "
        "it has no gradient here."
    )


def not_a_number(name: str, line: int) -> str:
    where = f" (line {line})" if line else ""
    return f"{name}{where} is the first value that has entries that are not numbers (NaN)."


def not_an_array(name: object, known: str) -> str:
    return f"{name!r} is no float array of the arguments. There are: {known}."


def upstream_count(expected: int, found: int) -> str:
    return f"expected one array for each float array that is returned: {expected}, found {found}"


def upstream_shape(expected: object, found: object) -> str:
    return f"expected the shape of the result, {expected}, found {found}"


def changed_unseen(name: str) -> str:
    return (
        f"The memory that {name} reads was changed by code that is not recorded. Change arrays "
        "with NumPy functions and assignments in the program itself."
    )


# record/received.py
NOT_A_RECORDING = "This is not what .save() writes."
NAN = "holds NaN"
NOT_FLOAT = "has a gradient and must be an array of float32 or float64"
BAD_ID = "must be a name of 1 to 200 characters without \\ { } < >"
TWICE = "stands there twice"
BAD_NUMBER = "must be a finite or infinite float, or a whole number of at most 64 bits"
NOT_BASE64 = "data must be base64"
BAD_PLACE = "calls or runs are not as .save() writes them"
COST_NUMBER = "the cost must be one real number"
COST_NOT_FINITE = "is infinite or NaN, so the cost is as well"
TOO_MUCH_WORK = "computing the graph up to here takes too long; send smaller arrays"
ATTRIBUTES_TOO_LARGE = "an attribute is too large or nested too deeply"


def other_version(version: object) -> str:
    return f"must be {version}, the version of this format"


def unknown_value(name: object) -> str:
    return f"no value {name!r}"


def unknown_operation(name: object) -> str:
    return f"no operation {name!r} of a recorded program"


def reads_later(name: object) -> str:
    return f"reads {name!r}, which stands later or reads this node: nodes come after their inputs"


def most_axes(most: object) -> str:
    return f"must be real numbers with at most {most} axes"


def bytes_of_shape(shape: object, needed: object, found: object) -> str:
    return f"shape {shape} needs {needed} bytes, {found} given"


def most_nodes(most: object, found: object) -> str:
    return f"at most {most} nodes, {found} given"


def most_entries(most: int, found: int) -> str:
    return f"at most {most:,} numbers, {found:,} with this node"


def inputs_needed(name: object, needed: object, found: object) -> str:
    return f"{name} has {needed} inputs, {found} given"


def attributes_needed(name: object, known: list[str]) -> str:
    return f"{name} has the attributes {', '.join(known)}" if known else f"{name} has no attributes"


def bad_attribute(name: object) -> str:
    return f"the attribute {name} has a value that is not allowed"


def not_computed(error: object) -> str:
    return f"cannot be computed: {error}"


# record/lines.py
ABOUT_GIVEN = "Given: an argument, or a constant of the program."


def axes(count: int) -> list[str]:
    last = {0: [], 1: ["entry"]}.get(count, ["row", "column"])
    return [*(f"axis {k}" for k in range(count - len(last))), *last]


def about_value(text: object, line: object) -> str:
    return f"The value of {text}, line {line}." if text else f"A value of line {line}."


def about_gradient(of: object) -> str:
    return f"How fast the cost changes when {of} changes."


def about_share(of: object, reader: object) -> str:
    return f"How fast the cost changes when {of} changes only where {reader} reads it."


# record/folding.py
BATCH_NORM = "batch norm"
LAYER_NORM = "layer norm"
GROUP_NORM = "group norm"
RECURRENT_STEP = "recurrent step"
ATTENTION = "attention"
CONVOLUTION = "convolution"
MAX_POOLING = "max pooling"
AVERAGE_POOLING = "average pooling"


def loop(variable: str) -> str:
    return f"loop over {variable}"
