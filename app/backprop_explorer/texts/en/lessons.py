"""Texts of ``lessons``."""

from __future__ import annotations

# lessons/deck.py


def cards_counted(last: object) -> str:
    return f"the lesson has cards 0 to {last}"


NO_QUESTION = "this card has no question"

# lessons/given.py
CLOSE = "Close. Give at least three significant digits, or the exact number."
FILL_IN = "fill in every number"


def shape_transposed(given: object, expected: object) -> str:
    return f"The shape is {given}, transposed: expected {expected}."


def shape_wrong(given: object, expected: object) -> str:
    return f"The shape is {given}; expected {expected}."


# lessons/number_questions.py


def numbers_of(given: object, asked: object) -> str:
    return f"These are the numbers of ${given}$. Asked for is ${asked}$."


# lessons/progress.py
NUMBERS_TRANSPOSED = "These are the right numbers, transposed."
SIGN_WRONG = "The size is right and the sign is wrong."
SIGNS_WRONG = "The sizes are right and all signs are wrong."
ANOTHER_ORDER = "These are the right numbers in another order."
SIMPLE_FACTOR = (
    "Right up to a simple factor. Look for a 2 that is missing or too much, or for a division "
    "by a number of samples or outputs."
)
ONE_FACTOR = "All entries are wrong by the same factor. What is multiplied into every entry?"
SHAPE_AND_SIGNS_RIGHT = (
    "The shape and all signs are right. Look again at the entries that are marked."
)
MARKED_ENTRIES = "Look again at the entries that are marked."
SIGN_ONLY = "The sign is right, the size is not."
OFF_BY_ONE = "Off by one: count again."
NOT_THIS_NUMBER = "Not this number."

# lessons/questions.py
LINE_IS_RIGHT = "This line does what it should."
NUMBER = "a number"
VECTOR = "a vector: one number"
MATRIX = "a matrix: two numbers"


def numbers(count: object) -> str:
    return f"{count} numbers"


def axes_given(given: object, right: object) -> str:
    return f"You gave {given} axes; this is {right}."


OTHER_ORDER = "The right numbers in the other order: which index is the row?"
COUNT_AXES = "Count again: which axis belongs to what comes in, which to what goes out?"
SIGN_FOR_EACH = "give a sign for each entry"


def option_number(last: object) -> str:
    return f"must be a whole number from 0 to {last}"


SHAPE = 'must be a shape such as "(3, 2)"'

# lessons/seed.py
SEED_KIND = "must be a whole number or text"
SEED_UNICODE = "must be valid Unicode"
SEED_EMPTY = "must not be empty"


def seed_length(most: object) -> str:
    return f"must have at most {most} characters"


# lessons/open_cards.py
NO_SOLUTIONS = "this server gives no solutions: its lessons are graded"
TRY_FIRST = "try an answer first; it may be wrong"

# lessons/working.py


def class_title(number: object) -> str:
    return f"class {number}"
