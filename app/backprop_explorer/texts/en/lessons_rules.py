"""Texts of ``lessons_rules``."""

from __future__ import annotations

# lessons/rules.py
SAME_SEED = "the same seed must give the same numbers"
card_count = "a lesson has {} to {} cards, not {}".format
question_count = "a lesson has at least {} questions, not {}".format
name_twice = "an earlier card has the name {} too; give it {{name=…}}".format
FIRST_CARD_OPENS = "the first card must open an experiment: {working …} or {recipe=…}"
formula_error = "the formula ${}$: {} {}".format
formula_braces = "the formula ${}$: a brace without its partner".format
formula_command = "the formula ${}$: unknown command {}".format
unpaired_mark = "a $ or ** without its partner; a formula is $…$, also on its own: {:.60}".format
other_markdown = "a text has formulas, `code` and **strong** only; leave out {:.60}".format
right_unreadable = "the right answer cannot be read: {}".format
right_marked_wrong = "the right answer is marked wrong: {}".format
REASON_OF_RIGHT = "the right answer needs a reason"
QUESTION_HINT = "the question needs a hint"
SAME_HINT = "the second hint says the same as the first"
SAME_OPTIONS = "two options are the same"
shape_right_and_wrong = "{} is the right shape and a wrong one".format
FOUR_DIGITS = "the right answer with four digits is marked wrong"
reason_not_shown = "this reason is never shown: {:.60}".format
experiment_unusable = "the experiment cannot be used: {}".format
no_sample = "there is no sample {}; the last is {}".format
no_line = "there is no line {}; {}".format
no_step = "there is no step {}; the last is {}".format
no_entry = "{} has no entry {}; entries count from 0".format
entry_axes = "{} has {} axes; entry has {} numbers".format
ONLY_LAST_TRANSFERS = "only the last card is a {transfer} card"
TRANSFER_LAST = "a lesson ends with a transfer question: mark the last card {transfer}"
NEW_SITUATION = "a transfer question is about a new situation, not about a line shown before"
