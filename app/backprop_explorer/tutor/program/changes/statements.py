"""Which statements a change is tried in, and how likely they have the mistake."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.changes.expression_values import READ
from backprop_explorer.tutor.program.changes.function_parts import blocks_of
from backprop_explorer.tutor.program.changes.rerun import SourceFunction
from backprop_explorer.tutor.program.changes.watched_run import StudentStatement
from backprop_explorer.tutor.program.outcome import Outcome

# What these put together may be right in one part and wrong in another.
JOINS = frozenset({"concatenate", "stack", "setitem", "add_at"})
UNLIKELY = 0.9  # the price of a line that no wrong result is computed from
RENAMES = 0.4  # the price of a line that keeps a value under another name
_CONSTANTS = ("np.zeros", "np.ones", "np.empty", "np.full")
LOOPS = 0.15  # what is added to the price of a statement for the loop around it
PASSED = -0.2  # the price of a function's line that returns what it is given


class EditStatements:
    """The statements of one program that may have the mistake.

    ``region`` are the steps behind its wrong results, ``origins`` those of them with right inputs.
    ``is_unusual``: a factor of all results may be missing.
    """

    def __init__(
        self,
        alignment: Alignment,
        judged: Sequence[Outcome],
        region: Sequence[int],
        origins: Sequence[int],
        *,
        is_unusual: bool,
    ) -> None:
        self.alignment, self.run, self.judged = alignment, alignment.run, judged
        self.wrong = [each for each in judged if each.state != "right"]
        self.region, self.origins, self._is_unusual = region, origins, is_unusual

    def statements(self, functions: Iterable[SourceFunction]) -> Iterator[StudentStatement]:
        """Yield the statements of functions of the way back, but not those that go forward."""
        prices, helpers = self._prices(), self._helpers()
        for function in functions:
            file = function.function.__code__.co_filename
            own = [
                StudentStatement(function, node, block, at)
                for block in blocks_of(function.node)
                for at, node in enumerate(block)
            ]
            found: dict[StudentStatement, float] = {}
            for each in own:
                lines = [(file, n) for n in range(each.node.lineno, each.last + 1)]
                known = [prices[line] for line in lines if line in prices]
                if known and not any(line in helpers for line in lines):
                    found[each] = min(known)
                elif any(line in helpers for line in lines):
                    found[each] = np.inf
            if not any(np.isfinite(price) for price in found.values()):
                continue
            for each in own:
                each.price = found.get(each, UNLIKELY)
                if each not in found or each.price == UNLIKELY:
                    # The price of what reads its value may be known.
                    each.price = self._price_of_other(each, found)
                if np.isfinite(each.price):
                    yield each

    @staticmethod
    def _price_of_other(
        statement: StudentStatement, known: Mapping[StudentStatement, float]
    ) -> float:
        """Return the price of a statement that computes nothing: by those of its block, if it does
        nothing, or by those that read what it names, or give what it returns. A change that is
        right for all these is more likely than one of them.
        """
        node, target = statement.node, statement.target
        if isinstance(node, ast.Pass):
            near = (p for e, p in known.items() if e.block is statement.block)
            return min(0.7, min(near, default=0.7) + 0.05)
        other = min(0.7, min(known.values()) + 0.3)
        if isinstance(node, ast.For):
            return min((p for e, p in known.items() if e.block is node.body), default=0.7) + LOOPS
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Name):
            text = node.value.id
            given = (p for e, p in known.items() if e.target and ast.unparse(e.target) == text)
            return min(other, min(given, default=0.8) - 0.1)
        if target is None:
            return other
        if isinstance(node, ast.Assign) and isinstance(node.value, READ):
            other = min(other, RENAMES)
        text = ast.unparse(target)
        reading = (
            price
            for each, price in known.items()
            if any(ast.unparse(e) == text for e in ast.walk(each.node) if isinstance(e, READ))
        )
        more = 0.1 if _makes_constant(node) else -0.1
        return min(other, min(reading, default=0.8) + more)

    def _helpers(self) -> set[tuple[str, int]]:
        """Return the lines that go forward: only that, or in other calls of their function. Where
        a prediction meets its target, the way back begins.
        """
        run, meets = self.run, set(self.alignment.fit.root.meets)
        forward = self.alignment.truth.forward - meets
        ahead, back = dict[tuple[str, int], set[int]](), dict[tuple[str, int], set[int]]()
        for step in run.steps:
            for frame in step.frames[:1] if step.op else ():
                which = ahead if step.index in forward else back
                which.setdefault(frame[:2], set()).add(frame.call)
        return {line for line, calls in ahead.items() if calls - back.get(line, set())}

    def _prices(self) -> dict[tuple[str, int], float]:
        """Return the lines of the way back, those of wrong results and right inputs first."""
        run, found = self.run, dict[tuple[str, int], float]()
        behind = run.ancestors([each.index for each in self.wrong])
        origins, region = set(self.origins), set(self.region)
        right = [each.index for each in self.judged if each.state == "right"]
        right = [] if self._is_unusual else right  # a factor of all may be missing
        useful = run.ancestors(right)  # what is wrong there makes these wrong
        meets = set(self.alignment.fit.root.meets)
        for step in run.steps[run.start :]:
            forward = step.index in self.alignment.truth.forward and step.index not in meets
            if not step.op or forward or not step.frames:
                continue
            price = UNLIKELY
            if step.index in origins:
                price = 0.0
            elif step.index in region:
                price = 0.2
            elif step.index in behind and (step.index not in useful or step.op in JOINS):
                price = 0.3
            for depth, frame in enumerate(step.frames):
                own = min(UNLIKELY, price + 0.1 * depth)
                found[frame[:2]] = min(own, found.get(frame[:2], 1.0))
        for at, calls in run.passed.items():
            # A function that returns what it is given, and nothing else.
            if at >= run.start and at in behind and at not in self.alignment.truth.forward:
                found |= {frame[:2]: PASSED for _, frame in calls if frame[:2] not in found}
        return found


def _makes_constant(statement: ast.stmt) -> bool:
    """Whether a statement makes an array of zeros or ones, to which others are added."""
    value = statement.value if isinstance(statement, ast.Assign) else None
    return isinstance(value, ast.Call) and ast.unparse(value.func).startswith(_CONSTANTS)
