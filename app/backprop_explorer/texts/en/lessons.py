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
SIMPLE_FACTOR = "Right up to a simple factor."
LOOK_FOR_A_FACTOR = (
    "Look for a 2 that is missing or too much, or for a division by a number of samples or outputs."
)
IS_IT_A_PERCENTAGE = (
    "Is this a percentage? A share is between 0 and 1, a percentage 100 times that."
)
INVERSE = "This is 1 divided by the right number. Which of the two quantities is divided by which?"
ONE_FACTOR = "All entries are wrong by the same factor. What is multiplied into every entry?"
SHAPE_AND_SIGNS_RIGHT = (
    "The shape and all signs are right. Look again at the entries that are marked."
)
MARKED_ENTRIES = "Look again at the entries that are marked."
SIGN_ONLY = "The sign is right, the size is not."
OFF_BY_ONE = "Off by one: count again."
NOT_THIS_NUMBER = "Not this number."

# lessons/scale.py
BY_RANGE = {
    (0.0, 1.0): "{1} gives numbers between 0 and 1.",
    (-1.0, 1.0): "{1} gives numbers between −1 and 1, with the sign of ${0}$.",
}
ANY_RANGE = "{1} is applied to ${0}$ once, and nothing is multiplied afterwards."
# By operation or family; the inputs of the operation are counted from 0.
SCALE_OF_LINE = {
    "softmax": "Softmax gives probabilities: none is negative, and those of a sample add up to 1.",
    "relu": "ReLU gives ${0}$ unchanged where it is positive, and 0 elsewhere.",
    "affine": "Each product of an entry of ${1}$ and one of ${0}$ is added once, and so is ${2}$: "
    "nothing is averaged, doubled or subtracted.",
    "cost_gradient": "The sign is that of ${0}$ minus ${1}$. The size has the factors of the cost: "
    "the 2 of a square, and 1/n of a mean.",
    "cross_entropy_gradient": "The minus of $-\\log$ stays, and a mean only if the cost has one.",
    "activation_backward": "${0}$ is multiplied by the slope of the activation, once; that is "
    "nearly always positive.",
    "weight_gradient": "Each entry is a product of ${1}$ and ${0}$. Of a batch the products are "
    "added; the mean, if any, is in ${1}$ already.",
    "penalized_weight_gradient": "${1}$ times ${0}$ and the gradient of the penalty are added, "
    "both with a plus.",
    "bias_gradient": "It is ${0}$ itself, added over the samples of a batch.",
    "input_gradient": "Each entry adds up products of ${0}$ and ${1}$: one for each unit that it "
    "leads to.",
    "descend": "${0}$ itself stays, with a plus and without a factor. Only $\\eta$ times ${1}$ is "
    "subtracted from it.",
    "update": "Only the step has factors: ${0}$ itself is neither multiplied nor turned.",
    "average": "The old mean is multiplied by ${2}$, the new gradient by $1 - {2}$, and both are "
    "added.",
    "correct": "${0}$ is divided by $1 - {1}^{2}$.",
}
multiplied = "Yours is the right one times {}.".format
divided = "Yours is the right one divided by {}.".format
other_activation = "This comes out with {0} in place of {1} in layer {2}.".format
SIZES = ("number of samples", "number of units", "number of outputs")
counted = "{1}, the {0}".format
AXES = {"n": "sample", "i": "input", "j": "unit"}
rows_and_columns = "A row belongs to one {}, a column to one {}.".format

# lessons/questions.py
LINE_IS_RIGHT = "This line does what it should."
# Lines of code by how they begin: they compute nothing.
PARTS_OF_CODE = (
    ("def ", "This line only names the function and its arguments: nothing is computed in it."),
    ("for ", "The loop takes the layers, or the steps, that it should, in the right order."),
    ("if ", "The condition is right: look at the lines below it."),
    ("else", "The condition is right: look at the lines below it."),
    ("return", "It returns what the lines above it have computed: look there."),
)
NUMBER = "a number"
VECTOR = "a vector: one number"
MATRIX = "a matrix: two numbers"
numbers = "{} numbers".format
axes_given = "You gave {} axes; this is {}.".format
OTHER_ORDER = "The right numbers in the other order: which index is the row?"
sizes_right = "{} is right and in its place. Which axis is the other number of?".format
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
card = "{}"
lesson.check(card, {})""".format
CODE_WANTED = "must be the code that the check prints, such as KQT-MXR"
ANOTHER_CODE = (
    "This is the code of another card or of other numbers. Run the cell of this card and type what "
    "it prints."
)

# lessons/marks.py
NO_PROGRESS = "holds no progress in lessons; students save it below the list of lessons"
STUDENT_UNREADABLE = "the student number cannot be used, the name of the file stands for it"
unknown_lesson = "there is no lesson {}".format
other_version = "answered in another version of {}".format
SEVERAL_FILES = "several files"
STUDENT = "student"
TOTAL = "total"
NOTES = "notes"
