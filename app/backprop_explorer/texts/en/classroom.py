"""Texts of ``classroom``."""

from __future__ import annotations

from collections.abc import Iterable

# classroom/access.py
NO_ROOM = "there is no room with this code; check it, or ask for the new one"
ROOMS_OPENED = "rooms opened"
NO_CLASSES = "this server has no live classes"
NEEDS_KEY = "this is the lecturer's: send the header X-Room-Key"
WRONG_KEY = "X-Room-Key is not the key of this room"
JOIN_FIRST = "join the room first, and send the header X-Student-Token"
JOIN_AGAIN = "X-Student-Token is no token of this room; join it again"
STUDENTS_JOINED = "students joined"
room_full = "the room is full: it has {:,} students".format
CODES_TRIED = "codes tried"
too_many = "too many {} in a short time; wait a little".format

DOOR_CLOSED = "the lecturer takes no more students; ask the lecturer to open the door"
WRONG_SCREEN = "X-Screen-Token is not the screen's token of this room"
NEEDS_SCREEN = "this is the screen's: send the header X-Screen-Token"

# classroom/asking.py
QUESTION_CLOSED = "the question is not open: answers are no longer taken"
QUESTIONS_IN_ROOM = "questions in a room; open another one"
QUESTION_REVEALED = "the question is revealed; ask another one"
ONLY_LAST_QUESTION = "only the question that was asked last can be changed"
NO_QUESTION = "the room has no question with this number"

# classroom/questions.py
PARAMETERS_ASKED = "weights and biases in a network that a class is asked about"
SAMPLES_ASKED = "samples of a batch that a class is asked about"
EARLIER_STEPS = "a class cannot be asked about this line: it depends on earlier steps"
NO_NUMBERS = "a choice has no numbers; leave this out"
CARD_WITHOUT_QUESTION = "this card has no question"
LESSON_TRAINS = (
    "this lesson trains networks, which takes too long for each student; ask it with one seed"
)
written_text = "must be a text of 1 to {} characters".format
shape_prompt = "What is the shape of ${}$?".format
signs_prompt = "Is each entry of ${}$ positive, negative or zero?".format
compute_prompt = "Compute ${}$.".format
index_into = "must be an index into a value of shape {}, counted from 0".format
sign_prompt = "Is {}${}$ positive, negative or zero?".format
compute_entry_prompt = "Compute {}${}$.".format
NO_WRONG_FORMULAS = "no wrong formulas are known for this line; ask a choice"
formula_prompt = "How is ${}$ computed?".format


# classroom/requests.py


def this_and_that(names: Iterable[str]) -> str:
    return " and ".join(names)


kind_needs = "of kind {} needs {}".format
kind_has_no = "of kind {} has no {}".format
WORKING_ASKS_ALL = "of kind working asks for all lines: leave out line and entry"
without_numbers = "of kind {} has no own numbers".format
REASONS_OF_OPTIONS = "has a reason for each option, or none: a reason may be empty"
right_option = "has options 0 to {}: right must be one of them".format
whole_line = "of kind {} is about the whole line: leave out entry".format

# classroom/wrong_formulas.py
WITHOUT_TRANSPOSE = "A matrix has to be transposed here."
FUNCTION_FOR_SLOPE = "Function and derivative are exchanged."
WITHOUT_SLOPE = "The derivative of the activation is missing."
OTHER_GRADIENT = "∂C/∂a and ∂C/∂z are exchanged."
OTHER_SIGN = "A sign or an operation is another one."
SWAPPED = "The factors are in the other order: their shapes do not fit."
WITHOUT_BIAS = "The bias is missing."
MEAN_FOR_SUM = "The sum over the samples is divided by their number once more."
WITHOUT_FACTOR = "The factor in front is missing."
TRANSPOSED = "A matrix is transposed here that must not be."
OTHER_LAYER = "A variable is that of the next layer."

# classroom/room.py
FRAGMENT = "must be the part of the page's address after #, percent-encoded"
LINE_ID = "must be a line's id, such as dC_dz2"
SLUG = "must be a name of small letters, digits and hyphens"
PROGRAM_PAGE = "must be the page of a program, such as programs/rnn or graphs/ID"
EXPERIMENT_ID = "must be an id as POST /experiments gives it: 20 digits from 0 to f"
bytes_as_json = "must have at most {:,} bytes as JSON".format
nested = "must have at most {} lists and objects in each other".format

# classroom/rooms.py
ENOUGH_OFFERS = "the lecturer has enough offers to look at"
CHANGES_TOO_FAST = "the room changes too fast; try again"

# classroom/store/base.py
room_bytes = "the room keeps {:,} bytes at most; open another one".format

# classroom/store/redis.py
NO_PLACE = "this server has no place for another class; try again later"
NOT_SAVED = "the class cannot be saved at the moment; try again soon"

# classroom/store_thread.py
TOO_MANY_MESSAGES = "the server has too many messages of classes; try again soon"
NOT_KEPT = "classes cannot be kept at the moment; try again soon"

# classroom/streams.py
NO_PLACE_TO_FOLLOW = (
    "this server has no place for another live connection; ask for GET /rooms/{code} every few "
    "seconds instead"
)

# classroom/record.py
NOT_RECOGNISED = "not recognised"
NOT_LOOKED_AT = "not looked at yet"

# classroom/whole_working.py
WORKING_PROMPT = "Compute the working. Hand in every line that you have."
lines_by_id = "must be 1 to {} lines by id".format
