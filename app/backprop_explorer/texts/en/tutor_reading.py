"""Texts of ``tutor_reading``."""

from __future__ import annotations

# tutor/reading/arrays.py
ONLY_NUMBERS = "expected only numbers and brackets"


def one_array(found: object) -> str:
    return f"expected one array, found {found}"


SOME_NAMED = "some arrays have a name and some do not: name all or none"
SAME_NAME = "two arrays have the same name"


def most_arrays(most: object) -> str:
    return f"at most {most} arrays can be read at once"


WITHOUT_NAMES = (
    "arrays without names must be W, b, W, b, … in the order of the layers; or write a name "
    "and = before each"
)

# tutor/reading/brackets.py
TRACER = "a JAX tracer has no numbers: print outside of jit and grad, or use jax.debug.print"
SHORTENED = (
    "NumPy shortened this array (...): call np.set_printoptions(threshold=np.inf) before "
    "printing, and paste again"
)


def nested_deeper(most: object) -> str:
    return f"brackets are nested more than {most} deep"


def no_opening(bracket: object) -> str:
    return f"{bracket} has no opening bracket"


NUMBER_OR_BRACKET = "expected a number or a bracket"


def missing_at_end(bracket: object) -> str:
    return f"missing {bracket} at the end"


WORD = "expected a number, found a word"

# tutor/reading/decimal_comma.py


def point_and_comma(number: object) -> str:
    return (
        f"{number} has a point and a comma: use only a decimal point, or put a blank after "
        "the comma if it separates two numbers"
    )


# tutor/reading/error_messages.py


def not_elementwise(first: object, second: object) -> str:
    return (
        f"arrays of shapes {first} and {second} cannot be combined entry by entry; * and + "
        "need equal shapes, a matrix product needs @"
    )


def differ_by_transpose(text: object) -> str:
    return f"{text}; these two differ by a transpose"


def product_shapes(first: object, second: object) -> str:
    return (
        f"in a product of shapes {first} and {second} the last length of the first must equal "
        "the first length of the second: transpose one, swap the factors, or check which "
        "layer's array it is"
    )


def product_entries(first: object, second: object) -> str:
    return (
        f"in A @ B the rows of A have {first} entries and the columns of B have {second}: "
        "transpose one, swap the factors, or check which layer's array it is"
    )


def in_place(shape: object) -> str:
    return (
        f"an update in place keeps the shape {shape}, but the result has another: a gradient "
        "has the shape of its parameter, so sum ∂C/∂b over the samples"
    )


FEWER_AXES = "an array has fewer axes than the index or axis that is used: print its shape"
NO_ONE_ARRAY = "arrays of different shapes do not form one array: keep them in a list"
FUNCTION_OF_NUMBER = "a function for one number was called with an array: use NumPy's, np.exp"
RETURNED_NOTHING = "a function returned nothing: check that it ends with return"

# tutor/reading/lookahead.py
NOT_AN_ARRAY = "not an array"
SHAPE_ONLY = "the shape of an array, not its numbers"
COMMON_FACTOR = "numbers with a common factor: print them without it"

# tutor/reading/printed_array.py
NUMBER_LISTS_OR_TEXT = "must be a number, nested lists of numbers, or text"
ONLY_FINITE = "must contain only finite numbers"


def lists_nested(most: object) -> str:
    return f"lists are nested more than {most} deep"


def both_lists(row: object) -> str:
    return f"row {row} and row 0 must both be lists of numbers"


def row_length(row: object, length: object, first: object) -> str:
    return f"row {row} has {length} entries, but row 0 has {first}"


# tutor/reading/source_code.py
CODE = "not an array: this is code; print its result and paste the output"
ERROR_MESSAGE = "not an array: this is an error message"

# tutor/reading/tokens.py
NUMBERS_NAMES_BRACKETS = "numbers, names and brackets"


def at_place(message: object, line: object, column: object) -> str:
    return f"{message} at line {line}, column {column}"


# tutor/reading/transcript.py
REST_NOT_READ = "the rest was not read"
BRACKET_NOT_CLOSED = "this bracket is not closed"
