"""Changes of the source on the recorded run: what follows from a changed expression is computed
again, and nothing else, in a tenth of the time of a run.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from types import FunctionType, MethodType
from typing import Any, Literal, NamedTuple

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.changes.expression_values import (
    READ,
    Execution,
    ExpressionValues,
)
from backprop_explorer.tutor.program.changes.function_parts import detached, names_at, passed_on
from backprop_explorer.tutor.program.changes.places import SourceEdit
from backprop_explorer.tutor.program.changes.rerun import SourceFunction
from backprop_explorer.tutor.program.changes.watched_run import StudentStatement
from backprop_explorer.tutor.program.steps import VIEWS, Change, Run, SourceFrame, Step

IsRight = Callable[[int, Mapping[int, Array]], bool]
FAILED = object()


class PartUse(NamedTuple):
    """One execution of a part of a statement: the steps that another value changes, those that
    read it before and do not change, and the step in whose place they read another value.
    """

    execution: Execution
    steps: tuple[int, ...]
    unchanged: tuple[int, ...] = ()
    read: int | None = None


@dataclass(eq=False)
class StatementPart:
    """A part of a statement whose value is a step, in each execution.

    It is "computed" there, read as an "argument" of a function, or under another name ("renamed");
    from there on it is "kept" in a variable that is returned or belongs to an object.
    """

    node: ast.expr
    kind: Literal["computed", "argument", "renamed", "kept"]
    uses: list[PartUse] = field(default_factory=list)
    reaches_all: bool | None = None
    reached: int = 0  # how many steps are computed from it


class StatementChange(NamedTuple):
    """A change of a statement and what is added to its price; with the ``part`` that it changes,
    and the ids of what the changed expression is part of, if it can be replayed.
    """

    edit: SourceEdit
    more: float = 0.0
    part: StatementPart | None = None
    above: frozenset[int] = frozenset()


class EditReplays:
    """Replays changes of statements in one run. ``results`` are their steps, ``wrong`` those
    of the wrong ones.
    """

    def __init__(
        self, run: Run, forward: frozenset[int], results: Collection[int], wrong: Sequence[int]
    ) -> None:
        self.run, self._forward, self._wrong, self._results = run, forward, wrong, results
        self._needed: list[int] = []
        self.values = ExpressionValues()
        self._names: dict[SourceFunction, dict[int, set[str]]] = {}
        self._passed: dict[SourceFunction, set[str]] = {}
        self._parts_of: dict[SourceFunction, Counter[str]] = {}

    def need(self, executions: Iterable[Execution]) -> None:
        """Say what a change may read: it is computed again, as are the results."""
        read = set[int]().union(*(each.read_steps() for each in executions))
        needed = self.run.ancestors([*self._results, *read])
        self._needed = [int(at in needed) for at in range(len(self.run.steps))]

    def value(self, node: ast.AST, execution: Execution) -> Any:
        """Return a value, FAILED if it cannot be computed without changing something."""
        if not isinstance(node, ast.expr):
            return FAILED
        try:
            with np.errstate(all="ignore"):
                return self.values.compute(node, execution)
        except (Exception, SystemExit):  # noqa: BLE001 - it may not be computed there
            return FAILED

    def is_function(self, node: ast.expr, execution: Execution) -> bool:
        """Whether an expression is a function there that may give an array."""
        found = self.value(node, execution)
        own = isinstance(found, FunctionType | MethodType)
        return own or (not isinstance(found, type) and self.values.is_clean(found))

    def parts(self, statement: StudentStatement) -> Iterator[StatementPart]:
        """Yield the largest parts of a statement that are steps, each in every execution."""
        executions = [each for each in statement.executions if each.end is not None]
        if not executions:
            return
        node, value = statement.node, getattr(statement.node, "value", None)
        if isinstance(node, ast.AugAssign):
            value = ast.BinOp(detached(node.target), node.op, node.value)
            self.values.keep(value)
        waiting: list[tuple[ast.AST, ast.AST]] = [] if value is None else [(value, node)]
        while waiting:
            each, owner = waiting.pop(0)
            found = self.part(statement, each, owner, executions)
            if found is not None:
                yield found
            else:
                inside = ast.iter_child_nodes(each)
                waiting += [(e, each) for e in inside if isinstance(e, ast.expr | ast.keyword)]

    def part(
        self,
        statement: StudentStatement,
        node: ast.AST,
        owner: ast.AST,
        executions: Sequence[Execution],
    ) -> StatementPart | None:
        """Return an expression as a part, if its value is a step in all executions."""
        if not isinstance(node, ast.expr):
            return None
        # Where one array is viewed twice, the readers of both views read one step.
        is_again = isinstance(node, ast.Subscript) and self._is_again(statement, node)
        found = None if is_again else self._computed(node, executions)
        if found is not None:
            return found
        if (found := self._assigned(statement, node, executions)) is not None:
            return found
        if not isinstance(node, READ):
            return None
        if isinstance(owner, ast.Call) and node is not owner.func:
            return self._read(statement, node, "argument", executions)
        if owner is not statement.node and not isinstance(owner, ast.Tuple | ast.Dict | ast.List):
            return None
        if isinstance(statement.target, ast.Name) and owner is statement.node:
            return self._read(statement, node, "renamed", executions)
        if _is_read_again(statement, node) or self._is_read_beside(statement, node, executions):
            return None
        return self.kept(node, executions)

    def _is_again(self, statement: StudentStatement, node: ast.Subscript) -> bool:
        """Whether a part of an array is read in another statement, too."""
        if statement.function not in self._parts_of:
            self._parts_of[statement.function] = Counter(
                ast.unparse(each)
                for each in ast.walk(statement.function.node)
                if isinstance(each, ast.Subscript)
            )
        return self._parts_of[statement.function][ast.unparse(node)] > 1

    def _computed(self, node: ast.expr, executions: Sequence[Execution]) -> StatementPart | None:
        uses = list[PartUse]()
        for each in executions:
            steps = self._steps_of(self.value(node, each), node, each)
            if len(steps) == 1:
                uses.append(PartUse(each, (steps[0],)))
            elif steps or not isinstance(node, ast.Subscript):
                return None  # a view that nothing reads is no step
        # A view that is taken again is one step.
        if not uses or len({each.steps for each in uses}) < len(uses):
            return None
        return StatementPart(node, "computed", uses)

    def _steps_of(self, found: Any, node: ast.expr, execution: Execution) -> list[int]:
        """Return the step of an execution that has a value, perhaps but for rounding; or those of
        views with it, which are steps where they are read first.
        """
        key, steps = _key(found), self.run.steps
        if key is None:
            return []
        end = min(execution.end or 0, len(steps))
        own = [at for at in range(execution.begin, end) if steps[at].op]
        alike = (at for at in own[::-1] if steps[at].value.shape == key[0])
        known = execution.known.get(self.values.sources.get(id(node), ""), (None, None))[1]
        is_view = isinstance(node, ast.Attribute | ast.Subscript | ast.Call) and known is None
        later = self._views if is_view else []
        equal = [at for at in own if self._keys[at] == key]
        text = _letters(ast.unparse(node)) if len(equal) > 1 else ""
        same = chain(
            sorted(equal, key=lambda at: _letters(steps[at].text) != text),
            (at for at in alike if np.allclose(steps[at].value, found, rtol=1e-9, atol=0.0)),
        )
        first = next(same, None)
        views = [at for at in later if at >= end and self._keys[at] == key]
        # It may be a view that was taken before.
        views += [known] if known is not None and steps[known].op in VIEWS else []
        return views if first is None else [first]

    @cached_property
    def _views(self) -> list[int]:
        return [step.index for step in self.run.steps if step.op in VIEWS]

    def _assigned(
        self, statement: StudentStatement, node: ast.expr, executions: Sequence[Execution]
    ) -> StatementPart | None:
        """What a function of the student's returned."""
        if not isinstance(node, ast.Call) or node is not getattr(statement.node, "value", None):
            return None
        text = ast.unparse(node)
        for each in executions:
            if each.assigned is None or each.assigned[1] is None:
                return None
            if not each.begin <= each.assigned[1] < (each.end or 0):
                return None
            each.known[text] = each.assigned
        self.values.sources[id(node)] = text
        self.values.kept.append(node)
        if isinstance(statement.target, ast.Name):
            return self._read(statement, node, "renamed", executions)
        return self.kept(node, executions)

    def _read(
        self,
        statement: StudentStatement,
        node: ast.expr,
        kind: Literal["argument", "renamed"],
        executions: Sequence[Execution],
    ) -> StatementPart | None:
        """A value that a function reads as an argument, or this one under another name."""
        run, uses = self.run, list[PartUse]()
        text, name = ast.unparse(node), ast.unparse(statement.target) if statement.target else ""
        lines = self._names_at(statement.function)
        if kind == "renamed" and name in self._passed_on(statement.function):
            return None  # it is read under other names, too
        for number, each in enumerate(executions):
            at = each.known.get(text, (None, None))[1]
            if at is None:
                return None  # what reads it is not known
            # Where the value stands under two names it is not known which one is read.
            beside = {t for t, (_, step) in each.known.items() if step == at} - {name}
            begin, end = each.begin, each.end or 0
            if kind == "renamed":
                later = (e.begin for e in executions[number + 1 :] if e.frame == each.frame)
                begin, end = end, next(later, len(run.steps))
            readers = [
                k
                for k in run.readers[at]
                if begin <= k < end
                and (
                    kind == "argument"
                    or any(
                        name in lines.get(f.line, ())
                        for f in run.steps[k].frames
                        if self._is_in(statement, f)
                    )
                )
            ]
            frames = (f for k in readers for f in run.steps[k].frames if kind == "renamed")
            if any(
                self._is_in(statement, f) and beside.intersection(lines.get(f.line, ()))
                for f in frames
            ):
                return None
            if readers:
                uses.append(PartUse(each, tuple(readers), (), at))
        return StatementPart(node, kind, uses) if uses else None

    def kept(self, node: ast.expr, executions: Sequence[Execution]) -> StatementPart | None:
        """Return a variable whose value changes for all that reads it afterwards."""
        uses, text, run = list[PartUse](), ast.unparse(node), self.run
        for number, each in enumerate(executions):
            at, end = each.known.get(text, (None, None))[1], each.end or 0
            if at is None:
                return None  # what reads it is not known
            if at in self._forward or run.steps[at].path is not None:
                continue
            readers = [k for k in run.readers[at] if k not in self._forward]
            if at in self._results:  # it is returned, or stays in an object
                before = tuple(k for k in run.readers[at] if k < end or k in self._forward)
                uses.append(PartUse(each, (at,), before))
                continue
            later = (e.end or 0 for e in executions[number + 1 :] if e.frame == each.frame)
            until = next(later, len(run.steps))
            steps = tuple(k for k in readers if end <= k < until)
            if steps:
                uses.append(PartUse(each, steps, (), at))
        return StatementPart(node, "kept", uses) if uses else None

    def _is_read_beside(
        self, statement: StudentStatement, node: ast.expr, executions: Sequence[Execution]
    ) -> bool:
        """Whether the function of a statement reads what this keeps by another name later, too:
        it is not known which of the two each step reads.
        """
        run, text, lines = self.run, ast.unparse(node), self._names_at(statement.function)
        for number, each in enumerate(executions):
            at, end = each.known.get(text, (None, None))[1], each.end or 0
            if at is None:
                continue
            beside = {name for name, (_, step) in each.known.items() if step == at} | {text}
            beside -= {ast.unparse(statement.target)} if statement.target else set()
            later = (e.end or 0 for e in executions[number + 1 :] if e.frame == each.frame)
            until = next(later, len(run.steps))
            for k in run.readers[at]:
                frames = run.steps[k].frames if end <= k < until else ()
                if any(
                    self._is_in(statement, f) and beside.intersection(lines.get(f.line, ()))
                    for f in frames
                ):
                    return True
        return False

    def _names_at(self, function: SourceFunction) -> dict[int, set[str]]:
        if function not in self._names:
            self._names[function] = names_at(function.node)
        return self._names[function]

    def _passed_on(self, function: SourceFunction) -> set[str]:
        if function not in self._passed:
            self._passed[function] = passed_on(function.node)
        return self._passed[function]

    @staticmethod
    def _is_in(statement: StudentStatement, frame: SourceFrame) -> bool:
        name = statement.function.function.__name__
        return frame.function == name and frame.file == statement.file

    @cached_property
    def _keys(self) -> list[Any]:
        return [_key(step.value) for step in self.run.steps]

    def replayed(
        self, change: StatementChange, is_right: IsRight | None = None
    ) -> dict[int, Array] | None:
        """Return the values that differ with a change, None if they cannot all be right.

        Raises what the expression raises.
        """
        part, replaced = change.part, change.edit.replaced
        assert part is not None
        assert replaced is not None
        if not self.reaches_all(part):
            return None
        instead = replaced()

        def value(
            step: Step, inputs: Sequence[Array], changed: Mapping[int, Array], use: PartUse
        ) -> Any:
            found = self.values.compute(part.node, use.execution, changed, instead, change.above)
            if use.read is None:
                return found
            given = zip(step.inputs, inputs, strict=True)
            return self.run.compute(step, [found if at == use.read else e for at, e in given])

        changes: dict[int, Change] = {at: _as_it_was for use in part.uses for at in use.unchanged}
        for use in part.uses:
            changes |= {at: partial(value, use=use) for at in use.steps}
        return self.run.replayed(changes, self._needed, is_right)

    def reaches_all(self, part: StatementPart) -> bool:
        """Whether all wrong results are computed from what a part gives."""
        if part.reaches_all is None:
            found = {at for use in part.uses for at in use.steps}
            for step in self.run.steps[min(found) :]:
                if not found.isdisjoint(step.inputs):
                    found.add(step.index)
            part.reached = sum(self._needed[at] for at in found)
            part.reaches_all = found.issuperset(self._wrong)
        return part.reaches_all


def _is_read_again(statement: StudentStatement, node: ast.expr) -> bool:
    """Whether what a statement keeps elsewhere is read by its own name later."""
    again, text = len(statement.executions) > 1, ast.unparse(node)
    return isinstance(node, READ) and any(
        isinstance(each, type(node))
        and isinstance(each.ctx, ast.Load)
        and each is not node
        and ast.unparse(each) == text
        and (again or each.lineno > statement.last)
        for each in ast.walk(statement.function.node)
    )


def _letters(text: str) -> str:
    """Return a source without blanks and brackets."""
    return "".join(each for each in text if each not in " ()\n")


def _as_it_was(step: Step, _: Sequence[Array], __: Mapping[int, Array]) -> Any:
    return step.value


def _key(value: Any) -> Any:
    """Return what tells arrays and numbers apart; None of other values."""
    if not isinstance(value, np.ndarray | np.number | float | int):
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return None  # words
    return array.shape, np.asarray(array, dtype=float).tobytes()
