"""The scene of a card, from the attributes of its heading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal, cast

from backprop_explorer.lessons.lesson import Scene
from backprop_explorer.lessons.reading.error import one_of
from backprop_explorer.lessons.reading.templates import TextError, expression, text
from backprop_explorer.lessons.working import recipe_of
from backprop_explorer.texts import lessons_reading as texts
from backprop_explorer.tutor.problem import Problem

# Attributes of a heading that say nothing about the scene.
OF_CARD = ("name", "transfer")
NAMES = frozenset({"working", *OF_CARD, *(field.name for field in fields(Scene))})
FIGURES = ("data", "gradient-flow", "health", "cost")
# Names of version 0.1, accepted for one version.
_OLD_FIGURES = {"flow": "gradient-flow"}
_EXPRESSIONS = ("recipe", "reference", "map")
_FLAGS = {"true": True, "": True, "false": False}


def check_names(attributes: Mapping[str, str]) -> None:
    """Raise TextError for an attribute that no card has."""
    for name in attributes:
        if name not in NAMES:
            raise TextError(texts.unknown_attribute(name, one_of(NAMES, name)))


def read_scene(attributes: Mapping[str, str], values: Mapping[str, Any]) -> Scene | None:
    """Return the scene, or None without attributes. Raises TextError."""
    given = {name: value for name, value in attributes.items() if name not in OF_CARD}
    if not given:
        return None
    working = given.pop("working", None)
    made = {name: _read(name, value, values) for name, value in given.items()}
    if made.get("hide") == "":
        if "line" not in made:
            raise TextError(texts.HIDE_NEEDS_LINE)
        made["hide"] = made["line"]
    if working is None:
        return Scene(**made)
    found = expression(working or "working")(values)
    if not isinstance(found, Problem):
        raise TextError(texts.not_a_working(working))
    if "line" not in made:
        raise TextError(texts.LINE_NEEDED)
    return _opening(found, made.pop("line"), **made)


def _opening(working: Problem, line: str, hide: str | None = None, **more: Any) -> Scene:
    """Return the scene that opens the experiment of ``working`` at ``line``."""
    objective, notation = working.objective, working.notation
    return Scene(
        recipe=recipe_of(working),
        step=0,
        line=line,
        sample=0 if notation.single else "batch",
        convention=notation.convention.name,
        reduction=objective.reduction,
        jacobians=working.jacobians,
        fused=objective.fused,
        hide=hide,
        **more,
    )


def _read(name: str, value: str, values: Mapping[str, Any]) -> Any:
    if name in _EXPRESSIONS:
        found = expression(value)(values)
        if isinstance(found, Problem):
            return recipe_of(found)
        if not isinstance(found, Mapping):
            if name == "map":
                raise TextError(texts.not_a_map(value))
            raise TextError(texts.not_an_experiment(name, value))
        return found
    written = str(text(value)(values))
    if name == "figure":
        written = _OLD_FIGURES.get(written, written)
    if name in ("jacobians", "fused"):
        if written not in _FLAGS:
            raise TextError(texts.true_or_false(name, written))
        return _FLAGS[written]
    if name == "figure" and written not in FIGURES:
        raise TextError(texts.unknown_figure(written, one_of(FIGURES, written)))
    if name == "step":
        return _whole(name, written)
    if name == "sample":
        return cast(Literal["batch"], written) if written == "batch" else _whole(name, written)
    if name == "entry":
        return tuple(_whole(name, part) for part in written.split(","))
    return written


def _whole(name: str, written: str) -> int:
    if not re.fullmatch(r"\s*[0-9]{1,9}\s*", written):
        raise TextError(texts.whole_number(name, written))
    return int(written)
