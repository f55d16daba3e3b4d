"""Scenes of a lesson that goes through one working line by line."""

from __future__ import annotations

from typing import Any

from backprop_explorer.lessons.lesson import Scene
from backprop_explorer.lessons.working import LessonWorking


def opening(working: LessonWorking, line: str, hide: str | None = None, **more: Any) -> Scene:
    """Return the scene that opens the experiment of ``working`` at ``line``."""
    objective, notation = working.problem.objective, working.notation
    return Scene(
        recipe=working.recipe(),
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


def look(line: str, hide: str | None = None, **more: Any) -> Scene:
    """Return the scene at ``line`` of the same working; ``hide`` as in ``Scene``."""
    return Scene(line=line, hide=hide, **more)


def ask(line: str, **more: Any) -> Scene:
    """Return the scene at ``line``, hidden with all later lines until the question is answered."""
    return look(line, line, **more)
