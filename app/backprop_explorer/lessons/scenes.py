"""The scenes of a lesson that follows one working, line by line."""

from __future__ import annotations

from typing import Any

from backprop_explorer.lessons.lesson import Scene
from backprop_explorer.lessons.working import LessonWorking


def opening(working: LessonWorking, line: str, hide: str | None = None, **more: Any) -> Scene:
    """Set the experiment with exactly the numbers of ``working``, and show ``line``."""
    return Scene(
        recipe=working.recipe(),
        step=0,
        line=line,
        sample=0 if working.single else "batch",
        convention=working.convention,
        reduction=working.reduction,
        jacobians=working.jacobians,
        fused=working.fused,
        hide=hide,
        **more,
    )


def look(line: str, hide: str | None = None, **more: Any) -> Scene:
    """Go to ``line`` of the same working; ``hide`` as in ``Scene``."""
    return Scene(line=line, hide=hide, **more)


def ask(line: str, **more: Any) -> Scene:
    """Go to ``line`` and hide it, and all after it, until the question is answered."""
    return look(line, line, **more)
