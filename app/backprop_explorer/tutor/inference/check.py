"""Check pasted numbers: find givens, settings and lines, and mark them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.names import before_update, named, of_gradient
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.updates import Update
from backprop_explorer.texts import tutor_inference as texts
from backprop_explorer.tutor.checker import CheckResult, check
from backprop_explorer.tutor.checker.check_result import Note
from backprop_explorer.tutor.inference.choosing import (
    ENOUGH,
    LARGE,
    GivenChoice,
    problem_of,
    tries_of,
)
from backprop_explorer.tutor.inference.fits import penalty_of, rates_of
from backprop_explorer.tutor.inference.givens import choices, missing_givens
from backprop_explorer.tutor.inference.inferred import FoundSettings, Inferred, Known, Verdict
from backprop_explorer.tutor.inference.matching import says_little
from backprop_explorer.tutor.inference.pasted import LoopPass, Pasted
from backprop_explorer.tutor.inference.reading import LineRead, Reader
from backprop_explorer.tutor.inference.settings import MOST_WORKINGS, OF_PARAMETERS, natural_factors
from backprop_explorer.tutor.problem import Problem
from backprop_explorer.tutor.reading.printed_array import PrintedArray
from backprop_explorer.tutor.spellings import OF_WEIGHTS

# Settings are proposed if this many arrays agree, or one of many numbers.
FEWEST_AGREEING, MANY_NUMBERS = 2, 3
_ORDER = ("mean", "batch_mean", "half_sum", "sum", "half_mean", "half_batch_mean")


def check_inferred(runs: Sequence[LoopPass], known: Known) -> Inferred:
    """Mark the arrays of the pass that agrees best, the last one if several agree as well."""
    best: GivenChoice | None = None
    spent = 0
    with np.errstate(all="ignore"):
        for few_digits, run in itertools.product((False, True), runs):
            numbers = sum(array.values.size for array in run.found)
            if best is not None and (
                2 * best.working.score[0] >= len(best.run.found) or (few_digits and numbers > LARGE)
            ):
                break
            for each, count in tries_of(run, known, MOST_WORKINGS - spent, few_digits):
                spent += count
                if best is None or each.working.score > best.working.score:
                    best = each
                if ENOUGH * len(run.found) <= best.working.score[0]:
                    break
        if best is None:
            return _without_givens(runs[0])
        return _Marked(best, known, spent).inferred()


def _without_givens(run: LoopPass) -> Inferred:
    missing = missing_givens(run)
    summary = texts.givens_missing(", ".join(missing)) if missing else texts.GIVENS_DO_NOT_FIT
    for given in itertools.islice(choices(run), 1):
        try:
            problem_of(given, "column")
        except InvalidInput as error:
            summary = error.message
    return Inferred("incomplete", summary, None, (), tuple(run.found))


class _Marked:
    """Reads the arrays under the chosen settings and marks them."""

    def __init__(self, chosen: GivenChoice, known: Known, spent: int) -> None:
        self.chosen = chosen
        self.known = known
        self.spent = spent
        self.working = chosen.working
        self.run = chosen.run
        arrays = chosen.run.found
        tolerance = chosen.numbers.tolerance
        self.rates = rates_of(self.working, arrays, self.run.rates, tolerance)
        self.reader = Reader(self.working, chosen.given, self.rates, arrays, tolerance)
        self.read = self._alike(self.reader.read())
        self.reduction = self._reduction()
        self.conventions: list[str] = []

    def _alike(self, read: list[LineRead]) -> list[LineRead]:
        """Return how the arrays were read; a transposed gradient among others is a mistake."""
        matrices = [r for r in read if r.array.values.squeeze().ndim == 2]
        found = [r for r in matrices if r.match and named(str(r.line)).gradient_of == "W"]
        if len({self._is_turned(r) for r in found}) < 2:
            return read
        return [replace(r, match=None) if self._is_turned(r) else r for r in read]

    def inferred(self) -> Inferred:
        problem = self._problem()
        lines = self._lines(problem)
        read_ids = {id(read.array) for read in self.read}
        not_read = tuple(a for a in self.reader.arrays if id(a) not in read_ids)
        problem = problem.with_lines(lines)
        result = check(problem.trace, problem.notation, lines)
        settings = self._settings(result)
        self._note_conventions(settings)
        result = replace(result, notes=(*problem.notes, *result.notes))
        verdict, run = self._verdict(result, not_read), self.run
        notes = [Note("read_as", texts.passes(run.number, run.count))] if run.count > 1 else []
        return Inferred(
            verdict,
            self._summary(verdict, result),
            settings,
            tuple(self.read),
            not_read,
            problem,
            self.chosen.given,
            result,
            lines,
            (*notes, *(Note("other_convention", text) for text in self.conventions)),
        )

    # ------------------------------------------------------------------ settings

    @property
    def _scale(self) -> float | None:
        """The factor of the cost that the gradients, or the pasted cost, have."""
        found = self.working.parameters
        return self.working.printed_cost if found is None else found

    def _reduction(self) -> str:
        """Return the reduction with the factor of the gradients, in preference the given one."""
        scale = self._scale
        fits = [name for name in _ORDER if scale and _same(abs(scale), self._factor_of(name))]
        printed = [n for n in fits if self.working.printed_cost == self._factor_of(n)]
        if self.known.reduction in fits or (not fits and self.known.reduction):
            return str(self.known.reduction)
        default = "batch_mean" if "cross" in self.working.problem.objective.cost else "mean"
        if default in fits or not fits:
            return default
        return (printed or fits)[0]

    def _factor_of(self, reduction: str) -> float:
        return REDUCTIONS[reduction].factor(*self.working.problem.target.shape)

    def _problem(self) -> Problem:
        """Return the givens with the settings."""
        rate = self.rates.rate
        has_update = any(read.line and named(read.line).quantity == "updated" for read in self.read)
        notation = Notation.of(
            self.working.problem.notation.convention.name,
            single=self.working.problem.notation.single,
            reduction=self.reduction,
        )
        return replace(
            self.working.problem,
            objective=Objective(
                self.working.problem.objective.cost,
                self.reduction,
                self._penalty.get("l1", 0.0),
                self._penalty.get("l2", 0.0),
                biases=self.known.biases and bool(self.known.penalty),
            ),
            notation=notation,
            update=Update("sgd", abs(rate or self._said_rate)) if has_update else None,
        )

    @property
    def _penalty(self) -> dict[str, float]:
        """λ₁ and λ₂ in the scale of the working."""
        if self.known.penalty:
            divided = len(self.working.problem.x) if self.known.per_sample else 1
            return {kind: weight / divided for kind, weight in self.known.penalty.items()}
        scale = self._factor_of(self.reduction) / abs(self.working.parameters or 1.0)
        return {kind: scale * weight for kind, weight in self.working.penalty.items()}

    @property
    def _said_rate(self) -> float:
        return self.run.rates[-1] if self.run.rates and self.run.rates[-1] > 0.0 else 0.1

    def _settings(self, result: CheckResult) -> FoundSettings | None:
        agree = self.working.agree + len(self.rates.matches)
        known = [
            read for read in self.read if read.match and read.array.values.size >= MANY_NUMBERS
        ]
        if agree < FEWEST_AGREEING and not (agree and known):
            return None
        marks = [mark.verdict for mark in result.lines.values() if mark.verdict != "missing"]
        agreeing, of = marks.count("correct"), len(marks)
        scale = self._scale
        counted = 1 - self.reader.shifts[""]
        reason = texts.reason(
            [ACTIVATIONS[name].title for name in self.working.problem.activations],
            COSTS[self.working.problem.objective.cost].title,
            REDUCTIONS[self.reduction].title,
            agreeing,
            of,
        )
        return FoundSettings(
            self.working.problem.activations,
            self.working.problem.objective.cost,
            self.reduction,
            self.working.problem.notation.convention.name,
            "add" if scale is not None and scale < 0.0 else "subtract",
            counted,
            self.rates.rate,
            self._penalty,
            agreeing,
            of,
            self.spent,
            reason,
        )

    # ------------------------------------------------------------------ lines

    def _lines(self, problem: Problem) -> dict[str, PrintedArray]:
        """Return the lines in the layout and scale of the working."""
        lines: dict[str, PrintedArray] = {}
        for read in self.read:
            if read.line is not None and read.line not in lines:
                lines[read.line] = self._line(read, problem)
        return lines

    def _line(self, read: LineRead, problem: Problem) -> PrintedArray:
        printed, line = read.array, str(read.line)
        values, quantum = printed.values, printed.quantum
        if named(line).quantity == "jacobian":
            return printed
        plain = before_update(line)
        if read.match is not None:
            of = named(line).variable
            layer = problem.layers[(of.layer or 1) - 1]
            target = np.asarray(self.working.values.get(plain, layer[of.quantity == "b"]))
            if read.match.turned:
                values, quantum = values.squeeze().T, quantum.squeeze().T
            axes = "ij" if named(plain).kind in OF_WEIGHTS else "j" if target.ndim == 1 else "nj"
            axes = "" if plain == "C" else axes
            values, quantum = (
                problem.notation.show(each.reshape(target.shape), axes)
                for each in (values, quantum)
            )
        scale = self._scale_of(line)
        if line == "C" and self.working.penalty and read.match is not None:
            values = values - self.working.printed_penalty + penalty_of(self.working) / scale
        return PrintedArray(
            np.asarray(values * scale),
            np.asarray(quantum * abs(scale)),
            printed.digits,
            printed.decimals,
        )

    def _scale_of(self, line: str) -> float:
        """Return what a line is multiplied by to have the scale of the working."""
        working = self.working
        factor = None
        if line == "C":
            factor = working.printed_cost
        elif of_gradient(line) is not None:
            factor = working.parameters if named(line).kind in OF_PARAMETERS else working.units
        if factor is None or not any(_same(abs(factor), usual) for usual in self._usual):
            return 1.0
        return self._factor_of(self.reduction) / factor

    @property
    def _usual(self) -> list[float]:
        """The factors of the gradient that are conventions; another one is a mistake."""
        return natural_factors(self.working.problem)

    # ------------------------------------------------------------------ verdict

    def _note_conventions(self, settings: FoundSettings | None) -> None:
        """Collect in what the numbers differ from the usual or the given conventions."""
        working, known = self.working, self.known
        samples = len(working.problem.x)
        units, parameters = working.units, working.parameters
        say = self.conventions.append
        if settings is None:
            return
        if settings.step == "add" != known.step:
            say(texts.STEP_IS_ADDED)
        if units and parameters and samples > 1 and _same(units, samples * parameters):
            say(texts.DIVIDES_LATE)
        scale = abs(self._scale or 0.0)
        if not any(_same(scale, usual) for usual in self._usual):
            return
        if not any(_same(scale, self._factor_of(name)) for name in _ORDER):
            say(texts.constant_factor(scale / self._factor_of(self.reduction)))
        elif known.reduction and not _same(scale, self._factor_of(known.reduction)):
            say(texts.other_reduction(settings.reduction, known.reduction))
        if working.printed_cost and not _same(working.printed_cost, scale):
            say(texts.COST_PRINTED_OTHERWISE)
        if known.convention and known.convention != settings.convention:
            say(texts.other_orientation(settings.convention))
        if any(self._is_turned(read) for read in self.read):
            say(texts.GRADIENTS_TURNED)

    def _is_turned(self, read: LineRead) -> bool:
        """Whether an array is a gradient of W that is printed transposed to W."""
        if read.match is None or named(str(read.line)).gradient_of != "W":
            return False
        shape = np.shape(self.working.values[str(read.line)])
        column = self.working.problem.notation.orientation("ij").turns
        return 1 not in shape and read.match.turned != column

    def _verdict(self, result: CheckResult, not_read: Sequence[Pasted]) -> Verdict:
        if result.verdict == "wrong":
            return "wrong"
        if result.verdict == "incomplete" or not result.lines:
            return "incomplete"
        backward = any(read.line and of_gradient(read.line) for read in self.read)
        if not_read and not backward and not self.rates.matches:
            return "incomplete"
        if not self.reader.covers_all() and any(not says_little(a) for a in not_read):
            return "incomplete"
        noted = {note.kind for note in result.notes}
        if self.conventions or noted & {"other_convention", "other_scaling", "per_sample"}:
            return "other_convention"
        return "correct"

    def _summary(self, verdict: Verdict, result: CheckResult) -> str:
        if verdict == "other_convention":
            return texts.RIGHT_OTHERWISE
        if verdict == "incomplete" and result.verdict == "correct":
            return texts.NO_GRADIENT_READ
        return result.summary


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b))
