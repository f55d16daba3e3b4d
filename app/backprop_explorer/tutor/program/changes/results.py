"""Whether the results of a changed program are right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.changes.rerun import Reruns
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.truth import multiple
from backprop_explorer.tutor.program.updates import divided_by_own_size


class ChangedResults:
    """Judges the ``judged`` results of one program with other values. ``reruns`` gives what is kept
    beside them.
    """

    def __init__(self, alignment: Alignment, judged: Sequence[Outcome], reruns: Reruns) -> None:
        self.alignment, self.run = alignment, alignment.run
        self.judged, self.reruns = judged, reruns
        self.wrong = that_must_change(judged)
        self._divided: dict[tuple[int, bool], bool] = {}
        self._sized: dict[int, bool] = {}

    def are_right(
        self,
        values: Mapping[int, Array],
        judged: Sequence[Outcome] | None = None,
        *,
        kept: bool = True,
        anew: bool = False,
    ) -> bool:
        """Whether results are right with other values.

        ``kept``: of an update that is divided by its own size only the signs can be judged, so the
        program must keep the gradient or its square. ``anew``: all may get another common factor.
        """
        run, left = self.run, list[Outcome]()
        for each in self.judged if judged is None else judged:
            value = values.get(each.index, run.steps[each.index].value)
            if not np.isfinite(value).all():
                return False
            same = np.array_equal(value, run.steps[each.index].value)
            if same and each in self.wrong:
                return False
            anew |= not same and each.state == "right"
            if each.is_update and each.source is not None and each.wanted is not None and not same:
                if self.is_by_size(each, value):
                    if kept and each in self.wrong and not self.is_kept(each):
                        return False
                    continue
                before = run.steps[each.source].value
                if before.size == value.size > 2 and self._is_divided(each):
                    moved = value.reshape(before.shape) - before
                    signs = moved * each.wanted
                    if (signs > 1e-3 * np.abs(signs).max()).any():
                        return False
                    is_plain = multiple(moved, each.wanted, self.alignment.tolerance) is not None
                    if kept and each in self.wrong and not is_plain:
                        if not self.is_kept(each):
                            return False
                        continue  # by an unknown array: the check of the changed program decides
            left.append(each)
        found = self.alignment.factors_if_right(values, left, anew=anew)
        return not left or found is not None

    def have_scale(self, values: Mapping[int, Array]) -> bool:
        """Whether the gradients of divided updates have the factor of the others with the values of
        a replay.
        """
        for each in self.wrong:
            if each.own is not None and each.wanted is not None:
                value = values.get(each.own)
                if value is None or value.size != each.wanted.size:
                    return False
                factor = multiple(value, each.wanted, self.alignment.tolerance)
                if factor is None or abs(abs(factor) / self.alignment.scale - 1.0) > 1e-3:
                    return False
        return True

    def _is_divided(self, outcome: Outcome, *, decays: bool = False) -> bool:
        """Whether an update is a gradient that is divided by an array, as by the root of an
        average, and has no state and no decay: then it goes down at every entry. Or whether it is
        divided and ``decays``.
        """
        at, run = outcome.index, self.run
        if (at, decays) not in self._divided:
            behind = [run.steps[e] for e in run.ancestors([at]) - self.alignment.truth.forward]
            size = outcome.wanted.size if outcome.wanted is not None else 0
            states = (e for e in behind if not e.op and e.index != outcome.source)
            more = any(e.value.size == size and e.value.any() for e in states)
            more |= any(e.index != at and outcome.source in e.inputs for e in behind)
            self._divided[at, decays] = more is decays and any(
                e.op == "divide" and run.steps[e.inputs[1]].value.size == size > 2 for e in behind
            )
        return self._divided[at, decays]

    def is_by_size(self, outcome: Outcome, value: Array) -> bool:
        """Whether an updated parameter has moved by a gradient that is divided by its own size."""
        if not outcome.is_update or outcome.source is None or outcome.wanted is None:
            return False
        before = self.run.steps[outcome.source].value
        if before.size != value.size or not self._has_sizes(outcome):
            return False
        moved = value.reshape(before.shape) - before
        return divided_by_own_size(moved, outcome.wanted, self.alignment.tolerance)

    def _has_sizes(self, outcome: Outcome) -> bool:
        """Whether an update is made with a root or a sign, or divided by an array of its size: a
        few entries may all move alike by chance.
        """
        if outcome.index not in self._sized:
            run, size = self.run, self.run.steps[outcome.index].value.size
            behind = run.ancestors([outcome.index]) - self.alignment.truth.forward
            self._sized[outcome.index] = any(
                run.steps[at].op in ("sqrt", "sign", "absolute", "power")
                or (
                    run.steps[at].op == "divide"
                    and run.steps[run.steps[at].inputs[1]].value.size == size
                )
                for at in behind
            )
        return self._sized[outcome.index]

    def is_kept(self, outcome: Outcome) -> bool:
        """Whether the program keeps a multiple of a gradient, or of its square, if it keeps any
        array of that shape: an update that is divided by its size does not tell.
        """
        wanted: Any = outcome.wanted
        beside = self.reruns.beside.get(outcome.index, [])
        found = (multiple(a, of, 1e-6) for a in beside for of in (wanted, wanted**2))
        return not beside or any(factor is not None for factor in found)


def that_must_change(judged: Sequence[Outcome]) -> list[Outcome]:
    """Return the wrong results that no right program has. Those that are only multiples of their
    gradients may be right, where others are not even that.
    """
    wrong = [each for each in judged if each.state != "right"]
    return [each for each in wrong if each.factor is None] or wrong


def agree(value: Array, other: Array) -> bool:
    """Whether two arrays of one size are equal but for rounding."""
    largest = float(np.abs(other).max(initial=0.0))
    return bool(np.allclose(value.ravel(), other.ravel(), rtol=1e-6, atol=1e-9 * largest))
