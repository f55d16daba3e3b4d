"""What a check of pasted numbers is told and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from backprop_explorer.tutor.checker import CheckResult
from backprop_explorer.tutor.checker.check_result import Note
from backprop_explorer.tutor.inference.givens import GivenPasted
from backprop_explorer.tutor.inference.pasted import Pasted
from backprop_explorer.tutor.inference.reading import LineRead
from backprop_explorer.tutor.problem import Problem
from backprop_explorer.tutor.reading.printed_array import PrintedArray

Verdict = Literal["correct", "other_convention", "wrong", "incomplete"]


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
    read: tuple[LineRead, ...]
    not_read: tuple[Pasted, ...]
    problem: Problem | None = None
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
        show, update = problem.notation.show, problem.update
        layers = zip(problem.layers, problem.activations, strict=True)
        return {
            "layers": [
                {"W": show(W, "ij").tolist(), "b": b.tolist(), "activation": activation}
                for (W, b), activation in layers
            ],
            "x": show(problem.x, "ni").tolist(),
            "target": show(problem.target, "nj").tolist(),
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
