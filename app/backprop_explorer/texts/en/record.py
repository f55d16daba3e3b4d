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


too_many_bytes = "The values of the program need more than {:,} MiB. Give it smaller arrays.".format
too_long = "The program took longer than {:g} s. Give it smaller arrays or fewer rounds.".format
too_many_axes = (
    "np.add.at: values of the shape {} cannot be added to entries of the shape {}.".format
)
view_as = "The memory of an array is read as {}. Convert it with astype.".format
dtype = "Arrays of {} are not recorded. Use real numbers.".format
value = "A value of the type {} is not recorded. Use arrays and numbers.".format
function = "np.{} is not recorded. Write it with other functions of NumPy.".format
argument = "np.{} is recorded without the argument {} only. Leave it out.".format


NOT_CALLABLE = "Give the function itself: bx.explain(loss, x, W), not its result."
NO_ARRAYS = "No argument is an array of real numbers, so there is nothing to derive by."
to_convert = "Convert lists, whole numbers and tables with np.array(…, dtype=float): {}.".format
NAMES_NEEDED = 'Give names or positions of arguments, such as ["W1", "b1"], not arrays.'
NOTHING_RETURNED = (
    "The function returns no array or number that depends on its float arguments. Return the cost, "
    "or the array whose gradient you have. Tables and tensors are arrays only after np.asarray."
)
SUMMED = "The result is an array, so the cost is the sum of its entries. Give upstream for another."
FIRST_SUMMED = (
    "The cost is the sum of the first array that was returned. Give upstream for all of them."
)


lost = "Line {1}: {0} gives plain numbers. What is computed from them has no gradient here.".format


def not_a_number(name: str, line: int) -> str:
    where = f" (line {line})" if line else ""
    return f"{name}{where} is the first value that has entries that are not numbers (NaN)."


not_an_array = "{!r} is no float array of the arguments. There are: {}.".format
upstream_count = "expected one array for each float array that is returned: {}, found {}".format
upstream_shape = "expected the shape of the result, {}, found {}".format


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
other_version = "must be {}, the version of this format".format
unknown_value = "no value {!r}".format
unknown_operation = "no operation {!r} of a recorded program".format


def reads_later(name: object) -> str:
    return f"reads {name!r}, which stands later or reads this node: nodes come after their inputs"


most_axes = "must be real numbers with at most {} axes".format
bytes_of_shape = "shape {} needs {} bytes, {} given".format
most_nodes = "at most {} nodes, {} given".format
most_entries = "at most {:,} numbers, {:,} with this node".format
inputs_needed = "{} has {} inputs, {} given".format


def attributes_needed(name: object, known: list[str]) -> str:
    return f"{name} has the attributes {', '.join(known)}" if known else f"{name} has no attributes"


bad_attribute = "the attribute {} has a value that is not allowed".format
not_computed = "cannot be computed: {}".format


# record/lines.py
ABOUT_GIVEN = "Given: an argument, or a constant of the program."


def axes(count: int) -> list[str]:
    last = {0: [], 1: ["entry"]}.get(count, ["row", "column"])
    return [*(f"axis {k}" for k in range(count - len(last))), *last]


# Names of axes by the variable that a program has their length in.
_AXES = {
    "sample": "N n B m batch batch_size num_examples num_train n_samples",
    "feature": "D d features n_features",
    "channel": "C channels in_channels C_in",
    "row": "H h height rows",
    "column": "W w width cols columns",
    "filter": "F num_filters out_channels C_out",
    "kernel row": "HH kh K_h",
    "kernel column": "WW kw K_w",
    "step": "T t seq_len steps timesteps",
    "unit": "hidden hidden_size units",
}
_AXIS_OF_SIZE = {size: axis for axis, sizes in _AXES.items() for size in sizes.split()}
FEATURE = "feature"
UNIT = "unit"
window_axis = "window {}".format


def axis_of_size(variable: str) -> str | None:
    """Return the name of an axis whose length a program calls ``variable``."""
    plain = "_" if variable.startswith("_") else variable.replace("_", " ")
    return _AXIS_OF_SIZE.get(variable) or (plain if len(plain) > 1 else None)


def merged_axes(*names: str) -> str:
    return " and ".join(names)


unknown_axes = "no array {!r}; there are: {}".format
axes_count = "{} needs a name for each of its axes ({}); {} given".format


def about_value(text: object, line: object) -> str:
    return f"The value of {text}, line {line}." if text else f"A value of line {line}."


about_gradient = "How fast the cost changes when {} changes.".format
about_share = "How fast the cost changes when {} changes only where {} reads it.".format


# record/closed_forms.py
SHORT = "short"
ONE_FORMULA = "one formula"


# record/folding.py
BATCH_NORM = "batch norm"
LAYER_NORM = "layer norm"
GROUP_NORM = "group norm"
RECURRENT_STEP = "recurrent step"
ATTENTION = "attention"
CONVOLUTION = "convolution"
MAX_POOLING = "max pooling"
AVERAGE_POOLING = "average pooling"
loop = "loop over {}".format
