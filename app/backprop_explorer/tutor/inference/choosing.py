"""Choose the givens, their layout, and the working that agrees best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.errors import ExplorerError
from backprop_explorer.engine.names import of_layer
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.objective import Objective
from backprop_explorer.tutor.inference.fits import with_penalty
from backprop_explorer.tutor.inference.forward import MOST_STATES, Activated, forward_states
from backprop_explorer.tutor.inference.givens import GivenPasted, choices, matrix
from backprop_explorer.tutor.inference.inferred import Known
from backprop_explorer.tutor.inference.matching import (
    SINGLE_TOLERANCE,
    Numbers,
    are_single_precision,
    tolerance_of,
)
from backprop_explorer.tutor.inference.pasted import LoopPass
from backprop_explorer.tutor.inference.settings import Trial, best_working, workings
from backprop_explorer.tutor.problem import Problem

Array = NDArray[np.float64]
# The work of all workings, in multiplications; some are always computed.
MOST_WORK, FEWEST_WORKINGS = 3e8, 4
# Choices of the givens that are tried for one paste.
MOST_CHOICES = 12
# Of a paste with more numbers, fewer.
LARGE, FEWEST_CHOICES = 20_000, 2
# A choice under which this part of the arrays agrees is not compared with others.
ENOUGH = 0.7


@dataclass(frozen=True)
class GivenChoice:
    """One choice of the givens, with the working that agrees best."""

    run: LoopPass
    given: GivenPasted
    working: Trial
    numbers: Numbers


def tries_of(
    run: LoopPass, known: Known, left: int, few_digits: bool
) -> Iterator[tuple[GivenChoice, int]]:
    """Yield the best working of each choice of the givens, and how many were computed."""
    large = sum(array.values.size for array in run.found) > LARGE
    for number, given in enumerate(choices(run)):
        if number == (FEWEST_CHOICES if large else MOST_CHOICES) or left <= 0:
            return
        tolerance = tolerance_of(given.arrays, few_digits=few_digits)
        if are_single_precision(run.found):
            tolerance = max(tolerance, SINGLE_TOLERANCE)
        numbers = Numbers(run.found, tolerance)
        forward = [
            (each, _states(run, known, numbers, each, left)) for each in _readings(given, known)
        ]
        # Readings under which fewer of the pasted z and a agree are not gone into.
        best = max((states[0].agree for _, states in forward), default=0)
        costs = [known.cost] if known.cost else _named_costs(run)
        for problem, states in forward:
            if states[0].agree < best:
                continue
            left = min(left, _affordable(run, problem))
            found = workings(problem, states[:left], numbers, costs, left)
            left -= len(found)
            working = best_working(found)
            if working is not None:
                others = [a for a in run.found if all(a is not g for g in given.arrays)]
                working = with_penalty(working, others, numbers)
                yield GivenChoice(run, given, working, numbers), len(found)


def _states(
    run: LoopPass, known: Known, numbers: Numbers, problem: Problem, left: int
) -> list[Activated]:
    """Return the activations under which most of the pasted z and a agree."""
    required = [*known.activations, *[None] * len(problem.layers)][: len(problem.layers)]
    most = max(1, min(MOST_STATES, left, _affordable(run, problem)))
    own = _own_values(run, problem)
    return forward_states(problem.layers, problem.x, numbers, own, required, most)


def _affordable(run: LoopPass, problem: Problem) -> int:
    """Return how many workings may be computed: fewer of a large network or a long paste."""
    product = len(problem.x) * sum(W.size for W, _ in problem.layers)
    compared = sum(array.values.size for array in run.found) * len(problem.layers)
    return max(FEWEST_WORKINGS, int(MOST_WORK / (product + 20 * compared + 1)))


def _named_costs(run: LoopPass) -> list[str]:
    """Return the cost that the name of a pasted number says."""
    names = {(a.name or "").lower().replace("_", ""): None for a in run.found if not a.values.ndim}
    said = {"mse": "mse", "meansquarederror": "mse"}
    said |= dict.fromkeys(("bce", "binarycrossentropy", "logloss"), "binary_cross_entropy")
    return list(dict.fromkeys(said[name] for name in names if name in said))


def _readings(given: GivenPasted, known: Known) -> Iterator[Problem]:
    """Yield the givens with W as (n_out, n_in) or (n_in, n_out), samples as rows or columns."""
    first = known.convention or "column"
    for convention in dict.fromkeys((first, "column", "row")):
        for columns in (False, True):
            try:
                problem = problem_of(given, convention, columns=columns)
            except ExplorerError:
                continue
            if problem.target.shape != (len(problem.x), len(problem.layers[-1][1])):
                continue
            yield problem
            if np.shape(given.x.values)[:1] != np.shape(given.x.values)[1:]:
                break


def problem_of(given: GivenPasted, convention: str, *, columns: bool = False) -> Problem:
    """Return the problem with W in a convention, and no settings yet. Raises InvalidInput."""
    notation = Notation.of(convention, single=False, reduction="sum")
    return Problem.read(
        [
            (
                notation.reorient(matrix(layer.W), "ij"),
                None if layer.b is None else layer.b.values.ravel(),
            )
            for layer in given.layers
        ],
        np.atleast_1d(given.x.values),
        np.atleast_1d(given.target.values),
        ["identity"] * len(given.layers),
        Objective("mse", "sum"),
        notation,
        columns=columns,
    )


def _own_values(run: LoopPass, problem: Problem) -> dict[str, Array]:
    """Return the student's z and a by line id, in the engine's rows, where their shapes fit."""
    own: dict[str, Array] = {}
    for array in run.found:
        meaning = array.first
        layer = None if meaning is None else meaning.number(len(problem.layers))
        if meaning is None or meaning.quantity not in ("z", "a"):
            continue
        if layer is None or not 1 <= layer <= len(problem.layers):
            continue
        shape = (len(problem.x), len(problem.layers[layer - 1][1]))
        values = array.values
        if values.shape == shape[::-1] != shape:
            values = values.T
        if values.size == shape[0] * shape[1]:
            own.setdefault(of_layer(meaning.quantity, layer), values.reshape(shape))
    return own
