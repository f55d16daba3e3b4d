"""Texts of ``lessons_reading``."""

from __future__ import annotations

# lessons/reading/cards.py


must_be_numbers = "{} must be a number or numbers, not {}".format
not_finite = "{} is not finite for this seed".format
NO_RIGHT_ANSWER = "no answer is right: mark it - [x]"
SECOND_RIGHT_ANSWER = "a second answer is marked [x]"
HINT_NEEDED = "the question needs an item - hint: …"
TWO_ANSWERS = "a choice needs at least two answers"
ONLY_RIGHT_SIGNS = "a question of the kind signs has the right answer only; write - wrong: …"
unknown_attribute_of = "unknown attribute {} of {}; {}".format
only_some_have = "only a question of the kind {} has {}: …".format
ONLY_RIGHT_FUNCTION = "a question of the kind function has the right answer only"
FUNCTION = (
    "write the call and what comes out: backpropagation(x, layers, target) -> gradients; results "
    "may be lists, [(dC_dW1, dC_db1)]"
)
PART_OF_A_LINE = (
    "an answer is a part of a line of the code: - [x] `a @ W` :: reason, and where it is wrong "
    "possibly - [x] `a @ W` -> `W @ a` :: reason"
)
lines_with = "{} lines of the code have {!r}; one is needed".format
name_count = "{} names for {} entries; separate them by commas".format
shape_wanted = "a shape is whole numbers in brackets, such as (3, 2), not {}".format
needs_working = "this question needs a working, not {}".format
no_line_in_working = "the working has no line {}; {}".format

# lessons/reading/declared.py
SHAPE_IN_CALL = "a shape is whole numbers above 0, as in normal(3, 2)"
number_wanted = "{} must be a number, not {!r}".format
most_drawn = "at most {:,} numbers can be drawn at once".format
NO_DRAW = "require: no draw of 1,000 meets the conditions; relax them"
name_value = "{} must be lines name: value".format
working_error = "working: {}".format
LAYERS_NEEDED = "working: needs layers: [sigmoid, softmax]"
unknown_activation = "unknown activation {}; {}".format
numbers_needed = "working: numbers: needs {}: normal(…)".format
point_wanted = "{}: a point is an experiment at a step, as in: run at 100".format

# lessons/reading/error.py
did_you_mean = "did you mean {}?".format
known = "there are: {}".format
NONE_KNOWN = "there are none"

# lessons/reading/files.py
NOT_UTF_8 = "the file is not UTF-8; save it with this encoding"
unreadable = "cannot be read: {}".format


def too_large(size: int, most: int) -> str:
    return f"the file has {size / 1e6:.1f} MB; a lesson has at most {most / 1e6:.0f} MB"


entry_twice = "{} is given twice".format
# What YAML says, and what an author changes.
_YAML = {
    "mapping values are not allowed here": "put a text with a colon in quotes; if there is none, "
    "look for a missing colon or another indent, also in the line before",
    "could not find expected ':'": "the line has no colon; write name: value",
    "found character '\\t'": "the line has a tab; indent with blanks",
    "found character '@'": "put a text that begins with @ in quotes",
    "found character '`'": "put a text that begins with ` in quotes",
    "expected <block end>": "the indent is another one than in the lines before",
    "could not determine a constructor": "leave out the tag, which begins with !",
}


def yaml_problem(problem: str) -> str:
    for beginning, told in _YAML.items():
        if problem.startswith(beginning):
            return told
    return problem


# lessons/reading/scene.py


unknown_attribute = "unknown attribute {}; {}".format
HIDE_NEEDS_LINE = "hide without a value hides the card's line; write line=… too"
not_a_working = "working={0}: {0} is not a working".format
LINE_NEEDED = "a card that opens a working needs line=…"
not_an_experiment = "{0}={1}: {1} is not an experiment".format
not_a_map = "map={0}: {0} is not a map".format
true_or_false = "{} must be true or false, not {}".format
unknown_figure = "unknown figure {!r}; {}".format
whole_number = "{} must be a whole number, not {!r}".format

# lessons/reading/source.py
FRONT_MATTER_FIRST = "the file must begin with front matter between lines of ---"
FRONT_MATTER_END = "the front matter has no end; end it with a line ---"
FRONT_MATTER = "front matter: "
FRONT_MATTER_LINES = "front matter: must be lines such as title: …"
NO_CARDS = "there are no cards; a card begins with a line # Title"
TITLE_NEEDED = "a card needs a title: # Title"
HEADING = "a text has no heading; a card begins with one #: # Title"
BLANK_IN_HEADING = "a card begins with # and a blank: # Title"
CODE_END = "the block of code has no end; end it with a line ```"
TEXT_BEFORE_CARDS = "text before the first card; begin it with # Title"
ONE_QUESTION = "a card has one question; begin another card"
QUESTION_WITHOUT_END = "the question has no end; end it with a line :::"
not_in_texts = (
    "a text has paragraphs, formulas, `code`, **strong** and blocks of code, but no {}"
).format
unknown_kind = "unknown kind of question {!r}; {}".format
NO_ANSWERS = "the question has no answers; write them as - [x] … :: …"
ONE_LIST = "the answers must be one list, all with -"
ONLY_END_AFTER_ANSWERS = "after the answers only ::: can follow; write - hint: … as an item"
ONE_BLOCK_OF_CODE = "a code_line question needs one block of code"
NO_PROMPT = "the question has no prompt; write it above the answers"
ANSWER_MISSING = "the answer is missing: - [x] answer :: reason"
REASON_NEEDED = "every answer needs a reason, after two colons: - [ ] answer :: reason"
ITEM = "an item must be - [x] right answer, - [ ] wrong answer or - hint: …"
ITEM_BEGINS = "begin each item with a hyphen and a blank: - [ ] …, - hint: …"
unknown_part = "unknown part {!r}; {}".format
two_items = "the question has two items {}: …".format
THREE_HINTS = "the question has three hints; two are the most"
attributes_unreadable = "attributes are {{name=value name=value}}; cannot read {!r}".format
ATTRIBUTES_LAST = "attributes end the line, in one pair of braces: {name=value name=value}"
attribute_twice = "the attribute {} is given twice".format

# lessons/reading/declared.py
file_elsewhere = "{} must lie in the folder of the lesson".format
no_file_beside = "there is no file {} beside the lesson".format
most_features = "at most {} features can be used; name them by features: […]".format

# lessons/reading/templates.py
unknown_value = "unknown value {!r}".format
unknown_filter = "unknown filter {}; {}".format
no_such_part = "this entry or part does not exist: {}".format
not_shown = "a text cannot show a {}".format
needs_numbers = "{} needs numbers, not {}".format
largest_exponent = "exponents must be at most {}".format
TOO_LARGE = "whole numbers must be at most 10¹⁰⁰"
most_digits = "a number has at most {} digits".format


def most_values(most: object) -> str:
    return f"this function takes at most {most} value{'' if most == 1 else 's'}"


unknown_argument = "a lesson's function has no argument {}".format
expression_unreadable = "cannot read the expression {!r}".format
in_expression = "{}, in {!r}".format
in_text = "in @{{…}}: {}".format


def not_expected(found: str) -> str:
    if found == "}":
        return "something is missing at the end, such as a )"
    if found == "=":
        return "cannot read it from = on; to compare, write =="
    return f"cannot read it from {found} on"


UNREADABLE = "cannot be read"
