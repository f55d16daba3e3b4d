"""Check pasted numbers: find givens, settings and lines, and mark them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.errors import ExplorerError, InvalidInput
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.updates import Update
from backprop_explorer.texts import tutor_inference as texts
from backprop_explorer.tutor.checker import CheckResult, check
from backprop_explorer.tutor.checker.result import Note
from backprop_explorer.tutor.inference.forward import MOST_STATES, forward_states
from backprop_explorer.tutor.inference.givens import GivenPasted, choices, matrix, missing_givens
from backprop_explorer.tutor.inference.matching import (
    SINGLE_TOLERANCE,
    Numbers,
    are_single_precision,
    says_little,
    tolerance_of,
)
from backprop_explorer.tutor.inference.pasted import LoopPass, Pasted
from backprop_explorer.tutor.inference.penalty import penalty_of, with_penalty
from backprop_explorer.tutor.inference.rates import rates_of
from backprop_explorer.tutor.inference.reading import JACOBIANS, Read, Reader
from backprop_explorer.tutor.inference.settings import (
    MOST_WORKINGS,
    OF_PARAMETERS,
    Trial,
    best_working,
    natural_factors,
    workings,
)
from backprop_explorer.tutor.problem import GivenArrays, GivenProblem
from backprop_explorer.tutor.reading.printed_array import PrintedArray

Array = NDArray[np.float64]
Verdict = Literal["correct", "other_convention", "wrong", "incomplete"]
# The work of all workings, in multiplications; some are always computed.
MOST_WORK, FEWEST_WORKINGS = 3e8, 4
# Choices of the givens that are tried for one paste.
MOST_CHOICES = 12
# Of a paste with more numbers, fewer.
LARGE, FEWEST_CHOICES = 20_000, 2
# A choice under which this part of the arrays agrees is not compared with others.
ENOUGH = 0.7
# A line that goes on from the student's own numbers costs as much as these agreeing lines bring.
PRICE_OF_PINNED = 3
# Settings are proposed if this many arrays agree, or one of many numbers.
FEWEST_AGREEING, MANY_NUMBERS = 2, 3
_ORDER = ("mean", "batch_mean", "half_sum", "sum", "half_mean", "half_batch_mean")


@dataclass(frozen=True)
class Known:
    """What an exercise says of the settings; None, or an empty list, where it says nothing.

    ``activations`` and ``cost`` are required. The numbers may follow another ``reduction``,
    ``convention`` or ``step``, which is no mistake. ``penalty`` has λ₁ and λ₂, of ``biases`` too or
    not, divided by N with ``per_sample``.
    """

    activations: Sequence[str | None] = ()
    cost: str | None = None
    reduction: str | None = None
    convention: str | None = None
    step: Literal["subtract", "add"] | None = None
    penalty: Mapping[str, float] = field(default_factory=dict)
    biases: bool = False
    per_sample: bool = False


@dataclass(frozen=True)
class FoundSettings:
    """The settings under which most arrays agree: ``agree`` of ``of``, in ``workings`` tries.

    ``step`` tells whether the program subtracts its gradients or adds them; ``counted_from`` is the
    number of the first layer in its names. ``rate`` is None where no update shows it.
    """

    activations: tuple[str, ...]
    cost: str
    reduction: str
    convention: str
    step: Literal["subtract", "add"]
    counted_from: int
    rate: float | None
    penalty: Mapping[str, float]
    agree: int
    of: int
    workings: int
    reason: str


@dataclass(frozen=True)
class Inferred:
    """The answer to a paste. ``settings`` is None if no settings fit the numbers.

    ``not_read`` are arrays that are no line. ``submitted`` are the lines as they were marked, in
    the notation of ``problem``. ``result`` is None if the givens were not found.
    """

    verdict: Verdict
    summary: str
    settings: FoundSettings | None
    read: tuple[Read, ...]
    not_read: tuple[Pasted, ...]
    problem: GivenProblem | None = None
    given: GivenPasted | None = None
    result: CheckResult | None = None
    submitted: Mapping[str, PrintedArray] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def arrays(self) -> list[Pasted]:
        """All arrays of the pass that was checked, the givens first."""
        given = self.given.arrays if self.given else []
        used = {id(array) for array in given}
        found = [*(read.array for read in self.read), *self.not_read]
        return [*given, *(array for array in found if id(array) not in used)]

    def givens(self) -> dict[str, Any] | None:
        """Return the givens as ``POST /trace`` takes them; None if they were not found."""
        problem = self.problem
        if problem is None:
            return None
        turned = problem.notation.convention.transposed
        single = problem.notation.single
        update = problem.update
        return {
            "layers": [
                {"W": (W.T if turned else W).tolist(), "b": b.tolist(), "activation": to.activation}
                for (W, b), to in zip(problem.layers, problem.network.layers, strict=True)
            ],
            "x": (problem.x[0] if single else problem.x).tolist(),
            "target": (problem.target[0] if single else problem.target).tolist(),
            "cost": problem.objective.cost,
            "reduction": problem.objective.reduction,
            "convention": problem.notation.convention.name,
            "penalty": {"l1": problem.objective.l1, "l2": problem.objective.l2},
            **(
                {"optimizer": {"name": "sgd", "learning_rate": update.learning_rate}}
                if update
                else {}
            ),
        }


@dataclass(frozen=True)
class _Choice:
    """One choice of the givens, with the working that agrees best."""

    run: LoopPass
    given: GivenPasted
    convention: str
    columns: bool
    working: Trial
    numbers: Numbers

    @property
    def score(self) -> tuple[int, int]:
        return score_of(self.working)


def score_of(working: Trial) -> tuple[int, int]:
    """Return how well a working fits: lines that agree, less those that are the student's own."""
    return working.agree - PRICE_OF_PINNED * len(working.pinned), working.backward


def check_inferred(runs: Sequence[LoopPass], known: Known) -> Inferred:
    """Mark the arrays of the pass that agrees best, the last one if several agree as well."""
    best: _Choice | None = None
    spent = 0
    with np.errstate(all="ignore"):
        for few_digits, run in itertools.product((False, True), runs):
            numbers = sum(array.values.size for array in run.found)
            if best is not None and (
                2 * best.score[0] >= len(best.run.found) or (few_digits and numbers > LARGE)
            ):
                break
            for each, count in _tries(run, known, MOST_WORKINGS - spent, few_digits):
                spent += count
                if best is None or each.score > best.score:
                    best = each
                if ENOUGH * len(run.found) <= best.score[0]:
                    break
        if best is None:
            return _without_givens(runs[0])
        return _Marked(best, known, spent).inferred()


def _without_givens(run: LoopPass) -> Inferred:
    missing = missing_givens(run)
    summary = texts.givens_missing(", ".join(missing)) if missing else texts.GIVENS_DO_NOT_FIT
    for given in itertools.islice(choices(run), 1):
        try:
            _arrays_of(given, "column").problem()
        except InvalidInput as error:
            summary = error.message
    return Inferred("incomplete", summary, None, (), tuple(run.found))


def _tries(
    run: LoopPass, known: Known, left: int, few_digits: bool
) -> Iterator[tuple[_Choice, int]]:
    """Yield the best working of each choice of the givens, and how many were computed."""
    large = sum(array.values.size for array in run.found) > LARGE
    for number, given in enumerate(choices(run)):
        if number == (FEWEST_CHOICES if large else MOST_CHOICES) or left <= 0:
            return
        tolerance = tolerance_of(given.arrays, few_digits=few_digits)
        if are_single_precision(run.found):
            tolerance = max(tolerance, SINGLE_TOLERANCE)
        numbers = Numbers(run.found, tolerance)
        for convention, columns, problem in _readings(given, known):
            required = [*known.activations, *[None] * len(problem.layers)][: len(problem.layers)]
            own = _own_values(run, problem, columns=columns)
            left = min(left, _affordable(run, problem))
            most = max(1, min(MOST_STATES, left))
            states = forward_states(problem.layers, problem.x, numbers, own, required, most)
            costs = [known.cost] if known.cost else _named_costs(run)
            found = workings(problem, states, numbers, costs, left)
            left -= len(found)
            working = best_working(found, score_of)
            if working is not None:
                others = [a for a in run.found if all(a is not g for g in given.arrays)]
                working = with_penalty(working, others, numbers)
                yield _Choice(run, given, convention, columns, working, numbers), len(found)


def _affordable(run: LoopPass, problem: GivenProblem) -> int:
    """Return how many workings may be computed: fewer of a large network or a long paste."""
    product = len(problem.x) * sum(W.size for W, _ in problem.layers)
    compared = sum(array.values.size for array in run.found) * len(problem.layers)
    return max(FEWEST_WORKINGS, int(MOST_WORK / (product + 20 * compared + 1)))


def _named_costs(run: LoopPass) -> list[str]:
    """Return the cost that the name of a pasted number says."""
    said = {
        "mse": "mse",
        "meansquarederror": "mse",
        "bce": "binary_cross_entropy",
        "binarycrossentropy": "binary_cross_entropy",
        "logloss": "binary_cross_entropy",
    }
    names = [(a.name or "").lower().replace("_", "") for a in run.found if a.values.ndim == 0]
    return list(dict.fromkeys(said[name] for name in names if name in said))


def _readings(given: GivenPasted, known: Known) -> Iterator[tuple[str, bool, GivenProblem]]:
    """Yield the givens with W as (n_out, n_in) or (n_in, n_out), samples as rows or columns."""
    first = known.convention or "column"
    for convention in dict.fromkeys((first, "column", "row")):
        arrays = _arrays_of(given, convention)
        for columns in (False, True):
            try:
                problem = arrays.problem(columns=columns)
            except ExplorerError:
                continue
            if problem.target.shape != (len(problem.x), len(problem.layers[-1][1])):
                continue
            yield convention, columns, problem
            if np.shape(given.x.values)[:1] != np.shape(given.x.values)[1:]:
                break


def _arrays_of(given: GivenPasted, convention: str) -> GivenArrays:
    """Return the givens with W in a convention, and no settings yet."""
    notation = Notation.of(convention, single=False, reduction="sum")
    return GivenArrays(
        [
            (
                notation.read_weights(matrix(layer.W)),
                None if layer.b is None else layer.b.values.ravel(),
            )
            for layer in given.layers
        ],
        np.atleast_1d(given.x.values),
        np.atleast_1d(given.target.values),
        ["identity"] * len(given.layers),
        Objective("mse", "sum"),
        notation,
    )


def _own_values(run: LoopPass, problem: GivenProblem, *, columns: bool) -> dict[str, Array]:
    """Return the student's z and a by line id, in the engine's rows, where their shapes fit."""
    own: dict[str, Array] = {}
    samples = len(problem.x)
    for array in run.found:
        meaning = array.first
        if meaning is None or meaning.quantity not in ("z", "a"):
            continue
        layer = meaning.number(len(problem.layers))
        for k in (layer,) if layer else ():
            if not 1 <= k <= len(problem.layers):
                continue
            shape = (samples, len(problem.layers[k - 1][1]))
            values = array.values
            if values.ndim == 2 and values.shape == shape[::-1] and values.shape != shape:
                values = values.T
            if values.size == shape[0] * shape[1]:
                own.setdefault(f"{meaning.quantity}{k}", values.reshape(shape))
    return own


class _Marked:
    """Reads the arrays under the chosen settings and marks them."""

    def __init__(self, chosen: _Choice, known: Known, spent: int) -> None:
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

    def _alike(self, read: list[Read]) -> list[Read]:
        """Return how the arrays were read; a transposed gradient among others is a mistake."""
        of_weights = [
            r
            for r in read
            if r.match and str(r.line).startswith("dC_dW") and r.array.values.squeeze().ndim == 2
        ]
        if len({self._is_turned(r) for r in of_weights}) < 2:
            return read
        return [replace(r, match=None) if self._is_turned(r) else r for r in read]

    def inferred(self) -> Inferred:
        problem = self._problem()
        lines = self._lines(problem)
        read_ids = {id(read.array) for read in self.read}
        not_read = tuple(a for a in self.reader.arrays if id(a) not in read_ids)
        trace = problem.trace(
            fused=f"dC_da{len(problem.layers)}" not in lines,
            jacobians=any(line.startswith(JACOBIANS) for line in lines),
        )
        result = check(trace, problem.notation, lines)
        settings = self._settings(result)
        self._note_conventions(settings)
        result = replace(result, notes=(*problem.notes, *result.notes))
        verdict = self._verdict(result, not_read)
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
            (*self._pass_note(), *(Note("other_convention", text) for text in self.conventions)),
        )

    def _pass_note(self) -> tuple[Note, ...]:
        if self.run.count == 1:
            return ()
        return (Note("read_as", texts.passes(self.run.number, self.run.count)),)

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
        default = "batch_mean" if "cross" in self.working.cost else "mean"
        if default in fits or not fits:
            return default
        return (printed or fits)[0]

    def _factor_of(self, reduction: str) -> float:
        return REDUCTIONS[reduction].factor(*self.working.problem.target.shape)

    def _problem(self) -> GivenProblem:
        """Return the givens with the settings."""
        rate = self.rates.rate
        has_update = any(read.line and read.line.endswith("_next") for read in self.read)
        notation = Notation.of(
            self.chosen.convention,
            single=self.working.problem.notation.single,
            reduction=self.reduction,
        )
        return replace(
            self.working.problem,
            objective=Objective(
                self.working.cost,
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
            [ACTIVATIONS[name].title for name in self.working.activations],
            COSTS[self.working.cost].title,
            REDUCTIONS[self.reduction].title,
            agreeing,
            of,
        )
        return FoundSettings(
            self.working.activations,
            self.working.cost,
            self.reduction,
            self.chosen.convention,
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

    def _lines(self, problem: GivenProblem) -> dict[str, PrintedArray]:
        """Return the lines in the layout and scale of the working."""
        lines: dict[str, PrintedArray] = {}
        for read in self.read:
            if read.line is None or read.line in lines:
                continue
            lines[read.line] = self._line(read, problem)
        return lines

    def _line(self, read: Read, problem: GivenProblem) -> PrintedArray:
        printed, line = read.array.printed, str(read.line)
        values, quantum = printed.values, printed.quantum
        if line.startswith(JACOBIANS):
            return printed
        plain = line.removesuffix("_next")
        if plain in self.working.values:
            target = np.asarray(self.working.values[plain])
        else:
            W, b = problem.layers[int(plain[1:]) - 1]
            target = W if plain[0] == "W" else b
        if read.match is not None:
            if read.match.turned:
                values, quantum = values.squeeze().T, quantum.squeeze().T
            values, quantum = values.reshape(target.shape), quantum.reshape(target.shape)
            axes = "ij" if plain.startswith(("W", "dC_dW")) else "j" if target.ndim == 1 else "nj"
            axes = "" if plain == "C" else axes
            values, quantum = (
                problem.notation.show(values, axes),
                problem.notation.show(quantum, axes),
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
        if line == "C":
            factor = self.working.printed_cost
        elif line.startswith("dC_d"):
            factor = (
                self.working.parameters if line.startswith(OF_PARAMETERS) else self.working.units
            )
        else:
            return 1.0
        if factor is None or not any(_same(abs(factor), usual) for usual in self._usual):
            return 1.0
        return self._factor_of(self.reduction) / factor

    @property
    def _usual(self) -> list[float]:
        """The factors of the gradient that are conventions; another one is a mistake."""
        return natural_factors(self.working.cost, self.working.problem.target)

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

    def _is_turned(self, read: Read) -> bool:
        """Whether an array is a gradient of W that is printed transposed to W."""
        if read.match is None or not str(read.line).startswith("dC_dW"):
            return False
        shape = np.shape(self.working.values[str(read.line)])
        column = self.working.problem.notation.convention.transposed
        return 1 not in shape and read.match.turned != column

    def _verdict(self, result: CheckResult, not_read: Sequence[Pasted]) -> Verdict:
        if result.verdict == "wrong":
            return "wrong"
        if result.verdict == "incomplete" or not result.lines:
            return "incomplete"
        backward = any(read.line and read.line.startswith("dC_d") for read in self.read)
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
