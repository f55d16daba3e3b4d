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
        f"The program has more than {limit:,} operations. Give it smaller arrays or fewer rounds of "
        "its loops, or write the loop with whole arrays."
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
        f"Line {line}: {what} of {text or 'a value'} gives a plain number. What is computed from it "
        "has no gradient here."
    )


def not_an_array(name: object, known: str) -> str:
    return f"{name!r} is no float array of the arguments. There are: {known}."


def upstream_count(expected: int, found: int) -> str:
    return f"expected one array for each float array that is returned: {expected}, found {found}"


def upstream_shape(expected: object, found: object) -> str:
    return f"expected the shape of the result, {expected}, found {found}"


def changed_unseen(name: str) -> str:
    return (
        f"The memory that {name} reads was changed by code that is not recorded. Change arrays with "
        "NumPy functions and assignments in the program itself."
    )


# record/saved.py
NO_JSON = "This is not JSON. Send what .save() writes."
NO_LIST = "expected a list"
NO_ID = "expected an id of 1 to 200 characters"
NO_VALUE = "expected an array as dtype, shape and base64 data, or a number as python and text"
NO_COST = "expected the id of a node whose value is one number"
NO_PARAMETER = "No given is marked as a parameter, so there is no gradient."
OPERATIONS = "operations"
ENTRIES = "entries of all values"


def version(expected: int) -> str:
    return f"expected a recording of version {expected}"


def id_twice(name: str) -> str:
    return f"{name} stands twice"


def whole_parameter(name: str) -> str:
    return f"{name} has whole numbers, of which there is no gradient"


def unknown_operation(name: str, op: object) -> str:
    return f"{name}: {str(op)[:60]!r} is no operation of a forward pass"


def unknown_input(name: str, other: str) -> str:
    return f"{name} reads {other[:200]}, which is not computed before it"


def entries_of(name: str) -> str:
    return f"entries of {name}"


def not_computed(name: str, why: str) -> str:
    return f"{name} cannot be computed: {why}"


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
