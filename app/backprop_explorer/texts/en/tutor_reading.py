"""Texts of ``tutor_reading``."""

from __future__ import annotations

# tutor/reading/arrays.py
ONLY_NUMBERS = "expected only numbers and brackets"
one_array = "expected one array, found {}".format
SOME_NAMED = "some arrays have a name and some do not: name all or none"
SAME_NAME = "two arrays have the same name"
most_arrays = "at most {} arrays can be read at once".format
WITHOUT_NAMES = (
    "arrays without names must be W, b, W, b, … in the order of the layers; or write a name "
    "and = before each"
)

# tutor/reading/arrays.py
TRACER = "a JAX tracer has no numbers: print outside of jit and grad, or use jax.debug.print"
SHORTENED = (
    "NumPy shortened this array (...): call np.set_printoptions(threshold=np.inf) before "
    "printing, and paste again"
)
nested_deeper = "brackets are nested more than {} deep".format
no_opening = "{} has no opening bracket".format
NUMBER_OR_BRACKET = "expected a number or a bracket"
missing_at_end = "missing {} at the end".format
WORD = "expected a number, found a word"

# tutor/reading/decimal_comma.py
point_and_comma = (
    "{} has a point and a comma: use only a decimal point, or put a blank after the comma if it "
    "separates two numbers"
).format

# tutor/reading/source_code.py
not_elementwise = (
    "arrays of shapes {} and {} cannot be combined entry by entry; * and + need equal shapes, a "
    "matrix product needs @"
).format
differ_by_transpose = "{}; these two differ by a transpose".format
product_shapes = (
    "in a product of shapes {} and {} the last length of the first must equal the first length of "
    "the second: transpose one, swap the factors, or check which layer's array it is"
).format
product_entries = (
    "in A @ B the rows of A have {} entries and the columns of B have {}: transpose one, swap the "
    "factors, or check which layer's array it is"
).format
in_place = (
    "an update in place keeps the shape {}, but the result has another: a gradient has the shape "
    "of its parameter, so sum ∂C/∂b over the samples"
).format
FEWER_AXES = "an array has fewer axes than the index or axis that is used: print its shape"
NO_ONE_ARRAY = "arrays of different shapes do not form one array: keep them in a list"
FUNCTION_OF_NUMBER = "a function for one number was called with an array: use NumPy's, np.exp"
RETURNED_NOTHING = "a function returned nothing: check that it ends with return"

# tutor/reading/transcript.py
NOT_AN_ARRAY = "not an array"
SHAPE_ONLY = "the shape of an array, not its numbers"
COMMON_FACTOR = "numbers with a common factor: print them without it"

# tutor/reading/printed_array.py
NUMBER_LISTS_OR_TEXT = "must be a number, nested lists of numbers, or text"
ONLY_FINITE = "must contain only finite numbers"
lists_nested = "lists are nested more than {} deep".format
both_lists = "row {} and row 0 must both be lists of numbers".format
row_length = "row {} has {} entries, but row 0 has {}".format

# tutor/reading/source_code.py
CODE = "not an array: this is code; print its result and paste the output"
ERROR_MESSAGE = "not an array: this is an error message"

# tutor/reading/tokens.py
NUMBERS_NAMES_BRACKETS = "numbers, names and brackets"
at_place = "{} at line {}, column {}".format

# tutor/reading/transcript.py
REST_NOT_READ = "the rest was not read"
BRACKET_NOT_CLOSED = "this bracket is not closed"
