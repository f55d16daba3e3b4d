"""Derive the marks of all lines and the diagnoses from the best explanations."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from backprop_explorer.engine.notation import Notation
from backprop_explorer.tutor.checker.check_result import Certainty, Diagnosis, LineMark, LineVerdict
from backprop_explorer.tutor.checker.follow_through import FollowThrough
from backprop_explorer.tutor.checker.reference import (
    Number,
    ReferenceWorking,
    reading_order,
    segment,
)
from backprop_explorer.tutor.checker.search import SearchState
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.checker.tolerance import Tolerance, close_entries, relative_error
from backprop_explorer.tutor.checker.variants import Mistake, Variant
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS

# Explanations with a price up to this much above the best are reported as well.
PRICE_MARGIN = 0.5
MAX_DIAGNOSES = 8


def line_mark(
    reference: ReferenceWorking,
    given: SubmittedLine,
    notation: Notation,
    tolerance: Tolerance,
    verdict: LineVerdict,
    misconception: str | None = None,
) -> LineMark:
    """Return a mark with the smallest error among the readings, and which entries are correct.

    The entries are in the layout of ``notation``. Both are None if shapes differ.
    """
    truth = reference.truth[given.id]
    errors = [relative_error(reading.value, truth) for reading in given.readings]
    error = min((error for error in errors if error is not None), default=None)
    reading = given.reading_shaped_like(truth)
    if reading is None:
        return LineMark(verdict, error, misconception)
    noise = reference.noise.get(given.id)
    right = close_entries(reading.value, reading.quantum, truth, noise, tolerance)
    entries = notation.show(np.asarray(right), reference.nodes[given.id].axes)
    return LineMark(verdict, error, misconception, entries)


@dataclass(frozen=True, slots=True, eq=False)
class Marker:
    """Marks one submission according to one explanation."""

    reference: ReferenceWorking
    submitted: Mapping[str, SubmittedLine]
    notation: Notation
    tolerance: Tolerance

    def marks(self, state: SearchState) -> dict[str, LineMark]:
        """Return a mark for every line of the working."""
        follow_through = self._follow_through(state)
        marks = {name: LineMark("missing") for name in self.reference.nodes}
        for name in self.reference.nodes:
            if name in self.submitted:
                marks[name] = self._mark(name, state, follow_through, marks)
        return marks

    def unused(self) -> frozenset[str]:
        """Return the unfilled lines that no other line was computed from.

        They are no evidence of a mistake.
        """
        if not any(given.unfilled for given in self.submitted.values()):
            return frozenset()
        return self._follow_through(SearchState(Variant(self.reference))).unused()

    def _follow_through(self, state: SearchState) -> FollowThrough:
        own = self._own_numbers(state)
        return FollowThrough(
            self.reference,
            self.submitted,
            self.tolerance,
            from_own_numbers=lambda name: self._from_own_numbers(name, own),
            explained=lambda name: self._last_mistake(name, state) is not None,
        )

    def _own_numbers(self, state: SearchState) -> Variant:
        """Return the correct working with all submitted lines pinned, within their digits."""
        variant = state.variant.without_mistakes()
        for name in reading_order(self.reference):
            if name not in self.submitted:
                continue
            given = self.submitted[name]
            candidates = (
                *variant.candidate_values(name),
                (state.variant.value(name), state.variant.slack(name)),
            )
            matching = (given.matches(*pair, self.tolerance) for pair in candidates)
            reading = next(
                filter(None, matching), given.reading_shaped_like(self.reference.truth[name])
            )
            if reading is not None:
                variant = variant.with_pinned(name, reading.value, reading.quantum)
        return variant

    def _from_own_numbers(self, name: str, own: Variant) -> tuple[Number, Number] | None:
        """Return the value and slack that the student's own numbers give, None if they differ."""
        # Values that were derived from this line (∂C/∂z from ∂C/∂b of one sample) are no proof.
        inputs = self.reference.nodes[name].inputs
        excluded = {name, *(i for i in inputs if i not in self.submitted)}
        pinned = {k: v for k, v in own.pinned.items() if k not in excluded}
        given = self.submitted[name]
        variant = Variant(self.reference, (), pinned)
        variants, line = [variant], self.reference.fused_line
        if line is not None and line not in pinned:
            # ∂C/∂z of the output computed the other way, fused or not.
            others = itertools.islice(variant.candidate_values(line), 1, None)
            variants += [variant.with_pinned(line, *pair) for pair in others]
        candidates = (pair for each in variants for pair in each.candidate_values(name))
        return next((pair for pair in candidates if given.matches(*pair, self.tolerance)), None)

    def _mark(
        self,
        name: str,
        state: SearchState,
        follow_through: FollowThrough,
        marks: Mapping[str, LineMark],
    ) -> LineMark:
        given = self.submitted[name]
        mark = partial(line_mark, self.reference, given, self.notation, self.tolerance)
        if self.reference.is_right(given, self.tolerance):
            return mark("correct")
        if follow_through.from_own_numbers(name) is not None:
            before = follow_through.sources[name]
            if before and all(marks[line].verdict == "correct" for line in before):
                # The difference is the rounding of the correct numbers that it was computed from.
                return replace(mark("correct"), entries=None)
            if follow_through.earned(name):
                return mark("follows")
        # A mistake before an unexplained line does not give its numbers.
        explained = name not in state.unexplained
        return mark("wrong", self._last_mistake(name, state) if explained else None)

    def _last_mistake(self, name: str, state: SearchState) -> str | None:
        """Return the name of the last mistake between this line and the submitted lines before."""
        lines = segment(self.reference, name, self.submitted)
        for line in reversed(lines):
            for mistake in reversed(state.variant.mistakes):
                if line in mistake.lines and changes(state.variant, mistake, line):
                    return mistake.name
        return None


def changes(variant: Variant, mistake: Mistake, line: str) -> bool:
    """Whether the mistake changes the line, with the numbers of ``variant``."""
    others = tuple(m for m in variant.mistakes if m is not mistake)
    without = variant.compute(line, others)
    value = variant.value(line)
    if np.shape(value) != np.shape(without):
        return True
    return bool(np.any(np.abs(value - without) > 1e-12 * np.abs(without)))


def diagnoses(
    states: Sequence[SearchState],
    reference: ReferenceWorking,
    submitted: Mapping[str, SubmittedLine],
) -> tuple[Diagnosis, ...]:
    """Return the mistakes of the best explanation, then those of equally good ones."""
    if not states:
        return ()
    best = states[0]
    equally_good = [
        state
        for state in states
        if state.price < best.price + PRICE_MARGIN and state.unexplained == best.unexplained
    ]
    # Mistakes in lines that no submitted line depends on are not observable.
    observed = {line for name in submitted for line in segment(reference, name, {})}
    found: dict[str, Diagnosis] = {}
    explanations: list[frozenset[str]] = []
    for state in equally_good:
        if len(state.variant.mistakes) > len(best.variant.mistakes):
            continue
        made: set[str] = set()
        for mistake in sorted(
            state.variant.mistakes, key=lambda m: min(reference.order[x] for x in m.lines)
        ):
            lines = tuple(
                line
                for line in reference.nodes
                if line in mistake.lines & observed and changes(state.variant, mistake, line)
            )
            if not lines:
                continue
            made.add(mistake.name)
            if mistake.name not in found:
                found[mistake.name] = Diagnosis(
                    mistake.name,
                    lines,
                    MISCONCEPTIONS[mistake.name].message(mistake.detail),
                    mistake.detail,
                    activations=_activations_used(mistake, lines, reference),
                )
        explanations.append(frozenset(made))
    certainty: Certainty = "one_of_several" if len(set(explanations)) > 1 else "all_lines"
    if best.unexplained:
        certainty = "some_lines"
    first = next(filter(None, explanations), frozenset())
    return tuple(
        replace(each, certainty=certainty, alternative=each.misconception not in first)
        for each in found.values()
    )[:MAX_DIAGNOSES]


def _activations_used(
    mistake: Mistake, lines: Sequence[str], reference: ReferenceWorking
) -> dict[int, str]:
    """Return the activation that each layer of ``lines``, from 1, was computed with."""
    layers = {layer for line in lines if (layer := reference.nodes[line].id.layer)}
    given = {k: reference.trace.network.layers[k - 1].activation for k in sorted(layers)}
    used = MISCONCEPTIONS[mistake.name].activation
    return {k: name for k in given if (name := used(given[k], mistake.detail)) is not None}
