"""plotly.js without the trace types that the page does not use.

The package has one file with about fifty trace types. Each is a function that runs when it is
registered, at the end of the file; together they take at least half a second before the first
drawing. Here the list of registered types is reduced to ``KINDS``, and the rest of the file is
unchanged. scatter is part of the core and needs no registration.
"""

from __future__ import annotations

import logging
import re

logger = logging.getLogger(__name__)

KINDS = ("bar", "contour", "heatmap")
# Part of the cache key: changes when the result for the same source changes.
RECIPE = f"2 {KINDS}"

REGISTERED = re.compile(r"(?<=\.register\(\[)[\w$]+\(\)(?:,[\w$]+\(\))*(?=\]\))")
# module = wrapper((exports, module) => {…
MODULE = re.compile(r"[,;\s][\w$]+=[\w$]+\(\([\w$]*,?[\w$]*\)=>\{")
PASSED_ON = re.compile(r'"use strict";[\w$]+\.exports=([\w$]+)\(\)\}\)')
KIND = re.compile(r'moduleType:"trace",name:"(\w+)"')
# A module has its type's name at its end; the longest module in KINDS has about 1,300 characters.
MODULE_CHARACTERS = 6000


class UnknownFormError(ValueError):
    """The file does not have the expected form."""


def slim(source: bytes) -> bytes:
    """Return plotly.js with only KINDS registered, or unchanged if its form is unknown."""
    try:
        return _slim(source.decode()).encode()
    except UnknownFormError as error:
        logger.warning("plotly.js is served with all trace types: %s", error)
        return source


def _slim(text: str) -> str:
    found = REGISTERED.findall(text)
    if len(found) != 1:
        raise UnknownFormError(f"expected one list of registered types, found {len(found)}")
    modules = [each.removesuffix("()") for each in found[0].split(",")]
    kinds = [(_kind(text, module), module) for module in modules]
    kept = [module for kind, module in kinds if kind in KINDS]
    if sorted(kind for kind, _ in kinds if kind in KINDS) != sorted(KINDS):
        raise UnknownFormError(f"expected each of {', '.join(KINDS)} once")
    return REGISTERED.sub(",".join(f"{module}()" for module in kept), text)


def _kind(text: str, module: str) -> str | None:
    """The trace type of ``module``, or of the module that it re-exports; None if unknown."""
    for _ in range(3):
        body = _body(text, module)
        passed_on = PASSED_ON.match(body)
        if passed_on is None:
            kind = KIND.search(body)
            return kind.group(1) if kind else None
        module = passed_on.group(1)
    return None


def _body(text: str, module: str) -> str:
    """The first MODULE_CHARACTERS of ``module``; empty if it is not found."""
    start = -1
    # Searching plain text in 5 MB is thirty times as fast as searching a pattern.
    while (start := text.find(f"{module}=", start + 1)) >= 0:
        head = MODULE.match(text, start - 1)
        if head is not None:
            return text[head.end() : head.end() + MODULE_CHARACTERS]
    return ""
