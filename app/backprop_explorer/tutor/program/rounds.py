"""The first round of a training loop: what ran before the updated parameters are read again."""

from __future__ import annotations

from backprop_explorer.tutor.program.steps import Run

_CHANGES = frozenset({"add", "subtract", "setitem", "copy", "astype", "where"})


def first_round(run: Run) -> Run | None:
    """Return the run up to where a place reads the update of what it read before, or None.

    A recurrent state is read again like an update, so the result is only one of two readings of a
    program. An update is the parameter plus something.
    """
    versions = versions_of(run)
    if not versions:
        return None
    end, found = len(run.steps), dict[int, int]()
    for steps in run.sites.values():
        if len(steps) < 2:
            continue
        for position in range(len(run.steps[steps[0]].inputs)):
            before: dict[int, int] = {}
            for at in steps:
                inputs = run.steps[at].inputs
                if position >= len(inputs):
                    continue
                read = _origin(run, inputs[position])
                source = versions.get(read, read)
                if before.get(source, read) != read:
                    end = min(end, at)
                before.setdefault(source, read)
    if end == len(run.steps):
        return None
    for version, source in versions.items():
        if version < end:
            found[source] = version
    # Updates come last in a round: none of the first round is made after the second has begun.
    return run.until(end, found) if found else None


def versions_of(run: Run) -> dict[int, int]:
    """Return the source of each step that is this source plus something."""
    found: dict[int, int] = {}
    for step in run.steps:
        if step.op not in _CHANGES or not run.moves[step.index]:
            continue
        for each in step.inputs[:2]:
            source = found.get(each, each)
            while run.steps[source].op in ("copy", "astype"):
                source = run.steps[source].inputs[0]
            origin = run.steps[source]
            if origin.op or origin.path is None or origin.value.dtype.kind != "f":
                continue
            if source >= run.start > 0:
                continue
            last = origin.path.replace("'", "").rstrip("]").replace("[", ".").split(".")[-1]
            if run.after.get(source, source) == source and step.name != last:
                continue
            if origin.value.shape == step.value.shape and run.depends[step.index].bit_count() > 1:
                found[step.index] = source
    return found


def _origin(run: Run, at: int) -> int:
    """Return the array that a view or transposition shows."""
    while run.steps[at].op in ("transpose", "reshape", "copy", "astype", "getitem", "strided"):
        at = run.steps[at].inputs[0]
    return at
