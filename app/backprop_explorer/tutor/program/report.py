"""The answer to a check of a recorded program: verdict, lines, what was compared and what not."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from backprop_explorer.record.source import file_title
from backprop_explorer.texts import tutor_code
from backprop_explorer.texts import tutor_program as texts
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.check import FEW_OPERATIONS, check_run
from backprop_explorer.tutor.program.made_parameters import promote_parameters
from backprop_explorer.tutor.program.other_inputs import latent_faults
from backprop_explorer.tutor.program.program_result import ProgramResult
from backprop_explorer.tutor.program.recording import ProgramCall, Recorded
from backprop_explorer.tutor.program.result import (
    CodeDiagnosis,
    CodeResult,
    Compared,
    ErrorExplanation,
    LineStatus,
    SourceLine,
    SourcePlace,
    Write,
)
from backprop_explorer.tutor.program.rounds import first_round
from backprop_explorer.tutor.program.source import function_of
from backprop_explorer.tutor.program.steps import Run, SourceFrame
from backprop_explorer.tutor.program.words import shape_words

SHOWN = 4
# Bytes of the arrays of a run that is kept, for the cases.
MAX_KEPT = 32 << 20
StatusOf = Callable[[list[int]], tuple[LineStatus, tuple[str, ...], str]]


class CheckedRun(NamedTuple):
    """A recorded run and what was found of it."""

    recorded: Recorded
    found: ProgramResult


@np.errstate(all="ignore")
def check_recorded(
    program: ProgramCall, *, answers: bool = True
) -> tuple[CodeResult, CheckedRun | None]:
    """Run a program, compare it with its own gradient, and say what each line computes.

    ``answers``: true gradients are shown beside those of the program. If nothing is wrong, other
    inputs are tried too. A run that ended and is not large is returned as well. Raises
    InvalidInput.
    """
    recorded = Recorded(program, FEW_OPERATIONS)
    if recorded.run.limit is not None and first_round_of(recorded.run) is None:
        recorded = Recorded(program)
    result, found = judged(recorded, program.cost, answers=answers)
    if _may_start_from_numbers(recorded.run, found):
        program.starts_from_numbers = True
        again = Recorded(program, FEW_OPERATIONS)
        with_numbers = judged(again, program.cost, answers=answers)
        if result.verdict == "unclear" or with_numbers[0].verdict not in ("unclear", "incomplete"):
            recorded, (result, found) = again, with_numbers
        program.starts_from_numbers = recorded is again
    if recorded.run.limit is not None or found is None:
        return result, None
    if result.verdict in ("correct", "incomplete"):
        result = replace(result, latent=tuple(latent_faults(program)))
    size = sum(step.value.nbytes for step in recorded.run.steps)
    return result, CheckedRun(recorded, found) if size <= MAX_KEPT else None


def _may_start_from_numbers(run: Run, found: ProgramResult | None) -> bool:
    """Whether a result may depend on floats that are written in the program, and not recorded:
    a bias that begins as 0.3 is then a constant.
    """
    if found is None or found.alignment is None:
        return all(run.steps[at].value.size == 1 for at in run.sources)
    is_unclear = found.verdict == "unclear"
    in_doubt = [e for e in found.alignment.outcomes if is_unclear or e.state == "wrong"]
    numbers = [each.wanted is None or each.wanted.size == 1 for each in in_doubt]
    return any(numbers) if is_unclear else bool(numbers) and all(numbers)


def judged(
    recorded: Recorded, cost: str | None, *, answers: bool = False
) -> tuple[CodeResult, ProgramResult | None]:
    """Compare a recorded run with its own gradient; ``cost``: an entry of COSTS, if told."""
    run, notes = recorded.run, list(recorded.notes)
    if run.limit is not None:
        first = first_round_of(run)
        if first is None:
            summary = texts.not_recorded(run.limit)
            return CodeResult("unclear", None, None, summary, printed=run.printed), None
        notes.append(texts.FIRST_ROUND)
        run = first
    found = check_run(run, recorded.root, cost)
    result = result_of(run, found, answers=answers)
    notes += [*result.notes, *(texts.lost(each) for each in recorded.run.lost[:3])]
    return replace(result, notes=tuple(notes), printed=recorded.run.printed), found


def first_round_of(run: Run) -> Run | None:
    """Return the first round of the training loop in which a run was stopped, None without one."""
    promote_parameters(run)
    return None if run.start else first_round(run)


def result_of(run: Run, found: ProgramResult, *, answers: bool) -> CodeResult:
    """Return what is known of a run as the answer to a check."""
    line = found.line
    where = "" if line is None else tutor_code.at_line(line[1], file_title(line[0]))
    summary = found.summary
    diagnoses: tuple[CodeDiagnosis, ...] = ()
    if found.verdict == "wrong":
        message = found.message or _unnamed(found)
        summary = where + message
        if found.name is not None:
            ids = tuple(each.path for each in found.outcomes if each.state != "right")
            number = None if line is None else line[1]
            diagnoses = (CodeDiagnosis(found.name, found.message, ids, number),)
        if found.other_lines:
            # The file is said only where it is another one than that of the first line.
            first = None if line is None else line[0]
            places = (
                (n, "" if file == first else file_title(file)) for file, n in found.other_lines
            )
            others = [tutor_code.at_line(*each).removesuffix(": ") for each in places]
            others = [each[:1].lower() + each[1:] for each in others]
            summary += f" {texts.also(' or '.join(others))}"
    error = None
    if run.raised is not None:
        number = None if run.raised_at is None else run.raised_at[1]
        shown = f"{type(run.raised).__name__}: {run.raised}"
        error = ErrorExplanation(shown, found.summary, number)
    alignment = found.alignment
    status_of = partial(_status, alignment, _following(alignment, line))
    return CodeResult(
        verdict=found.verdict,
        first_wrong=None if line is None else line[1],
        file=None if line is None else line[0],
        summary=summary,
        diagnoses=diagnoses,
        lines=tuple(source_lines(run, status_of, line)),
        error=error,
        notes=found.notes,
        not_checked=found.not_checked,
        other_lines=tuple(SourcePlace(*each) for each in found.other_lines),
        writes=tuple(Write(name, *place) for name, place in sorted(_writes(run).items())),
        assumed=found.assumed,
        compared=tuple(_compared(alignment)) if answers and alignment is not None else (),
    )


def _unnamed(found: ProgramResult) -> str:
    """Return what can be said of a mistake without a name."""
    wrong = next((each for each in found.outcomes if each.state == "wrong"), None)
    if found.alignment is None or wrong is None or wrong.wanted is None or wrong.source is None:
        return found.summary
    steps = found.alignment.run.steps
    value, of = steps[wrong.index].value, steps[wrong.source].path or ""
    if wrong.is_update:
        return found.summary
    difference = ""
    if value.shape == wrong.wanted.shape:
        off = np.abs(value - wrong.wanted).max(initial=0.0) / max(
            np.abs(wrong.wanted).max(initial=0.0), 1e-300
        )
        difference = f"{100 * off:.2g} %"
    shapes = shape_words(value.shape), shape_words(wrong.wanted.shape)
    return texts.inputs_right(wrong.path, of, difference, *shapes)


def _writes(run: Run) -> dict[str, tuple[str, int]]:
    """Return what was written into and is no update of a parameter."""
    updated = {run.steps[s].path for s, after in run.after.items() if s != after}
    return {name: place for name, place in run.written.items() if name not in updated}


def _compared(alignment: Alignment) -> Iterator[Compared]:
    for each in alignment.outcomes:
        if each.wanted is None or each.source is None:
            continue
        value = alignment.run.steps[each.index].value
        name = alignment.run.steps[each.source].path or ""
        if each.is_update:
            value = value - alignment.run.steps[each.source].value
        yield Compared(each.path, name, value, each.wanted, each.state == "right")


def source_lines(
    run: Run, status_of: StatusOf, wrong: tuple[str, int] | None
) -> Iterator[SourceLine]:
    """Yield the lines of the functions that ran, with what they compute.

    ``status_of`` gets the steps of a line and returns status, computed lines and a note.
    """
    found: dict[tuple[str, int], list[int]] = {}
    numbers: dict[str, set[int]] = {}
    seen: dict[tuple[str, str, int], SourceFrame] = {}
    for step in run.steps:
        if step.op and step.frames:
            found.setdefault(step.frames[0][:2], []).append(step.index)
            for frame in step.frames[1:2] if step.returned else ():
                found.setdefault(frame[:2], []).append(step.index)
        for frame in reversed(step.frames):
            numbers.setdefault(frame.file, set()).add(frame.line)
            seen.setdefault((frame.file, frame.function, frame.line), frame)
    for frame in seen.values():
        function = function_of(frame)
        if function is not None:
            last = function.end_lineno or function.lineno
            numbers[frame.file] |= set(range(function.lineno, last + 1))
    if wrong is not None:
        numbers.setdefault(wrong[0], set()).add(wrong[1])
    for file in numbers:
        for number in sorted(numbers[file]):
            text = linecache.getline(file, number).rstrip("\n")
            status, computes, note = status_of(found.get((file, number), []))
            if wrong == (file, number):
                status = "wrong"
            yield SourceLine(file, number, text, status, computes, note)


def _following(alignment: Alignment | None, line: tuple[str, int] | None) -> frozenset[int]:
    """Return the steps that may be wrong because of the wrong line: what is computed from what it
    computes, or where a statement is missing, what the wrong results are computed from.
    """
    if alignment is None:
        return frozenset()
    run = alignment.run
    own = frozenset(e.index for e in run.steps if e.op and any(f[:2] == line for f in e.frames))
    if not own:
        return run.ancestors([each.index for each in alignment.wrong])
    return frozenset(at for at, made in enumerate(run.made_of(own)) if made)


def _status(
    alignment: Alignment | None, following: frozenset[int], steps: list[int]
) -> tuple[LineStatus, tuple[str, ...], str]:
    """Return whether a line computes gradients, and which. ``steps`` are those of the whole run.

    A line of the forward pass alone is right: what is checked is the gradient of what it computes.
    ``following`` are the steps that may be wrong because of the wrong line.
    """
    if alignment is None or not steps:
        return "other", (), ""
    run, names = alignment.run, dict[str, None]()
    wrong = False
    # One round of a training loop has fewer steps than the whole run, and numbers of its own.
    known = (run.step_of(at) for at in steps)
    steps = [at for at in known if at is not None and at < run.recorded and run.steps[at].op]
    if steps and all(at in alignment.truth.forward for at in steps):
        return "right", (), texts.FORWARD_LINE
    for at in steps:
        if at in alignment.truth.forward:
            continue
        gradients = (m.label for m in alignment.labels(at) if m.label.kind == "gradient")
        for label in gradients:
            step = run.steps[label.of]
            name = step.path if not step.op else step.name
            if name:
                names[f"∂C/∂{name}"] = None
                break
        else:
            wrong |= not alignment.is_right(at)
    last_right = bool(steps) and alignment.is_right(steps[-1])
    note = ", ".join(list(names)[:SHOWN])
    if names and last_right:
        return "right", tuple(names), note
    follows = wrong and not last_right and not following.isdisjoint(steps)
    return "follows" if follows else "other", tuple(names), note
