"""The search for one change of the source with which all results are right."""

from __future__ import annotations

import ast
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.alignment import Alignment, Outcome
from backprop_explorer.tutor.program.edit_replays import (
    FAILED,
    EditReplays,
    StatementChange,
    StatementPart,
)
from backprop_explorer.tutor.program.edits import (
    Scope,
    SourceEdit,
    Value,
    edits_of,
    in_place_of_pass,
    other_statements,
    places_of,
    value_of,
)
from backprop_explorer.tutor.program.expression_values import READ, Execution, UnknownValueError
from backprop_explorer.tutor.program.function_parts import (
    FunctionParts,
    blocks_of,
    keys_of,
    parts_of,
)
from backprop_explorer.tutor.program.rerun import Reruns, SourceFunction
from backprop_explorer.tutor.program.time_limit import LimitReached, TimeLimit
from backprop_explorer.tutor.program.truth import Matched, multiple
from backprop_explorer.tutor.program.updates import divided_by_own_size
from backprop_explorer.tutor.program.watched_run import StudentStatement, WatchedRun

# How much dearer than the cheapest one that is found another change may be; the lowest price.
NEAR, CHEAPEST, MAX_HITS = 0.6, 0.5, 8
# A change that makes all values on the way true ones, too, is cheaper by this.
MADE_TRUE = 0.5
# What these put together may be right in one part and wrong in another.
JOINS = frozenset({"concatenate", "stack", "setitem", "add_at"})
MAX_OPERANDS, MAX_SIZES = 80, 6
PASSED = -0.2  # the price of a function's line that returns what it is given
# The share of the time in which the program is watched.
WATCHING = 0.3
# The search ends in any case after so many times its time, by the clock.
LONGEST = 3.0
# Statements by price, first those with right inputs and wrong results; until which share of time
# their changes are looked at before they are tried, and until which they are tried.
TIERS = ((-1.0, 0.1, 0.45, 0.6), (0.1, 0.5, 0.75, 0.9), (0.5, 9.0, 0.95, 1.0))


@dataclass(frozen=True, eq=False)
class FoundEdit:
    """A change with which all results are right."""

    file: str
    line: int
    name: str
    price: float
    text: str


@dataclass(frozen=True, eq=False)
class _Candidate:
    statement: StudentStatement
    change: StatementChange
    price: float


class EditSearch:
    """Tries changes of the statements behind wrong results, the cheapest first."""

    def __init__(
        self,
        alignment: Alignment,
        judged: Sequence[Outcome],
        region: Sequence[int],
        origins: Sequence[int],
        is_right: Callable[[], bool],
        seconds: float,
    ) -> None:
        self.alignment, self.run = alignment, alignment.run
        self.judged = [each for each in judged if each.wanted is not None]
        self.wrong = [each for each in self.judged if each.state != "right"]
        self.region, self.origins, self._is_right = region, origins, is_right
        self._seconds = seconds
        self.tried = self.replayed = self.confirmed = 0
        self._parts: dict[SourceFunction, FunctionParts] = {}
        self._keys: list[str] = []

    def found(self) -> list[FoundEdit]:
        """Return the changes that were found, the most likely first."""
        if not self.wrong or self.run.program is None:
            return []
        hits = list[FoundEdit]()
        # An expression may never end: the sum of what has no end.
        with contextlib.suppress(LimitReached), TimeLimit(LONGEST * self._seconds):
            hits.extend(self._hits())
        return sorted(hits, key=lambda each: each.price)

    def _hits(self) -> Iterator[FoundEdit]:
        begin, hits = time.thread_time(), list[FoundEdit]()
        self.reruns = Reruns(self.run, [self.run.steps[each.index] for each in self.judged])
        self.wrong = [each for each in self.wrong if each.index in self.reruns.known]
        if not self.wrong:
            return
        self.judged = [each for each in self.judged if each.index in self.reruns.known]
        self._results = {each.index: each for each in self.judged}
        self.replays = EditReplays(
            self.run,
            self.alignment.truth.forward,
            self._results,
            [each.index for each in self.wrong],
        )
        statements = sorted(self._statements(), key=lambda each: each.price)
        self._keys = keys_of({each.function: None for each in statements})
        read = {function: list(parts.reads.items()) for function, parts in self._parts.items()}
        WatchedRun(self.run, statements, read, WATCHING * self._seconds)
        self.replays.need(execution for each in statements for execution in each.executions)
        for near, far, looking, trying in TIERS:
            limit = min((each.price for each in hits), default=np.inf) + NEAR
            if near + CHEAPEST > limit:
                break
            self._looking_until = begin + looking * self._seconds
            self._trying_until = begin + trying * self._seconds
            some = [each for each in statements if near <= each.price < far and each.executions]
            candidates = sorted(self._candidates(some), key=lambda each: each.price)
            # What can be replayed takes a tenth of the time.
            for replayed in (True, False):
                which = [e for e in candidates if (e.change.part is not None) == replayed]
                for each in self._tried(which, hits):
                    hits.append(each)
                    yield each

    def _candidates(self, statements: Iterable[StudentStatement]) -> Iterator[_Candidate]:
        for statement in statements:
            if time.thread_time() > self._looking_until:
                break
            for change in self._changes(statement):
                price = statement.price + change.edit.price + change.more
                yield _Candidate(statement, change, price)

    def _tried(
        self, candidates: Iterable[_Candidate], before: Sequence[FoundEdit]
    ) -> Iterator[FoundEdit]:
        """Yield which changes make all right, up to a little dearer than the cheapest one."""
        limit = min((each.price for each in before), default=np.inf) + NEAR
        for each in candidates:
            if each.price > limit or time.thread_time() > self._trying_until:
                break
            if len(before) >= MAX_HITS:
                break
            edit, price = each.change.edit, each.price
            if (
                self._may_repair(each.change)
                and self._repairs(each.statement, edit)
                and self._is_confirmed(each.statement, edit)
            ):
                limit = min(limit, price + NEAR)
                price -= MADE_TRUE * self._made_true(each.change)
                yield FoundEdit(each.statement.file, edit.line, edit.name, price, edit.text())

    # Where to look

    def _statements(self) -> Iterator[StudentStatement]:
        """Yield the statements of functions of the way back, but not those that go forward."""
        prices, helpers = self._prices(), self._helpers()
        for function in self.reruns.functions:
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
            self._parts[function] = parts_of(function)
            for each in own:
                each.price = found.get(each, self._price_of_other(each, found))
                if np.isfinite(each.price):
                    yield each

    @staticmethod
    def _price_of_other(
        statement: StudentStatement, known: Mapping[StudentStatement, float]
    ) -> float:
        """Return the price of a statement that computes nothing: by those of its block, if it does
        nothing, or by those that read what it names. A change that is right for all these is more
        likely than one of them.
        """
        node, target = statement.node, statement.target
        if isinstance(node, ast.Pass):
            near = (p for e, p in known.items() if e.block is statement.block)
            return min(0.7, min(near, default=0.7) + 0.05)
        other = min(0.7, min(known.values()) + 0.3)
        if target is None:
            return other
        text = ast.unparse(target)
        reading = (
            price
            for each, price in known.items()
            if any(ast.unparse(e) == text for e in ast.walk(each.node) if isinstance(e, READ))
        )
        return min(other, min(reading, default=0.8) - 0.1)

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
        useful = run.ancestors(right)  # what is wrong there makes these wrong
        meets = set(self.alignment.fit.root.meets)
        for step in run.steps[run.start :]:
            forward = step.index in self.alignment.truth.forward and step.index not in meets
            if not step.op or forward or not step.frames:
                continue
            price = 0.9
            if step.index in origins:
                price = 0.0
            elif step.index in region:
                price = 0.2
            elif step.index in behind and (step.index not in useful or step.op in JOINS):
                price = 0.3
            for depth, frame in enumerate(step.frames):
                own = min(0.9, price + 0.1 * depth)
                found[frame[:2]] = min(own, found.get(frame[:2], 1.0))
        for at, calls in run.passed.items():
            # A function that returns what it is given, and nothing else.
            if at >= run.start and at in behind and at not in self.alignment.truth.forward:
                found |= {frame[:2]: PASSED for _, frame in calls if frame[:2] not in found}
        return found

    # The changes of a statement

    def _changes(self, statement: StudentStatement) -> list[StatementChange]:
        """Return the changes of a statement, by what stands in scope where it first runs."""
        execution = statement.executions[0]
        operands = self._operands(statement)
        scope = self._scope(statement, execution, operands)
        replays = self.replays
        if isinstance(statement.node, ast.Pass):
            executions = [each for each in statement.executions if each.end is not None]
            kept = (replays.kept(each, executions) for each in operands.values())
            parts = [each for each in kept if each is not None and not statement.is_often]
            targets = [each.node for each in parts] if len(statement.block) > 1 else []
            edits = in_place_of_pass(statement.block, statement.at, scope, targets)
        else:
            parts = [] if statement.is_often else list(replays.parts(statement))
            edits = iter(
                [*edits_of(statement.node, scope), *other_statements(statement.block, statement.at)]
            )
        return list(self._looked_at(statement, edits, parts, execution))

    def _operands(self, statement: StudentStatement) -> dict[str, ast.expr]:
        """Return the variables, attributes and entries by their source."""
        found = dict(self._parts[statement.function].reads)
        for text, node in statement.executions[0].entries:
            found.setdefault(text, node)
        return found

    def _scope(
        self, statement: StudentStatement, execution: Execution, operands: Mapping[str, ast.expr]
    ) -> Scope:
        parts, values = self._parts[statement.function], dict[str, Value]()
        kept, replays = self.replays.values, self.replays
        for each in (statement.node, *operands.values(), *parts.factors.values()):
            kept.keep(each)
        methods = _same_method(statement.function, execution.here.get("self"))
        calls = [*methods, *parts.calls.values()]
        calls = [each for each in calls if replays.is_function(each, execution)]
        places = (
            each.expression
            for each in places_of(statement.node)
            if each.kind != "called" and not isinstance(each.expression, ast.Slice)
        )
        texts = {**operands, **parts.factors}
        for node in places:
            texts.setdefault(kept.sources.get(id(node)) or ast.unparse(node), node)
        for text, node in texts.items():
            found = replays.value(node, execution)
            value = None if found is FAILED else value_of(found)
            if value is not None:
                values[text] = value
        sizes = list(dict.fromkeys(n for v in values.values() for n in v.shape if n > 1))
        different = dict[Any, ast.expr]()
        for text, node in operands.items():
            different.setdefault(_values_of(text, statement.executions), node)
        return Scope(
            *(values, list(different.values())[:MAX_OPERANDS], list(parts.factors.values())),
            *(calls, sizes[:MAX_SIZES], self._keys),
            [operands[each] for each in parts.unread if each in operands],
        )

    def _looked_at(
        self,
        statement: StudentStatement,
        edits: Iterable[SourceEdit],
        parts: Sequence[StatementPart],
        execution: Execution,
    ) -> Iterator[StatementChange]:
        """Yield the changes, dearer or cheaper by what they give where the statement first runs: a
        true array, or none.
        """
        parents = _parents(statement, parts)
        known = {id(each.node): each for each in parts}
        before, seen = dict[int, Any](), set[tuple[int, bytes]]()
        for edit in sorted(edits, key=lambda each: each.price):
            if time.thread_time() > self._looking_until:
                break
            part, above = None, list[int]()
            if edit.replaced is not None:
                replaced = edit.replaced()
                node: Any = replaced[0]
                while node is not None and id(node) not in known:
                    node = parents.get(id(node))
                    above.append(id(node))
                part = None if node is None else known[id(node)]
            if part is None:
                yield StatementChange(edit)
                continue
            try:
                with np.errstate(all="ignore"):
                    if id(node) not in before:
                        old = self.replays.values.compute(node, execution)
                        before[id(node)] = np.asarray(old, dtype=float)
                    found = self.replays.values.compute(node, execution, None, replaced, above)
                    found = np.asarray(found, dtype=float)
            except UnknownValueError:
                yield StatementChange(edit)
                continue
            except Exception:  # noqa: BLE001, S112 - it may not be computed there
                continue
            more = self._more(found, before[id(node)], len(part.uses) > 1)
            if more is None:
                continue
            if (id(node), found.tobytes()) in seen and found.size > 1:
                more += 0.3  # a cheaper change gives the same here
            seen.add((id(node), found.tobytes()))
            yield StatementChange(edit, more, part, frozenset(above))

    def _more(self, found: Array, before: Array, is_several: bool) -> float | None:
        """Return what is added to the price of a change that gives another array, None of one that
        changes nothing.
        """
        if found.shape == before.shape and np.array_equal(found, before):
            return 0.1 if is_several else None  # the first time, what is read may be 0
        more = 0.0 if found.shape == before.shape else 0.5
        if found.size > 1 and np.isfinite(found).all():
            with np.errstate(all="ignore"):
                good = any(map(self._is_true, self.alignment.known(found)))
            more += -0.5 if good else 0.3
        return more

    def _is_true(self, matched: Matched) -> bool:
        """Whether a true array is there with a factor that is no mistake of its own."""
        of_gradient = matched.label.kind in ("gradient", "share")
        usual = matched.factor > 0 and self.alignment.is_usual(matched.factor)
        return usual if of_gradient else matched.label.kind == "slope" and matched.factor > 0

    # One change

    def _may_repair(self, change: StatementChange) -> bool:
        """Whether a change makes all right on the recorded run, as far as it can be replayed."""
        if change.part is None:
            return True
        self.replayed += 1
        try:
            values = self.replays.replayed(change, self._is_possible)
        except Exception:  # noqa: BLE001 - it may not be computed without a run
            return True
        return values is not None and self._are_right(
            {
                each.index: values.get(each.index, self.run.steps[each.index].value)
                for each in self.judged
            },
            kept=False,
        )

    def _is_possible(self, at: int, values: Mapping[int, Array]) -> bool:
        """Whether a result, if it is one, may be right."""
        each = self._results.get(at)
        if each is None:
            return True
        if np.array_equal(values[at], self.run.steps[at].value):
            return each.state == "right"
        return self._are_right({at: values[at]}, [each], kept=False)

    def _made_true(self, change: StatementChange) -> float:
        """Return which share of the wrong values behind the results a change makes true ones."""
        if change.part is None:
            return 0.0
        try:
            values = self.replays.replayed(change) or {}
        except Exception:  # noqa: BLE001 - it may not be computed without a run
            return 0.0
        wrong = [at for at in self.region if self.run.steps[at].value.size > 1]
        changed = [values[at] for at in wrong if at in values]
        true = [e for e in changed if any(map(self._is_true, self.alignment.known(e)))]
        return len(true) / max(1, len(wrong))

    @contextlib.contextmanager
    def _changed(self, statement: StudentStatement, edit: SourceEdit) -> Iterator[None]:
        function = statement.function.function
        before = function.__code__
        try:
            edit.make()
            function.__code__ = statement.function.compiled()
            yield
        finally:
            function.__code__ = before
            edit.undo()

    def _repairs(self, statement: StudentStatement, edit: SourceEdit) -> bool:
        """Whether a run of the changed program has right results."""
        self.tried += 1
        try:
            with self._changed(statement, edit):
                values = self.reruns.values()
        except (SyntaxError, ValueError, TypeError):
            return False
        return values is not None and self._are_right(values)

    def _is_confirmed(self, statement: StudentStatement, edit: SourceEdit) -> bool:
        """Whether the check of the changed program finds nothing wrong."""
        self.confirmed += 1
        with self._changed(statement, edit):
            return self._is_right()

    def _are_right(
        self,
        values: Mapping[int, Array],
        judged: Sequence[Outcome] | None = None,
        *,
        kept: bool = True,
    ) -> bool:
        run, left = self.run, list[Outcome]()
        for each in self.judged if judged is None else judged:
            value = values[each.index]
            if not np.isfinite(value).all():
                return False
            same = np.array_equal(value, run.steps[each.index].value)
            if same and each in self.wrong:
                return False
            if each.is_update and each.source is not None and each.wanted is not None and not same:
                before = run.steps[each.source].value
                if before.size == value.size and divided_by_own_size(
                    value.reshape(before.shape) - before, each.wanted, self.alignment.tolerance
                ):
                    if kept and each in self.wrong and not self._is_kept(each, each.wanted):
                        return False
                    continue
            left.append(each)
        return not left or self.alignment.all_right(values, left)

    def _is_kept(self, outcome: Outcome, wanted: Array) -> bool:
        """Whether the program keeps a multiple of a gradient, or of its square, if it keeps any
        array of that shape: an update that is divided by its size does not tell.
        """
        beside = self.reruns.beside.get(outcome.index, [])
        found = (multiple(a, of, 1e-6) for a in beside for of in (wanted, wanted**2))
        return not beside or any(factor is not None for factor in found)


def _values_of(text: str, executions: Sequence[Execution]) -> Any:
    """Return what an expression is in each execution, or its source if that is not known."""
    if any(text not in each.known for each in executions):
        return text
    values = (np.asarray(each.known[text][0]) for each in executions)
    return tuple((value.shape, value.tobytes()) for value in values)


def _parents(statement: StudentStatement, parts: Sequence[StatementPart]) -> dict[int, ast.AST]:
    """Return what each expression of a statement is a part of, by ids."""
    found = {
        id(child): node for node in ast.walk(statement.node) for child in ast.iter_child_nodes(node)
    }
    for each in parts:
        right, node = getattr(each.node, "right", None), statement.node
        if isinstance(node, ast.AugAssign) and right is node.value:
            found[id(right)] = each.node
    return found


def _same_method(function: SourceFunction, owner: Any) -> Iterator[ast.expr]:
    """Yield the methods of the same name of the objects that an object has."""
    name = function.function.__name__
    for attribute, each in list(getattr(owner, "__dict__", {}).items()):
        if callable(getattr(type(each), name, None)) and attribute.isidentifier():
            yield ast.parse(f"self.{attribute}.{name}", mode="eval").body
