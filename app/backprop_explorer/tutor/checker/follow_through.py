"""Follow-through credit: when a wrong line counts as worked on rightly from the student's numbers.

The right operation on the student's own numbers must give the line. Where a trivial filling (zeros,
a constant, a copy of an earlier array) gives it as well, that alone proves nothing: zeros follow
from zeros, and ∂C/∂b of one sample is a copy of ∂C/∂z. Such a line is credited only if the lines
around it show work: every wrong line it is made from is sound, and no other line made from the same
numbers is a trivial filling that does not fit.

Copies that a misconception would make too ("∂C/∂a was taken over as ∂C/∂z" where ReLU's slope is 1)
are not refused for that: an honest student has the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tutor.checker.reference import Number, ReferenceWorking
from backprop_explorer.tutor.checker.search import segment
from backprop_explorer.tutor.checker.submission import SubmittedLine
from backprop_explorer.tutor.checker.tolerance import Tolerance

Array = NDArray[np.float64]


class FollowThrough:
    """Decides for one submission which wrong lines earn follow-through.

    ``from_own_numbers`` returns the value and slack that the right operation on own numbers
    gives a line, or None; ``explained`` says whether a mistake explains a line.
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
        self.tolerance = tolerance
        self.from_own_numbers = cache(from_own_numbers)
        self.explained = cache(explained)
        self.earned = cache(self._earns)
        self._trivial = cache(self._is_trivial)
        self._sound = cache(self._is_sound)
        self._used = cache(self._is_used)

    @cached_property
    def sources(self) -> dict[str, set[str]]:
        """The submitted lines that each was made from, by way of others that were not."""
        return {name: self._sources(name) for name in self.submitted}

    def _sources(self, name: str) -> set[str]:
        lines = segment(self.reference, name, self.submitted)
        steps = [step for line in lines for step in self.reference.steps_for(line)]
        return {i for step in steps for i in step.inputs if i in self.submitted} - {name}

    def _wrong_sources(self, name: str) -> set[str]:
        """The wrong lines among the sources, and those from which a source was concluded."""
        unseen = segment(self.reference, name, self.submitted)
        read = {i for line in unseen for i in self.reference.steps[line].inputs} - set(
            self.reference.steps[name].inputs
        )
        concluded = {self._concluded_from[line] for line in read & self._concluded_from.keys()}
        return (self.sources[name] | concluded - {name}) & self._wrong

    @cached_property
    def _concluded_from(self) -> dict[str, str]:
        """∂C/∂z lines that were not submitted, and the ∂C/∂b that is the same for one sample."""
        if len(self.reference.givens["x"]) > 1:
            return {}
        steps = [self.reference.steps[name] for name in self.submitted]
        return {
            step.inputs[0]: step.id
            for step in steps
            if step.op == "bias_gradient" and step.inputs[0] not in self.submitted
        }

    def _earns(self, name: str) -> bool:
        """Whether the line follows, and was worked out as far as the submission shows."""
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
        """The unfilled lines from which no line was worked out that a trivial filling misses."""
        return frozenset(
            name for name in self._wrong if self.submitted[name].unfilled and not self._used(name)
        )

    def _is_sound(self, name: str) -> bool:
        """Whether a wrong line shows work of the student's own, right or not."""
        if not self._trivial(name) or self._used(name) or self.earned(name):
            return True
        if self.submitted[name].unfilled or not self.explained(name):
            return False
        return all(map(self._sound, self._wrong_sources(name)))

    def _is_used(self, name: str) -> bool:
        """Whether a line that no trivial filling gives was worked out from this one."""
        return any(
            self.from_own_numbers(line) is not None
            and (not self._trivial(line) or self._used(line))
            for line, sources in self.sources.items()
            if name in sources
        )

    def _empty(self, name: str) -> bool:
        """Whether the line is a trivial filling that no operation gives, right or mistaken."""
        if (
            name not in self._wrong
            or not self._trivial(name)
            or self.from_own_numbers(name) is not None
        ):
            return False
        return self.submitted[name].unfilled or not self.explained(name)

    @cached_property
    def _wrong(self) -> set[str]:
        right = self.reference.is_right
        return {n for n, given in self.submitted.items() if not right(given, self.tolerance)}

    def _is_trivial(self, name: str) -> bool:
        """Whether zeros, a constant or a copy of an earlier array give the line as well."""
        given = self.submitted[name]
        numbers = given.printed.values
        if given.unfilled or (numbers.size > 1 and np.all(numbers == numbers.flat[0])):
            return True
        return self._zeros_match(name) or self._copied(name)

    def _zeros_match(self, name: str) -> bool:
        """Whether zeros would have followed too, as far as the digits tell."""
        way = self.from_own_numbers(name)
        if way is None or way[1] is None:
            return False
        return bool(np.all(np.abs(way[0]) <= way[1]))

    def _copied(self, name: str) -> bool:
        """Whether an earlier array or a given holds the same numbers, in any order.

        In any order, because a copy may be transposed.
        """
        numbers, quantum = self._sorted_numbers[name]
        for other, (earlier, rounding) in self._sorted_numbers.items():
            if other == name:
                break
            if earlier.size == numbers.size and np.all(
                np.abs(earlier - numbers) <= 1.01 * (quantum + rounding)
            ):
                return True
        return False

    @cached_property
    def _sorted_numbers(self) -> dict[str, tuple[Array, float]]:
        """The givens, then the submitted lines in order: sorted values, and their rounding."""
        found = {
            name: (np.sort(value, axis=None), 0.0)
            for name, value in self.reference.givens.items()
            if isinstance(value, np.ndarray)
        }
        for name in sorted(self.submitted, key=self.reference.order.__getitem__):
            printed = self.submitted[name].printed
            found[name] = (
                np.sort(printed.values, axis=None),
                float(printed.quantum.max(initial=0.0)),
            )
        return found
