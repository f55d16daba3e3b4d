"""Which gradients and updates of a program were compared and found right.

A program that changes its parameters is judged by the new values: W − η ∂C/∂W with the given
learning rate, or with one number of the program for all parameters. Any other program is judged by
its gradients, handed back or computed on the way and not changed afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from backprop_explorer.tutor.code.arrays import Array
from backprop_explorer.tutor.code.observed import Observed
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import same_entries
from backprop_explorer.tutor.code.recorder import Assigned
from backprop_explorer.tutor.code.results import Result


class Coverage:
    """What of one program was checked. ``parameters`` are the names W1, b1, … of the network."""

    def __init__(self, program: ProgramRun, parameters: Sequence[str]) -> None:
        self.program = program
        self.observed: Observed = program.observed
        self.parameters = parameters
        self._values = program.recording.values
        self._histories = list(program.recording.histories().values())

    @property
    def updates(self) -> bool:
        """Whether the program changes parameters."""
        returned = any(result.line.endswith("_next") for result in self.observed.results)
        return returned or any(self._updates.values())

    def not_checked(self, unread: Sequence[Result] = ()) -> tuple[str, ...]:
        """Return the lines that were not found right.

        ``unread`` are arrays that the program hands back and that are no lines of the working.
        """
        values = self.observed.values
        lines = {
            result.line
            for result in self.observed.results
            if self.observed.gives(result, values[result.line])
        }
        if self.updates:
            return tuple(
                f"{name}_next"
                for name in self.parameters
                if f"{name}_next" not in lines and not self._is_updated(name)
            )
        other = {
            result.line
            for result in unread
            if result.value.ndim and not self._is_new_parameter(result.value)
        }
        gradients = [f"dC_d{name}" for name in self.parameters]
        return tuple(
            line
            for line in gradients
            if line in other or (line not in lines and not self._is_kept(line))
        )

    def wrong_updates(self) -> list[Result]:
        """Return the new values of parameters that the given learning rate does not give."""
        if "W1_next" not in self.observed.values:
            return []
        return [
            Result(path, self._values[changes[-1].key], f"{name}_next")
            for name, updates in self._updates.items()
            if updates and not self._is_updated(name)
            for path, changes in updates[:1]
        ]

    # Updates

    @cached_property
    def _updates(self) -> dict[str, list[tuple[str, list[Assigned]]]]:
        """By parameter, each variable that holds it with its values, the given one first."""
        found: dict[str, list[tuple[str, list[Assigned]]]] = {each: [] for each in self.parameters}
        for histories in self._histories:
            for path, history in histories.items():
                for at, start in enumerate(history):
                    names = self._names(start.key)
                    changes = self._changes(names, history[at:]) if names else []
                    if not changes:
                        continue
                    # Two biases of zeros are told apart by what becomes of them.
                    right = [each for each in names if self._rate_after(each, changes) is not None]
                    made = start.key in self.observed.creations
                    weak = made and _may_be_other(self._values[start.key])
                    for name in right or ([] if weak else names):
                        found[name].append((path, changes))
                        value = self._values[start.key]
                        if value.size > np.size(self.observed.values[name]):
                            found[f"b{name[1:]}"].append((path, changes))
        return found

    def _names(self, key: int) -> list[str]:
        """Return the parameters that a value is."""
        names = {label.name for label in self.observed.labels[key] if label.factor == 1.0}
        return [name for name in self.parameters if name in names]

    def _changes(self, names: Sequence[str], history: Sequence[Assigned]) -> list[Assigned]:
        """Return the values that a variable has from that of the parameter on, if it changes."""
        shape = self._values[history[0].key].shape
        changes = list(history[:1])
        for change in history[1:]:
            others = self._names(change.key)
            if set(others) & set(names):
                return []  # put back, as after a difference quotient
            if self._values[change.key].shape != shape or others:
                break
            if len(changes) > 1 and not self._is_made_there(change):
                break  # the variable of a loop goes on to another array
            changes.append(change)
        labels = {label.name for label in self.observed.labels[changes[-1].key]}
        is_other = labels - {f"{name}_next" for name in names}
        return [] if len(changes) == 1 or is_other else changes

    def _is_made_there(self, change: Assigned) -> bool:
        """Whether a variable's value was made by the line that gave it, or in a call of it."""
        creation = self.observed.creations.get(change.key)
        if creation is None or change.visit is None:
            return False
        return change.first or self.program.is_called_from(creation.visit, change.visit)

    def _is_updated(self, name: str) -> bool:
        """Whether every variable that holds a parameter got its right new value."""
        rates = {self._rate_after(name, changes) for _, changes in self._updates[name]}
        return self._rate is not None and rates == {self._rate}

    @cached_property
    def _rate(self) -> float | None:
        """The learning rate of most parameters."""
        rates = Counter(
            rate
            for name, updates in self._updates.items()
            for _, changes in updates
            if (rate := self._rate_after(name, changes)) is not None
        )
        return rates.most_common(1)[0][0] if rates else None

    def _rate_after(self, name: str, changes: Sequence[Assigned]) -> float | None:
        """Return the learning rate of one right step; None if there is no such step."""
        start, *later = changes
        lines: set[int | None] = set()
        for at, change in enumerate(later):
            lines.add(change.line)
            rate = self._rate_of(name, self._values[start.key], self._values[change.key])
            if rate is not None:
                # What comes later must be the same line in the next turn of a loop.
                again = at + 1 == len(later) or later[at + 1].line in lines
                return rate if again else None
        return None

    def _rate_of(self, name: str, before: Array, after: Array) -> float | None:
        """Return the number of the program that is the learning rate of this step, or None."""
        wanted = self.observed.values.get(f"{name}_next")
        if wanted is not None and np.size(wanted) == after.size:
            given = float(self.observed.values["learning_rate"])
            return given if same_entries(after, wanted, self.observed.relative) else None
        bound = self.observed.relative * (np.abs(before).max(initial=0.0) + 1e-300)
        step = before.ravel() - after.ravel()
        for gradient in self._gradients(name):
            length = float(gradient @ gradient)
            if gradient.size != step.size or not length:
                continue
            rate = float(step @ gradient) / length
            for number in self._numbers[np.abs(self._numbers - rate) <= 1e-3 * abs(rate)]:
                if (np.abs(step - number * gradient) <= bound).all():
                    return float(number)
        return None

    def _gradients(self, name: str) -> Iterator[Array]:
        """Yield the gradient of a parameter, and that of W with b as a row, in both orders."""
        W, b = (np.asarray(self.observed.values[f"dC_d{each}{name[1:]}"]) for each in "Wb")
        for form in (W if name[0] == "W" else b, np.vstack([b, W]), np.vstack([W, b])):
            yield form.ravel()
            yield form.T.ravel()

    @cached_property
    def _numbers(self) -> Array:
        """The positive numbers of the program: of its variables, its globals and its source."""
        found = {float(value.flat[0]) for value in self._values if value.size == 1}
        frames = self.program.recording.frames
        for code, scope in {frame.code: frame.scope for frame in frames}.items():
            named = (scope.get(each) for each in code.co_names)
            found |= {
                float(each)
                for each in (*code.co_consts, *named)
                if isinstance(each, int | float) and not isinstance(each, bool)
            }
        return np.array(sorted(each for each in found if 0.0 < each < np.inf))

    def _is_new_parameter(self, value: Array) -> bool:
        """Whether an array is some parameter after one step."""
        for name in self.parameters:
            given = np.asarray(self.observed.values[name])
            if given.size == value.size and any(
                self._rate_of(name, form.reshape(value.shape), value) is not None
                for form in (given, given.T)
            ):
                return True
        return False

    # Gradients

    def _is_kept(self, line: str) -> bool:
        """Whether a right gradient is made, and the outermost call that has it does not lose it."""
        keys = {key for key in self.observed.creations if self._gives(key, line)}
        for histories in self._histories:
            held = [
                self._stays(history, at)
                for history in histories.values()
                for at, change in enumerate(history)
                if change.key in keys
            ]
            if held:
                return any(held)
        return False

    def _gives(self, key: int, line: str) -> bool:
        value, wanted = self._values[key], self.observed.values[line]
        forms = self.observed.forms(value)
        if len(forms) > 1 and value.ndim == 2:
            forms = [*forms, value[0], value[-1], value[:, 0], value[:, -1]]
        return any(
            form.size == np.size(wanted) and self.observed.gives(Result("", form, line), wanted)
            for form in forms
        )

    def _stays(self, history: Sequence[Assigned], at: int) -> bool:
        """Whether a variable keeps a value, or gets another line or the next one of a loop."""
        if at + 1 == len(history):
            return True
        after = history[at + 1]
        return (
            after.line in {each.line for each in history[: at + 1]}
            or self._values[after.key].shape != self._values[history[at].key].shape
            or self.observed.is_right(after.key)
        )


def _may_be_other(value: Array) -> bool:
    """Whether something else may have these entries: a number, or an array to be filled later."""
    return value.ndim == 0 or bool(np.all(value == (value.flat[0] if value.size > 1 else 0.0)))
