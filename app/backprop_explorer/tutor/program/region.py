"""Where a wrong result comes from: the steps behind it that no true array explains."""

from __future__ import annotations

from backprop_explorer.tutor.program.alignment import Alignment, Outcome
from backprop_explorer.tutor.program.steps import SourceFrame


def region_of(alignment: Alignment, outcomes: list[Outcome]) -> list[int]:
    """Return the steps behind wrong results, back to those with right inputs, in order."""
    run, found = alignment.run, set[int]()
    starts = {each.index for each in outcomes}
    waiting = list(starts)
    while waiting:
        at = waiting.pop()
        step = run.steps[at]
        if at in found or not step.op or at < run.start:
            continue
        if at in alignment.truth.forward or (at not in starts and alignment.is_right(at)):
            continue
        found.add(at)
        waiting += step.inputs
    return sorted(found)


def origins(alignment: Alignment, region: list[int]) -> list[int]:
    """Return the steps of a region of which all inputs are right."""
    inside = set(region)
    return [at for at in region if not inside.intersection(alignment.run.steps[at].inputs)]


def blamed_frame(alignment: Alignment, at: int, *, carries: bool = True) -> SourceFrame | None:
    """Return the frame of a step that is to blame: not a helper that is right in another call.

    ``carries``: the step is computed from a gradient. A helper that computes only a derivative
    may be right, and called with a wrong argument.
    """
    run, frames = alignment.run, alignment.run.steps[at].frames
    level = 0
    while level < len(frames) - 1:
        frame = frames[level]
        others = [
            step.index
            for step in run.steps
            if step.op == run.steps[at].op
            and any(f.call != frame.call and f[:3] == frame[:3] for f in step.frames)
        ]
        if carries or not any(alignment.is_right(each) for each in others):
            break
        level += 1
    return frames[level] if frames else None
