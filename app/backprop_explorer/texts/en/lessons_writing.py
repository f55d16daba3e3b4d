"""Texts of ``lessons_writing``."""

from __future__ import annotations

# lessons/authoring.py


lesson_name = "a lesson's name must be like my-lesson, not {!r}".format
FILE_EXISTS = "the file exists"
NO_FILE = "there is no such file"
reduction_needed = (
    "say how {} is summed: without `reduction` it is divided by samples × outputs (mean), most "
    "programs divide by the samples (reduction: {})"
).format

# lessons/drawn.py
no_draw = "no draw of {} meets the condition; relax it".format

# lessons/runs.py
steps_ascend = "steps must ascend, up to {}".format

# lessons/lesson.py
card_name = "a card's name must be like what-comes-out, not {!r}".format

# lessons/library.py
PYTHON_OFF = "Python beside a lesson runs only with EXPLORER_LESSONS_PYTHON=1"
DEFINE_NUMBERS = "the file must define numbers(draw)"
numbers_returned = "numbers(draw) must return values by name, not {}".format
unknown_entry = "unknown entry {}; {}".format
entry_needed = "the front matter needs {}: …".format
entry_empty = "{} is empty".format
file_name = "rename the file like my_lesson.md: {!r} is no name for an address".format
minutes_whole = "minutes must be a whole number, not {!r}".format
no_lesson = "there is no lesson {}; {}".format
GROUP_LINES = "the file must be two entries: title: My course, and lessons: with a list of names"
unknown_group_entry = "unknown entry {}; there are: lessons, title".format
NO_FOLDER = "there is no such folder"
NO_LESSONS = "the folder has no lessons (files that end in .md)"
two_lessons = "there are two lessons {}; rename the file".format
BUILDS_ON = "builds_on must be a list of names of lessons: [first-layer]"
