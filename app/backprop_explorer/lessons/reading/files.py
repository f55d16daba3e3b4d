"""Read the files that authors write: text in UTF-8, and YAML in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from backprop_explorer.lessons.reading.error import LessonError
from backprop_explorer.texts import lessons_reading as texts

# The program's longest lesson has 12 kB.
MOST_BYTES = 1_000_000
# YAML reports this problem after the line that has it.
_NO_COLON = re.compile("could not find expected ':'")


def read_text(path: Path) -> str:
    """Return the text of a file, with or without a byte order mark; lines end in a newline.

    Raises LessonError, with the line of the first byte that is not UTF-8.
    """
    try:
        size = path.stat().st_size
        data = b"" if size > MOST_BYTES else path.read_bytes()
    except OSError as error:
        raise LessonError(path, 0, texts.unreadable(error.strerror)) from None
    if size > MOST_BYTES:
        raise LessonError(path, 0, texts.too_large(size, MOST_BYTES))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LessonError(path, data.count(b"\n", 0, error.start) + 1, texts.NOT_UTF_8) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_yaml(
    path: Path, text: str, first: int = 1, what: str = ""
) -> tuple[Any, Mapping[str, int]]:
    """Return the content of YAML that begins in the line ``first``, and the lines of its entries.

    what: begins the message. Raises LessonError.
    """
    try:
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        problem = error.problem or error.context or ""
        mark = error.problem_mark or error.context_mark
        if _NO_COLON.match(problem) and error.context_mark:
            mark = error.context_mark
        line = first + (mark.line if mark else 0)
        raise LessonError(path, line, f"{what}{texts.yaml_problem(problem)}") from None
    except (yaml.YAMLError, ValueError) as error:
        message = " ".join(str(error).split())
        raise LessonError(path, first, f"{what}{message:.200}") from None
    lines: dict[str, int] = {}
    for number, line_text in enumerate(text.split("\n"), start=first):
        if key := re.match(r"\s*(\w+):", line_text):
            lines.setdefault(key[1], number)
    return found, lines


class _Loader(yaml.SafeLoader):  # type: ignore[misc] # PyYAML has no types
    """Safe YAML in which no entry is given twice, and 1e-3 is a number."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        known: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in known:
                    message = texts.entry_twice(key.value)
                    raise yaml.MarkedYAMLError(problem=message, problem_mark=key.start_mark)
                known.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+\Z"),
    list("-+0123456789"),
)
