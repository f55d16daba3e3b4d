"""Texts of ``lessons_writing``."""

from __future__ import annotations

# lessons/authoring.py


def lesson_name(name: object) -> str:
    return f"a lesson's name must be like my-lesson, not {name!r}"


FILE_EXISTS = "the file exists"
NO_FILE = "there is no such file"


def reduction_needed(cost: object, usual: object) -> str:
    return (
        f"say how {cost} is summed: without `reduction` it is divided by samples × outputs (mean), "
        f"most programs divide by the samples (reduction: {usual})"
    )


# lessons/drawn.py


def no_draw(tries: object) -> str:
    return f"no draw of {tries} meets the condition; relax it"


# lessons/runs.py


def steps_ascend(last: object) -> str:
    return f"steps must ascend, up to {last}"


# lessons/lesson.py


def card_name(name: object) -> str:
    return f"a card's name must be like what-comes-out, not {name!r}"


# lessons/library.py


PYTHON_OFF = "Python beside a lesson runs only with EXPLORER_LESSONS_PYTHON=1"
DEFINE_NUMBERS = "the file must define numbers(draw)"


def numbers_returned(kind: object) -> str:
    return f"numbers(draw) must return values by name, not {kind}"


def unknown_entry(name: object, known: object) -> str:
    return f"unknown entry {name}; {known}"


def entry_needed(name: object) -> str:
    return f"the front matter needs {name}: …"


def entry_empty(name: object) -> str:
    return f"{name} is empty"


def file_name(name: object) -> str:
    return f"rename the file like my_lesson.md: {name!r} is no name for an address"


def minutes_whole(minutes: object) -> str:
    return f"minutes must be a whole number, not {minutes!r}"


def no_lesson(name: object, known: object) -> str:
    return f"there is no lesson {name}; {known}"


GROUP_LINES = "the file must be two entries: title: My course, and lessons: with a list of names"


def unknown_group_entry(name: object) -> str:
    return f"unknown entry {name}; there are: lessons, title"


NO_FOLDER = "there is no such folder"
NO_LESSONS = "the folder has no lessons (files that end in .md)"


def two_lessons(name: object) -> str:
    return f"there are two lessons {name}; rename the file"
