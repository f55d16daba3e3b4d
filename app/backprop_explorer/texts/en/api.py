"""Texts of ``api``."""

from __future__ import annotations

from collections.abc import Mapping

# api/bodies.py
RECEIVING_TOO_MUCH = "the server is receiving too much data; try again soon"

# api/errors.py
CONTENT_TOO_LARGE = "Content Too Large"
UNPROCESSABLE = "Unprocessable Content"
internal_error = "Internal server error. The server's log has the details under {}.".format
NOT_FOUND = (
    "There is nothing at this address. Pages: /, /programs, /lessons, /check; the API: /docs."
)
not_allowed = "This address does not answer {}; it answers {}.".format
BODY_MUST_BE_JSON = "The body must be JSON, sent with the header Content-Type: application/json."

# api/invalid_fields.py
EMPTY_BODY = "is empty: send a JSON object"
NOT_FINITE = "must be a finite number: JSON has no NaN and no infinity"
WRITE_TRUE_FALSE_NULL = "is not valid JSON: write true, false or null"
WRITE_DOUBLE_QUOTES = "is not valid JSON: write names and text in double quotes"
NUMBER_TOO_LARGE = "is too large a number"
NOT_UTF8 = "is not valid JSON: it must be text in UTF-8"
HALF_SURROGATE = "is not valid JSON: it must be Unicode text, without half a surrogate pair"
not_json = "is not valid JSON: {}".format
at_place = "{} (line {:,}, column {:,})".format

# api/known_hosts.py
UNKNOWN_HOST = (
    "This server does not answer to the name or address of this request. Its operator can add "
    "it: EXPLORER_ALLOWED_HOSTS=name,address."
)

# api/parameters.py
NO_QUERY = "this address takes no query parameters"
QUERY_PARAMETER = "query parameter"

# api/routes/datasets.py
SEND_TABLE = "Send the table as text/csv, or JSON with a field csv."

# api/routes/experiments.py
EXPERIMENT_ID = "must be an id as POST /experiments gives it: 20 digits from 0 to 9, a to f"

# api/routes/frames.py
FEATURES = "must be feature numbers such as 0,1, or 0 for one feature"
SAMPLE = 'sample must be the number of a training sample, or "batch"'

# api/routes/programs.py
CHECK_ID = "must be an id as POST /check/programs gives it: 20 digits from 0 to 9, a to f"
GRAPH_ID = "must be an id as POST /graphs gives it: 20 digits from 0 to 9, a to f"
SIZES = "sizes must be names and whole numbers of at most 6 digits, such as N:4,D:3"

# api/routes/slices.py
PARAMETER = "must be a parameter such as W1[0,2] or b2[1]"

# api/routes/sweeps.py
SWEEP_ID = "must be an id as POST /sweeps gives it: 20 digits from 0 to 9, a to f"

# api/security.py
SEND_JSON = "Send the body as JSON, with the header Content-Type: application/json."
OTHER_SITE = "Pages of other sites may not send this request."
body_too_large = "The body may have at most {:,} bytes.".format

# api/invalid_fields.py
# By Pydantic's type of error; the messages follow the field's name.
MESSAGES: Mapping[str, str] = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_with_point": "must be a whole number, written without a decimal point",
    "int_parsing_size": "is too large a number",
    "too_large": "is too large a number",
    "too_small": "is too small a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "string_unicode": "must be valid Unicode text",
    "string_too_short": "must have at least {min_length} characters",
    "string_empty": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "list_empty": "must have at least 1 item",
    "too_long": "must have at most {max_length} items",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "none_required": "must be null",
}
UNITS_IN_A_LAYER = "units in a layer"
LAYERS = "layers"
EDITS = "edits"
IS_EMPTY = "is empty"
and_more = " (and {} more)".format
of_the_body = "the body {}".format
