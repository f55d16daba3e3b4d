"""Follow-through credit: wrong lines that are computed correctly from the student's own numbers.

The correct operation on the student's own numbers must give the line. If a trivial filling (zeros,
a constant, a copy of an earlier array) gives the same numbers, this is no proof: zeros follow from
zeros, and ∂C/∂b of one sample is a copy of ∂C/∂z. Such a line gets credit on two conditions. All
wrong lines that it is computed from show work of the student. No other line computed from the same
numbers is a trivial filling that does not follow.

A copy that a misconception gives too ("∂C/∂a was used as ∂C/∂z" where ReLU's slope is 1) is not
refused for that, because an honest student has the same numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tutor.checker.reference import Number, ReferenceWorking, segment
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.checker.tolerance import Tolerance

Array = NDArray[np.float64]


class FollowThrough:
    """Decide which wrong lines of one submission get follow-through credit.

    ``from_own_numbers`` returns the value and slack that the correct operation on the student's own
    numbers gives for a line, None if they differ. ``explained`` tells whether a mistake explains a
    line.
    """

    def __init__(
        self,
        reference: ReferenceWorking,
        submitted: Mapping[str, SubmittedLine],
        tolerance: Tolerance,
        from_own_numbers: Callable[[str], tuple[Number, Number] | None],
        explained: Callable[[str], bool],
    ) -> None:
        self.reference = reference
        self.submitted = submitted
        self.from_own_numbers = cache(from_own_numbers)
        self.explained = cache(explained)
        self.earned = cache(self._earns)
        self._trivial = cache(self._is_trivial)
        self._sound = cache(self._is_sound)
        self._used = cache(self._is_used)
        right = reference.is_right
        self._wrong = {n for n, given in submitted.items() if not right(given, tolerance)}

    @cached_property
    def sources(self) -> dict[str, set[str]]:
        """The submitted lines that each submitted line is computed from, also indirectly."""
        found: dict[str, set[str]] = {}
        for name in self.submitted:
            lines = segment(self.reference, name, self.submitted)
            nodes = [node for line in lines for node in self.reference.nodes_for(line)]
            found[name] = {str(i) for node in nodes for i in node.inputs} & self.submitted.keys()
        return {name: lines - {name} for name, lines in found.items()}

    def _wrong_sources(self, name: str) -> set[str]:
        """Return the wrong lines among the sources, and those that a source was derived from.

        For one sample an unsubmitted ∂C/∂z is derived from a submitted ∂C/∂b, which is equal.
        """
        nodes, lines = self.reference.nodes, segment(self.reference, name, self.submitted)
        read = {i for line in lines for i in nodes[line].inputs} - set(nodes[name].inputs)
        derived = {
            other
            for other in self.submitted
            if len(self.reference.givens["x"]) == 1
            and nodes[other].op == "bias_gradient"
            and nodes[other].inputs[0] in read - self.submitted.keys()
        }
        return (self.sources[name] | derived - {name}) & self._wrong

    def _earns(self, name: str) -> bool:
        """Whether the line follows, and the submission shows that it was computed."""
        if self.from_own_numbers(name) is None:
            return False
        if not self._trivial(name):
            return True
        wrong = self._wrong_sources(name)
        return all(map(self._sound, wrong)) and not any(
            other != name and not wrong.isdisjoint(self.sources[other]) and self._empty(other)
            for other in self.submitted
        )

    def unused(self) -> frozenset[str]:
        """Return the unfilled lines that no nontrivial line was computed from."""
        return frozenset(
            name for name in self._wrong if self.submitted[name].unfilled and not self._used(name)
        )

    def _is_sound(self, name: str) -> bool:
        """Whether a wrong line shows work of the student, correct or not."""
        if not self._trivial(name) or self._used(name) or self.earned(name):
            return True
        return self._worked(name) and all(map(self._sound, self._wrong_sources(name)))

    def _worked(self, name: str) -> bool:
        return not self.submitted[name].unfilled and self.explained(name)

    def _is_used(self, name: str) -> bool:
        """Whether a nontrivial line was computed from this one."""
        return any(
            self.from_own_numbers(line) is not None
            and (not self._trivial(line) or self._used(line))
            for line, sources in self.sources.items()
            if name in sources
        )

    def _empty(self, name: str) -> bool:
        """Whether the line is a trivial filling that neither follows nor has an explanation."""
        follows = name not in self._wrong or self.from_own_numbers(name) is not None
        return not follows and self._trivial(name) and not self._worked(name)

    def _is_trivial(self, name: str) -> bool:
        """Whether zeros, a constant or a copy of an earlier array give the same line."""
        if self.submitted[name].unfilled or self._is_chosen_constant(name):
            return True
        own = self.from_own_numbers(name)
        if own is not None and own[1] is not None and np.all(np.abs(own[0]) <= own[1]):
            return True
        return self._copied(name)

    def _is_chosen_constant(self, name: str) -> bool:
        """Whether all entries are one number that was chosen: a round one, or another line's.

        A constant with many digits that no other line has was computed.
        """
        values = self.submitted[name].printed.values
        if values.size == 1 or not np.all(values == values.flat[0]):
            return False
        constant = float(values.flat[0])
        others = (g.printed.values for line, g in self.submitted.items() if line != name)
        return round(constant, 1) == constant or any(
            other.size > 1 and np.all(other == constant) for other in others
        )

    def _copied(self, name: str) -> bool:
        """Whether an earlier array or a given has the same numbers.

        Numbers are compared sorted, because a copy may be transposed.
        """
        numbers, quantum = self._sorted_numbers[name]
        earlier = itertools.takewhile(lambda item: item[0] != name, self._sorted_numbers.items())
        return any(
            other.size == numbers.size
            and np.all(np.abs(other - numbers) <= 1.01 * (quantum + rounding))
            for _, (other, rounding) in earlier
        )

    @cached_property
    def _sorted_numbers(self) -> dict[str, tuple[Array, float]]:
        """Sorted values and their quantum: of the givens, then of the submitted lines in order."""
        arrays = {
            name: (np.sort(value, axis=None), 0.0)
            for name, value in self.reference.givens.items()
            if isinstance(value, np.ndarray)
        }
        for name in sorted(self.submitted, key=self.reference.order.__getitem__):
            printed = self.submitted[name].printed
            numbers = np.sort(printed.values, axis=None)
            arrays[name] = numbers, float(printed.quantum.max(initial=0.0))
        return arrays
