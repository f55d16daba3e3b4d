"""plotly.js without the kinds of figures that the page does not draw.

The package carries one file with some fifty kinds, from maps to meshes. Each is a function that
runs when it is registered, at the end of the file: together they take half a second and more before
anything is drawn. Here the file keeps its text but for that one list, so that what is not named in
``KINDS`` is never run. scatter needs no naming, it is part of the core.
"""

from __future__ import annotations

import logging
import re

logger = logging.getLogger(__name__)

KINDS = ("bar", "contour", "heatmap")
# Changes when what is made of the same source does.
RECIPE = f"2 {KINDS}"

REGISTERED = re.compile(r"(?<=\.register\(\[)[\w$]+\(\)(?:,[\w$]+\(\))*(?=\]\))")
# module = wrapper((exports, module) => {…
MODULE = re.compile(r"[,;\s][\w$]+=[\w$]+\(\([\w$]*,?[\w$]*\)=>\{")
PASSED_ON = re.compile(r'"use strict";[\w$]+\.exports=([\w$]+)\(\)\}\)')
KIND = re.compile(r'moduleType:"trace",name:"(\w+)"')
# A module names its kind at its end; the longest of those in KINDS has some 1,300 characters.
MODULE_CHARACTERS = 6000


class UnknownFormError(ValueError):
    """The file is not written as expected."""


def slim(source: bytes) -> bytes:
    """Return plotly.js with only KINDS registered; all of it where it is written otherwise."""
    try:
        return _slim(source.decode()).encode()
    except UnknownFormError as error:
        logger.warning("plotly.js is served with all kinds of figures: %s", error)
        return source


def _slim(text: str) -> str:
    found = REGISTERED.findall(text)
    if len(found) != 1:
        raise UnknownFormError(f"{len(found)} lists of what is registered")
    modules = [each.removesuffix("()") for each in found[0].split(",")]
    kinds = [(_kind(text, module), module) for module in modules]
    kept = [module for kind, module in kinds if kind in KINDS]
    if sorted(kind for kind, _ in kinds if kind in KINDS) != sorted(KINDS):
        raise UnknownFormError(f"not each of {', '.join(KINDS)} is there once")
    return REGISTERED.sub(",".join(f"{module}()" for module in kept), text)


def _kind(text: str, module: str) -> str | None:
    """The kind of figure that ``module``, or the one it passes on, is; None if that is open."""
    for _ in range(3):
        body = _body(text, module)
        passed_on = PASSED_ON.match(body)
        if passed_on is None:
            kind = KIND.search(body)
            return kind.group(1) if kind else None
        module = passed_on.group(1)
    return None


def _body(text: str, module: str) -> str:
    """What ``module`` begins with; nothing where it is not found."""
    start = -1
    # Looking for plain text is thirty times as fast as for a pattern in five million characters.
    while (start := text.find(f"{module}=", start + 1)) >= 0:
        head = MODULE.match(text, start - 1)
        if head is not None:
            return text[head.end() : head.end() + MODULE_CHARACTERS]
    return ""
