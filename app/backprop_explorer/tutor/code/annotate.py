"""Say for each source line that ran what it computes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.code.explanations import Explanation
from backprop_explorer.tutor.code.observed import Observed
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import Label
from backprop_explorer.tutor.code.recorder import ARGUMENT, RETURN, Binding, Recording, Visit
from backprop_explorer.tutor.code.result import LineStatus, SourceLine
from backprop_explorer.tutor.code.words import symbol_text

# A line that runs in a loop may compute many lines of the working.
SHOWN = 6


def program_files(recording: Recording) -> list[str]:
    """Return the names of the source files that ran, in order."""
    return list(dict.fromkeys(visit.file for visit in recording.visits))


def annotated(
    program: ProgramRun,
    explanation: Explanation | None,
    wrong: tuple[Visit | None, int | None] | None,
) -> tuple[SourceLine, ...]:
    """Return every line of the functions that ran, with what it computes.

    ``wrong`` is where the first mistake is made.
    """
    recording = program.recording
    computes, follows, notes = _contents(program, explanation)
    bad = None
    if wrong is not None and wrong[0] is not None and wrong[1] is not None:
        bad = (wrong[0].file, wrong[1])
    made = []
    for file, number in _places(recording, program):
        place = (file, number)
        status: LineStatus = "other"
        names: Sequence[str] = ()
        if place == bad:
            status, names = "wrong", [*follows.get(place, ()), *computes.get(place, ())]
        elif place in follows:
            status, names = "follows", follows[place]
        elif place in computes:
            status, names = "right", computes[place]
        text = program.source(file).lines[number - 1].rstrip("\n")
        words = ", ".join(symbol_text(name) for name in names[:SHOWN])
        if not names and place in notes:
            words = ", ".join(notes[place][:2])
        made.append(SourceLine(file, number, text, status, tuple(names), words))
    return tuple(made)


Names = dict[tuple[str, int], list[str]]


def _contents(program: ProgramRun, explanation: Explanation | None) -> tuple[Names, Names, Names]:
    """Return by (file, line) the right lines, the wrong lines, and other quantities, as words."""
    computes: Names = {}
    follows: Names = {}
    notes: Names = {}
    observed = program.observed
    mistaken = _mistaken_values(observed, explanation)
    done: set[str] = set()
    for binding in observed.recording.bindings:
        visit = binding.visit
        if not binding.first and not _assigns_result(binding, program):
            continue
        place = (visit.file, program.first_line(visit))
        name = mistaken.get(binding.key)
        if name is not None:
            _append(follows, place, name)
            continue
        label = _best(observed.labels[binding.key], done)
        if label is None or (label.line and label.name in ("x", "target")) or label.name[0] in "Wb":
            continue
        if not label.line:
            _append(notes, place, label.name)
        elif label.sample is None:
            done.add(label.name)
            _append(computes, place, label.name)
        else:
            _append(notes, place, texts.of_one_sample(symbol_text(label.name)))
    return computes, follows, notes


def _assigns_result(binding: Binding, program: ProgramRun) -> bool:
    """Whether a variable gets what a function returned that this line called."""
    if binding.path.startswith((RETURN, ARGUMENT)) or "[" in binding.path:
        return False
    creation = program.observed.creations.get(binding.key)
    return creation is not None and (
        creation.visit is not binding.visit
        and program.is_called_from(creation.visit, binding.visit)
    )


def _append(into: Names, place: tuple[str, int], name: str) -> None:
    names = into.setdefault(place, [])
    if name not in names:
        names.append(name)


def _best(labels: Sequence[Label], done: set[str]) -> Label | None:
    """Return the label that fits best: a line that has not been computed before, unscaled."""
    lines = [each for each in labels if each.line and each.sample is None]
    exact = [each for each in lines if each.factor == 1.0]
    for group in (
        [each for each in exact if each.name not in done],
        exact,
        [each for each in labels if each.line and each.factor == 1.0],
        [each for each in labels if not each.line],
        [each for each in labels if each.line],
    ):
        if group:
            return group[0]
    return None


def _mistaken_values(observed: Observed, explanation: Explanation | None) -> dict[int, str]:
    """Return the line of each recorded value that is wrong because of the mistakes."""
    if explanation is None:
        return {}
    variant = explanation.variant
    right = variant.without_mistakes()
    found: dict[int, str] = {}
    for line in variant.reference.nodes:
        value = variant.value(line)
        if np.shape(value) == np.shape(right.value(line)) and np.allclose(
            value, right.value(line), rtol=1e-12, atol=0.0
        ):
            continue
        for key in observed.find(value):
            if not observed.is_right(key):
                found.setdefault(key, line)
    return found


def _places(recording: Recording, program: ProgramRun) -> list[tuple[str, int]]:
    """Return (file, line) of every line of the functions that ran, in the order of the source."""
    found: set[tuple[str, int]] = set()
    for frame in recording.frames:
        file = frame.code.co_filename
        source = program.source(file)
        function = source.function(frame.code.co_firstlineno)
        if function is None or function.end_lineno is None:
            continue
        numbers = range(function.lineno, function.end_lineno + 1)
        found |= {(file, number) for number in numbers if number <= len(source.lines)}
    for visit in recording.visits:
        if visit.line <= len(program.source(visit.file).lines):
            found.add((visit.file, visit.line))
    files = program_files(recording)
    return sorted(found, key=lambda place: (files.index(place[0]), place[1]))
