"""Functions that cards ask for: called with the lesson's numbers, in the student's own notebook.

A right function gets the code of its card, which the card takes as an answer. It is a receipt.
It is no proof: anyone can compute it from this file.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.names import TARGET, X, biases, gradient, weights
from backprop_explorer.lessons.given import ANSWER
from backprop_explorer.lessons.questions import Mark
from backprop_explorer.texts import lessons as texts
from backprop_explorer.tutor.problem import Problem

# Consonants, so that no code is a word or a number.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_CODE = re.compile(r"\s*([a-z]{3})[\s-]?([a-z]{3})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """One call: the arguments in order, and what comes out, as nested lists of arrays.

    A program may expect the derivatives of activations as ``jacobians``: other arguments, None if
    there are none. ``working`` computes the numbers, for the checker of programs.
    """

    arguments: Sequence[Any]
    jacobians: Sequence[Any] | None
    expected: Any
    working: Problem


@dataclass(frozen=True, slots=True)
class AskedFunction:
    """A function that a card asks for; ``results`` is the text of what it returns, "" if unsaid."""

    lesson: str
    card: str
    seed: int
    name: str
    parameters: Sequence[str]
    results: str
    calls: Sequence[FunctionCall]

    @property
    def call(self) -> str:
        """How the check calls the function."""
        return f"{self.name}({', '.join(self.parameters)})"

    @property
    def cell(self) -> str:
        """The lines for a notebook that check the function."""
        return texts.function_cell(self.lesson, self.seed, self.card, self.name)

    @property
    def code(self) -> str:
        """The code of the card and its seed, such as KQT-MXR."""
        text = f"{self.lesson}/{self.card}/{self.seed}"
        digest = hashlib.sha256(text.encode()).digest()
        letters = "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:6])
        return f"{letters[:3]}-{letters[3:]}"

    def public(self) -> dict[str, str]:
        """What a card shows of it."""
        return {"cell": self.cell, "call": self.call, "results": self.results}

    def mark(self, answer: str, why: str) -> Mark:
        """Mark the code that the check prints."""
        found = _CODE.fullmatch(answer)
        right = found is not None and "-".join(found.groups()).upper() == self.code
        return Mark(right, why if right else texts.ANOTHER_CODE)


def shown_function(function: AskedFunction | None) -> dict[str, Any]:
    """Return the public field of a question; empty if it asks for no function."""
    return {} if function is None else {"function": function.public()}


def is_code(answer: Any) -> bool:
    """Tell whether an answer looks like the code of a card."""
    return isinstance(answer, str) and _CODE.fullmatch(answer) is not None


@dataclass(frozen=True, slots=True)
class WrittenFunction:
    """Write a function; the answer is the code that ``bx.lesson(…).check`` prints for it."""

    kind: ClassVar[str] = "function"
    prompt: str
    function: AskedFunction
    why: str = ""
    hint: str = ""
    second_hint: str = ""

    def public(self) -> dict[str, Any]:
        """The cell that checks it."""
        return shown_function(self.function)

    def mark(self, answer: Any) -> Mark:
        """Mark the code. Raises InvalidInput naming "answer" if it is no text."""
        if not isinstance(answer, str):
            raise InvalidInput(ANSWER, texts.CODE_WANTED)
        return self.function.mark(answer, self.why)

    def solution(self) -> str:
        """The code."""
        return self.function.code


@dataclass(frozen=True, slots=True, eq=False)
class CostOfArrays:
    """The cost of a layer with W and b as they are when it is called; copied with its arrays."""

    working: Problem
    W: Any
    b: Any

    def __call__(self) -> float:
        """Return the cost."""
        layers = [(self.working.notation.reorient(np.asarray(self.W), "ij"), np.asarray(self.b))]
        return replace(self.working, layers=layers).trace.cost

    def __deepcopy__(self, memo: dict[int, Any]) -> CostOfArrays:
        return CostOfArrays(self.working, *(copy.deepcopy(each, memo) for each in (self.W, self.b)))


def provided(working: Problem, *, jacobians: bool = False) -> Mapping[str, Any]:
    """Return what a call may name beside the values of a lesson, in the working's convention.

    ``layers`` is a list of (W, b), ``activation_funcs`` and ``activation_ders`` have a function of
    z for each layer, ``cost_der`` is a function of prediction and target, and ``gradients`` a list
    of (∂C/∂W, ∂C/∂b). One layer has ``W`` and ``b``, and ``cost()`` of them as they are. A
    derivative gives an array of slopes, with ``jacobians`` the diagonal matrix of them; it is None
    for an activation that is not elementwise.
    """
    names, objective = working.activations, working.objective
    both = [
        tuple(working[gradient(of(k))] for of in (weights, biases))
        for k in range(1, len(names) + 1)
    ]
    alone: dict[str, Any] = {}
    if len(names) == 1:
        W, b = (working[of(1)] for of in (weights, biases))
        alone = {"W": W, "b": b, "cost": CostOfArrays(working, W, b)}
    return {
        **alone,
        "layers": [(working.notation.show(W, "ij").copy(), b) for W, b in working.layers],
        "input": working[X],
        "inputs": working[X],
        "targets": working[TARGET],
        "activation_funcs": [_activation(name) for name in names],
        "activation_ders": [_slope(name, jacobians) for name in names],
        "cost_der": _cost_slope(objective.cost, objective.reduction),
        "gradients": both,
    }


# Cached, so that two draws of a seed have the same functions.
@cache
def _activation(name: str) -> Callable[[Any], Any]:
    compute = ACTIVATIONS[name].compute
    return lambda z: compute(np.atleast_2d(z)).reshape(np.shape(z))


@cache
def _slope(name: str, diagonal: bool) -> Callable[[Any], Any] | None:
    derivative = ACTIVATIONS[name].derivative
    if derivative is None:
        return None
    return lambda z: np.diag(derivative(z)) if diagonal else derivative(z)


@cache
def _cost_slope(name: str, reduction: str) -> Callable[[Any, Any], Any]:
    def cost_der(predict: Any, target: Any) -> Any:
        factor = REDUCTIONS[reduction].factor(*np.atleast_2d(predict).shape)
        return factor * COSTS[name].derivative(predict, target)

    return cost_der
