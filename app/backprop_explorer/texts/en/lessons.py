"""Texts of ``lessons``."""

from __future__ import annotations

# lessons/lesson.py


cards_counted = "the lesson has cards 0 to {}".format
NO_QUESTION = "this card has no question"

# lessons/given.py
CLOSE = "Close. Give at least three significant digits, or the exact number."
FILL_IN = "fill in every number"
shape_transposed = "The shape is {}, transposed: expected {}.".format
shape_wrong = "The shape is {}; expected {}.".format

# lessons/number_questions.py
numbers_of = "These are the numbers of ${}$. Asked for is ${}$.".format

# lessons/given.py
NUMBERS_TRANSPOSED = "These are the right numbers, transposed."
SIGN_WRONG = "The size is right and the sign is wrong."
SIGNS_WRONG = "The sizes are right and all signs are wrong."
ANOTHER_ORDER = "These are the right numbers in another order."
SIMPLE_FACTOR = (
    "Right up to a simple factor. Look for a 2 that is missing or too much, or for a division "
    "by a number of samples or outputs."
)
IS_IT_A_PERCENTAGE = (
    "Is this a percentage? A share is between 0 and 1, a percentage 100 times that."
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
numbers = "{} numbers".format
axes_given = "You gave {} axes; this is {}.".format
OTHER_ORDER = "The right numbers in the other order: which index is the row?"
COUNT_AXES = "Count again: which axis belongs to what comes in, which to what goes out?"
SIGN_FOR_EACH = "give a sign for each entry"
option_number = "must be a whole number from 0 to {}".format
SHAPE = 'must be a shape such as "(3, 2)"'

# lessons/seed.py
SEED_KIND = "must be a whole number or text"
SEED_UNICODE = "must be valid Unicode"
SEED_EMPTY = "must not be empty"
seed_length = "must have at most {} characters".format

# lessons/open_cards.py
NO_SOLUTIONS = "this server gives no solutions: its lessons are graded"
TRY_FIRST = "try an answer first; it may be wrong"

# lessons/working.py
class_title = "class {}".format

# lessons/functions.py
function_cell = """\
import backprop_explorer as bx

lesson = bx.lesson("{}", seed={})
lesson.check("{}", {})""".format
CODE_WANTED = "must be the code that the check prints, such as KQT-MXR"
ANOTHER_CODE = (
    "This is the code of another card or of other numbers. Run the cell of this card and type what "
    "it prints."
)
no_array = "The function returned {}; arrays or numbers are expected.".format
result_count = "Expected: {} arrays; the function returned {}.".format
RESULT = "the result"
result_at = "result{}".format
result_shape = "The shape of {} is {}; expected {}.".format
result_not_finite = "There are infinite numbers or NaN in {}.".format
result_differs = "The numbers of {} differ from the right ones.".format

# lessons/marks.py
NO_PROGRESS = "holds no progress in lessons; students save it below the list of lessons"
STUDENT_UNREADABLE = "the student number cannot be used, the name of the file stands for it"
unknown_lesson = "there is no lesson {}".format
other_version = "answered in another version of {}".format
SEVERAL_FILES = "several files"
STUDENT = "student"
TOTAL = "total"
NOTES = "notes"
