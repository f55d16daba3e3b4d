"""Texts of ``lessons_rules``."""

from __future__ import annotations

# lessons/rules.py
SAME_SEED = "the same seed must give the same numbers"


def card_count(fewest: object, most: object, found: object) -> str:
    return f"a lesson has {fewest} to {most} cards, not {found}"


def question_count(fewest: object, found: object) -> str:
    return f"a lesson has at least {fewest} questions, not {found}"


def name_twice(name: object) -> str:
    return f"an earlier card has the name {name} too; give it {{name=…}}"


FIRST_CARD_OPENS = "the first card must open an experiment: {working …} or {recipe=…}"


def formula_error(formula: object, problem: object, error: object) -> str:
    return f"the formula ${formula}$: {problem} {error}"


def formula_braces(formula: object) -> str:
    return f"the formula ${formula}$: a brace without its partner"


def formula_command(formula: object, command: object) -> str:
    return f"the formula ${formula}$: unknown command {command}"


def unpaired_mark(text: str) -> str:
    return f"a $ or ** without its partner; a formula is $…$, also on its own: {text:.60}"


def other_markdown(part: str) -> str:
    return f"a text has formulas, `code` and **strong** only; leave out {part:.60}"


def right_unreadable(message: object) -> str:
    return f"the right answer cannot be read: {message}"


def right_marked_wrong(message: object) -> str:
    return f"the right answer is marked wrong: {message}"


REASON_OF_RIGHT = "the right answer needs a reason"
QUESTION_HINT = "the question needs a hint"
SAME_HINT = "the second hint says the same as the first"
SAME_OPTIONS = "two options are the same"


def shape_right_and_wrong(shape: object) -> str:
    return f"{shape} is the right shape and a wrong one"


FOUR_DIGITS = "the right answer with four digits is marked wrong"


def reason_not_shown(reason: str) -> str:
    return f"this reason is never shown: {reason:.60}"


def experiment_unusable(error: object) -> str:
    return f"the experiment cannot be used: {error}"


def no_sample(sample: object, last: object) -> str:
    return f"there is no sample {sample}; the last is {last}"


def no_line(name: object, known: object) -> str:
    return f"there is no line {name}; {known}"


def no_step(step: object, last: object) -> str:
    return f"there is no step {step}; the last is {last}"


def no_entry(line: object, entry: object) -> str:
    return f"{line} has no entry {entry}; entries count from 0"


def entry_axes(line: object, axes: object, given: object) -> str:
    return f"{line} has {axes} axes; entry has {given} numbers"


ONLY_LAST_TRANSFERS = "only the last card is a {transfer} card"
TRANSFER_LAST = "a lesson ends with a transfer question: mark the last card {transfer}"
NEW_SITUATION = "a transfer question is about a new situation, not about a line shown before"
