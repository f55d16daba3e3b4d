"""Find where a program computes something that no mistake of the catalog explains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backprop_explorer.tutor.code.arrays import Array
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.recorder import Visit
from backprop_explorer.tutor.code.results import Result


class UnknownValues:
    """Finds the first unknown values of one program, and the step in which they are made."""

    def __init__(self, program: ProgramRun) -> None:
        self.program = program
        self.observed = program.observed
        self.recording = program.recording

    def first_unknown(self, wrong: Sequence[Result]) -> Visit | None:
        """Return the first line whose value is no quantity of the working, on the way to a result.

        For programs whose mistake is not in the catalog.
        """
        paths = {result.path for result in wrong}
        sizes = {np.size(value) for value in self.observed.values.values()}
        for binding in self.recording.made():
            value = self.recording.values[binding.key]
            if (
                value.size in sizes
                and value.ndim > 0
                and not _is_constant(value)
                and not self.observed.is_right(binding.key)
            ):
                return binding.visit
        ends = [each for each in self.recording.bindings if each.path in paths]
        return ends[-1].visit if ends else None

    def unknown_slope(self) -> tuple[Visit, str] | None:
        """Return where a factor of ∂C/∂z is made that is not f'(z), and the line that it spoils.

        For slips that the catalog does not list: a factor that is unknown, and its product with
        ∂C/∂a.
        """
        values = self.recording.values
        unknown = [
            each
            for each in self.recording.made()
            if not self.program.labels(each.key) and not _is_constant(values[each.key])
        ]
        for k in range(self.observed.depth, 0, -1):
            dC_da = self.observed.values.get(f"dC_da{k}")
            if dC_da is None:
                continue
            for each in unknown:
                found = values[each.key]
                if len(dC_da) == 1 and found.shape == (dC_da.size, dC_da.size):
                    keys = [
                        *self.observed.find(dC_da @ found),
                        *self.observed.find(found @ dC_da.T),
                    ]
                    if any(not self.program.labels(key) and key > each.key for key in keys):
                        return each.visit, f"dC_dz{k}"
                if found.size != np.size(dC_da) or found.size < 2 or not np.isfinite(found).all():
                    continue
                for form in (found.ravel(), found.T.ravel()):
                    product = form.reshape(np.shape(dC_da)) * dC_da
                    keys = self.observed.find(product)
                    if any(not self.program.labels(key) and key > each.key for key in keys):
                        return each.visit, f"dC_dz{k}"
        return self._unknown_step()

    def unknown_activation(self) -> tuple[Visit, str] | None:
        """Return where a function of z is made that is not a, and that the next layer uses."""
        values = self.observed.values
        target = values["target"]
        for k in range(1, self.observed.depth + 1):
            if self.observed.find(values[f"a{k}"]):
                continue
            if not self.observed.find(values[f"z{k}"]):
                return None
            shape = np.shape(values[f"a{k}"])
            for each in self.recording.made():
                found = self.recording.values[each.key]
                if found.size != np.prod(shape) or self.observed.is_right_line(each.key):
                    continue
                for form in (found.reshape(shape), found.T.reshape(shape)):
                    if k < self.observed.depth:
                        after = [form @ values[f"W{k + 1}"] + values[f"b{k + 1}"]]
                    else:
                        factors = [f for s in self.observed.scales for f in (s, 1 / s, 2 / s)]
                        after = [factor * (form - target) for factor in factors]
                    if any(self.observed.find(later) for later in after):
                        return each.visit, f"a{k}"
        return None

    def _unknown_step(self) -> tuple[Visit, str] | None:
        """Return where an unknown ∂C/∂z is made of a right ∂C/∂a: the wrong ∂C/∂W fits to it."""
        values = self.observed.values
        wrong = {
            result.line: result
            for result in self.observed.results
            if not self.observed.gives(result, values[result.line])
        }
        k = max((int(name[5:]) for name in wrong if name.startswith("dC_dW")), default=0)
        known = f"dC_da{k}" if k == self.observed.depth else f"dC_dz{k + 1}"
        if not k or not any(label.name == known for some in self.observed.labels for label in some):
            return None
        below = np.asarray(values["x" if k == 1 else f"a{k - 1}"])
        shape = np.shape(values[f"dC_dz{k}"])
        for each in self.recording.made():
            found = self.recording.values[each.key]
            if found.size != np.prod(shape) or self.program.labels(each.key):
                continue
            for form in (found.reshape(shape), found.T.reshape(shape)):
                if np.any(form) and self.observed.gives(wrong[f"dC_dW{k}"], below.T @ form):
                    return each.visit, f"dC_dz{k}"
        return None


def _is_constant(value: Array) -> bool:
    """Whether all entries are equal: an array that is filled later, or a mask."""
    return value.size > 1 and bool(np.all(value == value.flat[0]))
