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


def room_full(most: int) -> str:
    return f"the room is full: it has {most:,} students"


CODES_TRIED = "codes tried"


def too_many(what: object) -> str:
    return f"too many {what} in a short time; wait a little"


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


def shape_prompt(symbol: object) -> str:
    return f"What is the shape of ${symbol}$?"


def signs_prompt(symbol: object) -> str:
    return f"Is each entry of ${symbol}$ positive, negative or zero?"


def compute_prompt(symbol: object) -> str:
    return f"Compute ${symbol}$."


def index_into(shape: object) -> str:
    return f"must be an index into a value of shape {shape}, counted from 0"


def sign_prompt(entry: object, symbol: object) -> str:
    return f"Is {entry}${symbol}$ positive, negative or zero?"


def compute_entry_prompt(entry: object, symbol: object) -> str:
    return f"Compute {entry}${symbol}$."


NO_WRONG_FORMULAS = "no wrong formulas are known for this line; ask a choice"


def formula_prompt(symbol: object) -> str:
    return f"How is ${symbol}$ computed?"


# classroom/requests.py


def this_and_that(names: Iterable[str]) -> str:
    return " and ".join(names)


def kind_needs(kind: object, names: object) -> str:
    return f"of kind {kind} needs {names}"


def kind_has_no(kind: object, names: object) -> str:
    return f"of kind {kind} has no {names}"


WORKING_ASKS_ALL = "of kind working asks for all lines: leave out line and entry"
CHOICE_WITHOUT_NUMBERS = "of kind choice has no own numbers"


def right_option(last: object) -> str:
    return f"has options 0 to {last}: right must be one of them"


def whole_line(kind: object) -> str:
    return f"of kind {kind} is about the whole line: leave out entry"


# classroom/room.py
FRAGMENT = "must be the part of the page's address after #, percent-encoded"
LINE_ID = "must be a line's id, such as dC_dz2"
SLUG = "must be a name of small letters, digits and hyphens"
EXPERIMENT_ID = "must be an id as POST /experiments gives it: 20 digits from 0 to f"


def bytes_as_json(most: int) -> str:
    return f"must have at most {most:,} bytes as JSON"


def nested(most: int) -> str:
    return f"must have at most {most} lists and objects in each other"


# classroom/rooms.py
ENOUGH_OFFERS = "the lecturer has enough offers to look at"
CHANGES_TOO_FAST = "the room changes too fast; try again"

# classroom/store/base.py


def room_bytes(most: int) -> str:
    return f"the room keeps {most:,} bytes at most; open another one"


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

# classroom/tally.py
NOT_RECOGNISED = "not recognised"
NOT_LOOKED_AT = "not looked at yet"

# classroom/whole_working.py
WORKING_PROMPT = "Compute the working. Hand in every line that you have."


def lines_by_id(most: object) -> str:
    return f"must be 1 to {most} lines by id"
