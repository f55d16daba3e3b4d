"""Which gradients and updates of a program were compared and found right.

A program that changes its parameters is judged by the new values: W − η ∂C/∂W with the given
learning rate, or with one number of the program for all parameters. Any other program is judged by
its gradients, handed back or computed on the way and not changed afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.names import Name
from backprop_explorer.tutor.exercise.observed import Array, Observed, Result
from backprop_explorer.tutor.exercise.returned_lines import ParameterUpdate


@dataclass(frozen=True, eq=False)
class Coverage:
    """What of one program was checked. ``parameters`` are the names W1, b1, … of the network."""

    observed: Observed
    updates: Sequence[ParameterUpdate]
    parameters: Sequence[Name]

    @cached_property
    def rate(self) -> float | None:
        """The learning rate: the given one, or that of most right steps of the program."""
        given = self.observed.lines.get("learning_rate")
        if given is not None:
            return float(given)
        rates = Counter(r for each in self.updates if (r := self._rate_of(each)) is not None)
        return rates.most_common(1)[0][0] if rates else None

    def _rate_of(self, update: ParameterUpdate) -> float | None:
        """Return the rate of a step along the right gradient, if it is a number of the program."""
        run = self.observed.run
        values = self.observed.values
        moved = values[update.source].ravel() - values[update.index].ravel()
        gradients = [np.asarray(self.observed.lines[names.gradient(update.name)])]
        if moved.size != gradients[0].size:
            k = update.name.number or 1
            W, b = (
                np.asarray(self.observed.lines[names.gradient(f(k))])
                for f in (names.weights, names.biases)
            )
            gradients = [np.vstack([b, W]), np.vstack([W, b])]
        bound = self.observed.relative * (np.abs(values[update.source]).max(initial=0.0) + 1e-300)
        for gradient in gradients:
            for form in (gradient.ravel(), gradient.T.ravel()):
                square = float(form @ form)
                if form.size != moved.size or not square:
                    continue
                rate = float(moved @ form) / square
                ahead = run.ancestors([update.index])
                own = [float(values[e].flat[0]) for e in ahead if values[e].size == 1]
                for number in own:
                    near = number > 0 and abs(number - rate) <= 1e-3 * abs(rate)
                    if near and (np.abs(moved - number * form) <= bound).all():
                        return number
        return None

    def is_updated(self, update: ParameterUpdate) -> bool:
        """Whether a parameter got its right new value, and nothing else in the same round."""
        line = names.updated(update.name)
        value = self.observed.values[update.index]
        if line in self.observed.lines:
            result = Result("", value, line)
            wanted = self.observed.lines[line]
            right = self.observed.gives(result, wanted) or any(
                self.observed.gives(Result("", form, line), wanted)
                for form in self.observed.forms(value)[1:]
            )
        else:
            right = self.rate is not None and self._rate_of(update) == self.rate
        # What comes later must be the same line in the next round of a loop.
        run = self.observed.run
        first, last = run.steps[update.index], run.steps[update.last]
        same = np.array_equal(first.value.ravel(), last.value.ravel())  # written through a view
        return right and (same or first.site == last.site)

    def not_checked(self, unread: Sequence[Result] = ()) -> tuple[str, ...]:
        """Return the lines that were not found right.

        ``unread`` are arrays that the program hands back and that are no lines of the working.
        """
        lines = {
            result.line
            for result in self.observed.results
            if self.observed.gives(result, self.observed.lines[result.line])
        }
        if self.updates or any(names.named(line).quantity == "updated" for line in lines):
            right = {
                name
                for name in self.parameters
                if (mine := [each for each in self.updates if each.name == name])
                and all(map(self.is_updated, mine))
            }
            updated = {each.name for each in self.updates}
            return tuple(
                line
                for line in map(names.updated, self.parameters)
                if line.variable not in right and (line.variable in updated or line not in lines)
            )
        other = {result.line for result in unread if result.value.ndim}
        gradients = [names.gradient(name) for name in self.parameters]
        return tuple(e for e in gradients if e in other or (e not in lines and not self._kept(e)))

    def _kept(self, line: str) -> bool:
        """Whether a right gradient is made and its variable does not get another value."""
        run = self.observed.run
        for at, value in enumerate(self.observed.values):
            if not self.observed.made[at] or not self._gives(value, line):
                continue
            if not any(self._replaces(each, at, line) for each in run.readers[at]):
                return True
        return False

    def _gives(self, value: Array, line: str) -> bool:
        wanted = self.observed.lines[line]
        forms = self.observed.forms(value)
        if len(forms) > 1 and value.ndim == 2:
            forms = [*forms, value[0], value[-1], value[:, 0], value[:, -1]]
        return any(
            form.size == np.size(wanted) and self.observed.gives(Result("", form, line), wanted)
            for form in forms
        )

    def _replaces(self, later: int, at: int, line: str) -> bool:
        """Whether a step gives the variable of a gradient another value, no line of the working."""
        run = self.observed.run
        one, two = run.steps[at], run.steps[later]
        name = one.name or "?"
        same = two.name in (name, two.name if two.op == "setitem" else name)
        return (
            same
            and bool(two.name)
            and one.value.shape == two.value.shape
            and not self.observed.is_right(later)
            and not self._gives(self.observed.values[later], line)
        )
