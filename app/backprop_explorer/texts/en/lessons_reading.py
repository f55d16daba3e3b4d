"""Texts of ``lessons_reading``."""

from __future__ import annotations

# lessons/reading/cards.py


def must_be_numbers(source: object, kind: object) -> str:
    return f"{source} must be a number or numbers, not {kind}"


def not_finite(source: object) -> str:
    return f"{source} is not finite for this seed"


NO_RIGHT_ANSWER = "no answer is right: mark it - [x]"
SECOND_RIGHT_ANSWER = "a second answer is marked [x]"
HINT_NEEDED = "the question needs an item - hint: …"
TWO_ANSWERS = "a choice needs at least two answers"
ONLY_RIGHT_SIGNS = "a question of the kind signs has the right answer only; write - wrong: …"


def unknown_attribute_of(name: object, kind: object, known: object) -> str:
    return f"unknown attribute {name} of {kind}; {known}"


def only_signs_have(name: object) -> str:
    return f"only a question of the kind signs has {name}: …"


PART_OF_A_LINE = (
    "an answer is a part of a line of the code: - [x] `a @ W` :: reason, and where it is wrong "
    "possibly - [x] `a @ W` -> `W @ a` :: reason"
)


def lines_with(count: object, fragment: object) -> str:
    return f"{count} lines of the code have {fragment!r}; one is needed"


def name_count(given: object, needed: object) -> str:
    return f"{given} names for {needed} entries; separate them by commas"


def shape_wanted(source: object) -> str:
    return f"a shape is whole numbers in brackets, such as (3, 2), not {source}"


def needs_working(kind: object) -> str:
    return f"a question of the kind line needs a working, not {kind}"


def no_line_in_working(line: object, known: object) -> str:
    return f"the working has no line {line}; {known}"


# lessons/reading/declared.py
SHAPE_IN_CALL = "a shape is whole numbers above 0, as in normal(3, 2)"


def number_wanted(name: object, given: object) -> str:
    return f"{name} must be a number, not {given!r}"


def most_drawn(most: int) -> str:
    return f"at most {most:,} numbers can be drawn at once"


NO_DRAW = "require: no draw of 1,000 meets the conditions; relax them"


def name_value(entry: object) -> str:
    return f"{entry} must be lines name: value"


def working_error(message: object) -> str:
    return f"working: {message}"


LAYERS_NEEDED = "working: needs layers: [sigmoid, softmax]"


def unknown_activation(name: object, known: object) -> str:
    return f"unknown activation {name}; {known}"


def numbers_needed(name: object) -> str:
    return f"working: numbers: needs {name}: normal(…)"


def point_wanted(name: object) -> str:
    return f"{name}: a point is an experiment at a step, as in: run at 100"


# lessons/reading/error.py


def did_you_mean(name: object) -> str:
    return f"did you mean {name}?"


def known(names: object) -> str:
    return f"there are: {names}"


NONE_KNOWN = "there are none"

# lessons/reading/files.py
NOT_UTF_8 = "the file is not UTF-8; save it with this encoding"


def unreadable(error: object) -> str:
    return f"cannot be read: {error}"


def too_large(size: int, most: int) -> str:
    return f"the file has {size / 1e6:.1f} MB; a lesson has at most {most / 1e6:.0f} MB"


def entry_twice(name: object) -> str:
    return f"{name} is given twice"


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


def unknown_attribute(name: object, known: object) -> str:
    return f"unknown attribute {name}; {known}"


HIDE_NEEDS_LINE = "hide without a value hides the card's line; write line=… too"


def not_a_working(name: object) -> str:
    return f"working={name}: {name} is not a working"


LINE_NEEDED = "a card that opens a working needs line=…"


def not_an_experiment(name: object, value: object) -> str:
    return f"{name}={value}: {value} is not an experiment"


def not_a_map(value: object) -> str:
    return f"map={value}: {value} is not a map"


def true_or_false(name: object, given: object) -> str:
    return f"{name} must be true or false, not {given}"


def unknown_figure(name: object, known: object) -> str:
    return f"unknown figure {name!r}; {known}"


def whole_number(name: object, given: object) -> str:
    return f"{name} must be a whole number, not {given!r}"


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


def not_in_texts(what: object) -> str:
    return f"a text has paragraphs, formulas, `code`, **strong** and blocks of code, but no {what}"


def unknown_kind(kind: object, known: object) -> str:
    return f"unknown kind of question {kind!r}; {known}"


NO_ANSWERS = "the question has no answers; write them as - [x] … :: …"
ONE_LIST = "the answers must be one list, all with -"
ONLY_END_AFTER_ANSWERS = "after the answers only ::: can follow; write - hint: … as an item"
ONE_BLOCK_OF_CODE = "a code_line question needs one block of code"
NO_PROMPT = "the question has no prompt; write it above the answers"
ANSWER_MISSING = "the answer is missing: - [x] answer :: reason"
REASON_NEEDED = "every answer needs a reason, after two colons: - [ ] answer :: reason"
ITEM = "an item must be - [x] right answer, - [ ] wrong answer or - hint: …"


ITEM_BEGINS = "begin each item with a hyphen and a blank: - [ ] …, - hint: …"


def unknown_part(name: object, known: object) -> str:
    return f"unknown part {name!r}; {known}"


def two_items(name: object) -> str:
    return f"the question has two items {name}: …"


THREE_HINTS = "the question has three hints; two are the most"


def attributes_unreadable(rest: object) -> str:
    return f"attributes are {{name=value name=value}}; cannot read {rest!r}"


ATTRIBUTES_LAST = "attributes end the line, in one pair of braces: {name=value name=value}"


def attribute_twice(name: object) -> str:
    return f"the attribute {name} is given twice"


# lessons/reading/tables.py


def file_elsewhere(name: object) -> str:
    return f"{name} must lie in the folder of the lesson"


def no_file_beside(name: object) -> str:
    return f"there is no file {name} beside the lesson"


def most_features(most: object) -> str:
    return f"at most {most} features can be used; name them by features: […]"


# lessons/reading/templates.py


def unknown_value(name: object) -> str:
    return f"unknown value {name!r}"


def unknown_filter(name: object, known: object) -> str:
    return f"unknown filter {name}; {known}"


def no_such_part(source: object) -> str:
    return f"this entry or part does not exist: {source}"


def not_shown(kind: object) -> str:
    return f"a text cannot show a {kind}"


def needs_numbers(operator: object, kind: object) -> str:
    return f"{operator} needs numbers, not {kind}"


def largest_exponent(largest: object) -> str:
    return f"exponents must be at most {largest}"


TOO_LARGE = "whole numbers must be at most 10¹⁰⁰"


def most_digits(most: object) -> str:
    return f"a number has at most {most} digits"


def most_values(most: object) -> str:
    return f"this function takes at most {most} value{'' if most == 1 else 's'}"


def unknown_argument(name: object) -> str:
    return f"a lesson's function has no argument {name}"


def expression_unreadable(source: object) -> str:
    return f"cannot read the expression {source!r}"


def in_expression(problem: object, source: object) -> str:
    return f"{problem}, in {source!r}"


def in_text(problem: object) -> str:
    return f"in @{{…}}: {problem}"


def not_expected(found: str) -> str:
    if found == "}":
        return "something is missing at the end, such as a )"
    if found == "=":
        return "cannot read it from = on; to compare, write =="
    return f"cannot read it from {found} on"


UNREADABLE = "cannot be read"
