"""The search for one change of the source with which all results are right."""

from __future__ import annotations

import ast
import contextlib
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.changes import rerun
from backprop_explorer.tutor.program.changes.edits import (
    edit_of,
    edits_of,
    in_place_of_pass,
    other_statements,
)
from backprop_explorer.tutor.program.changes.expression_values import (
    READ,
    Execution,
    UnknownValueError,
)
from backprop_explorer.tutor.program.changes.function_parts import (
    FunctionParts,
    detached,
    flags_of,
    keys_of,
    other_calls_of,
    parts_of,
    siblings_of,
    slopes_of,
    words_of,
)
from backprop_explorer.tutor.program.changes.handed_values import line_of_name
from backprop_explorer.tutor.program.changes.kinds import RARE_KINDS, USUAL_KINDS
from backprop_explorer.tutor.program.changes.names import EditNames
from backprop_explorer.tutor.program.changes.pairs import pairs_of
from backprop_explorer.tutor.program.changes.places import (
    Scope,
    SourceEdit,
    Value,
    places_of,
    value_of,
)
from backprop_explorer.tutor.program.changes.replays import (
    FAILED,
    EditReplays,
    StatementChange,
    StatementPart,
)
from backprop_explorer.tutor.program.changes.rerun import Reruns, SourceFunction
from backprop_explorer.tutor.program.changes.results import ChangedResults, agree, that_must_change
from backprop_explorer.tutor.program.changes.statements import EditStatements
from backprop_explorer.tutor.program.changes.watched_run import StudentStatement, WatchedRun
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.time_limit import LimitReached, TimeLimit
from backprop_explorer.tutor.program.truth import Matched

# By how much the price of another change that is found may be higher than the lowest one; the
# lowest price that there is; how many changes are found, and how many of one line.
NEAR, CHEAPEST, MAX_HITS, MAX_OF_LINE = 0.6, 0.5, 8, 2
# A change that makes all values on the way true ones, too, is cheaper by this.
MADE_TRUE = 0.5
# What is added to the price of a change after which the common factor of the results is still no
# number of the program.
UNUSUAL = 0.8
MAX_OPERANDS, MAX_SIZES, HUGE = 80, 6, 1e7
WITHOUT_ARRAYS = 0.6  # the price of a statement that makes a list of numbers or of nothing
# The work of a search is counted and not timed, so that a busy machine finds the same: in seconds
# that it takes on a usual machine. The check of a program with n steps takes CHECK[0] + n CHECK[1];
# to judge an update that is divided by the root of an average takes ROOTED in place of RESULT.
STATEMENT, CHANGE, LOOK, NODE = 3e-4, 8e-6, 25e-6, 1.2e-6
REPLAY, STEP, RESULT, ROOTED, CHECK = 6e-6, 3.2e-6, 42e-6, 2e-4, (3.6e-3, 3e-4)
# A changed program is run where a replay would take so many times as long.
LESS = 3.0
# The search in a program of n steps gets 1 + n / MANY_STEPS times the work, MOST_TIMES at most.
MANY_STEPS, MOST_TIMES = 2_000, 2.0
# The longest time for one expression, which may never end, and for all, by the clock; and the
# longest processor time for all, where the work was counted too low.
LONGEST, LONGEST_SEARCH, MOST_TIME = 0.3, 60.0, 15.0


class _Tier(NamedTuple):
    """Which statements and changes are tried, from a price to a price.

    ``looking``, ``replaying`` and ``running`` are shares of the work: up to them changes are
    computed where their statement runs, replayed on the recorded run, and run.
    """

    statements: tuple[float, float]
    changes: tuple[float, float]
    looking: float
    replaying: float
    running: float


# The price below which a statement has right inputs; the share of the work up to which two changes
# are looked for.
FIRST, PAIRS = 0.1, 0.9
# A statement gets so many times its share of the work of looking: those after it may need less.
FAIR = 2.0
# First the usual changes of the statements behind wrong results, then all of those with right
# inputs.
USUAL = 1.25
TIERS = (
    _Tier((-1.0, FIRST), (0.0, USUAL), 0.35, 0.45, 0.0),
    _Tier((FIRST, 0.5), (0.0, USUAL), 0.5, 0.6, 0.66),
    _Tier((-1.0, FIRST), (USUAL, 9.0), 0.74, 0.82, 0.0),
    _Tier((FIRST, 0.5), (USUAL, 9.0), 0.86, 0.91, 0.94),
    _Tier((0.5, 9.0), (0.0, 9.0), 0.96, 0.98, 1.0),
)


@dataclass(frozen=True, eq=False)
class FoundEdit:
    """A change with which all results are right. ``gives_rate``: then the updates have a factor
    that is a number of the program, or gradients the factor 1. ``assigned`` is the line that
    assigns what is changed, if nothing else reads it: there a change does the same.
    ``leaves_penalty``: it leaves out a term that may be the gradient of a penalty.
    """

    file: str
    line: int
    name: str
    price: float
    text: str
    gives_rate: bool = False
    assigned: int | None = None
    leaves_penalty: bool = False


@dataclass(frozen=True, eq=False)
class _Candidate:
    statement: StudentStatement
    change: StatementChange
    price: float


@dataclass(eq=False)
class _Changes:
    """The changes of a statement, cheap ones first, and the parts that can be replayed; ``seen``
    are values that they gave.
    """

    edits: list[SourceEdit]
    scope: Scope
    parts: list[StatementPart]
    seen: set[tuple[int, bytes]] = field(default_factory=set)
    is_whole: bool = False

    def of(self, statement: ast.stmt, prices: tuple[float, float]) -> list[SourceEdit]:
        """Return the changes of some price; those of rare kinds are not made before."""
        least, most = prices
        if most > USUAL and not self.is_whole and not isinstance(statement, ast.Pass):
            self.is_whole = True
            found = _by_price(edits_of(statement, self.scope, RARE_KINDS))
            return _by_price([*found, *(each for each in self.edits if least < each.price)])
        return [each for each in self.edits if least < each.price <= most]


def _by_price(edits: Iterable[SourceEdit]) -> list[SourceEdit]:
    return sorted(edits, key=lambda each: each.price)


class EditSearch:
    """Tries changes of the statements behind wrong results, the cheapest first."""

    def __init__(
        self,
        alignment: Alignment,
        judged: Sequence[Outcome],
        region: Sequence[int],
        origins: Sequence[int],
        is_right: Callable[[Collection[str]], bool],
        seconds: float,
    ) -> None:
        self.alignment, self.run = alignment, alignment.run
        self.judged = [each for each in judged if each.wanted is not None]
        self.wrong = that_must_change(self.judged)
        self.region, self.origins, self._is_right = region, origins, is_right
        # The work so far, and the most of it.
        self._done, self._size = 0.0, len(self.run.steps)
        self._most = seconds * min(MOST_TIMES, 1 + self._size / MANY_STEPS)
        self.tried = self.replayed = self.confirmed = 0
        self._parts: dict[SourceFunction, FunctionParts] = {}
        self._keys: list[str] = []
        self._changes: dict[StudentStatement, _Changes] = {}
        mains = alignment.mains
        self._is_unusual = bool(mains) and not alignment.are_rates(mains)

    def found(self) -> list[FoundEdit]:
        """Return the changes that were found, the most likely first."""
        if not self.wrong or self.run.program is None:
            return []
        hits = list[FoundEdit]()
        with contextlib.suppress(LimitReached), TimeLimit(LONGEST_SEARCH):
            hits.extend(self._hits())
        return sorted(hits, key=lambda each: each.price)

    def _is_over(self, share: float) -> bool:
        """Whether a share of the work is done."""
        if time.thread_time() > self._until:
            return True
        return self._work > share * self._most

    @property
    def _work(self) -> float:
        return self._done + NODE * self.replays.values.computed

    def _hits(self) -> Iterator[FoundEdit]:
        hits, self._until = list[FoundEdit](), time.thread_time() + MOST_TIME
        results = [(e.path, self.run.steps[e.index]) for e in self.judged]
        shapes = {e.index: e.wanted.shape for e in self.judged if e.wanted is not None}
        self.reruns = Reruns(self.run, results, shapes)
        self.wrong = [each for each in self.wrong if each.index in self.reruns.known]
        if not self.wrong:
            return
        self.judged = [each for each in self.judged if each.index in self.reruns.known]
        self._results = {each.index: each for each in self.judged}
        rooted = frozenset(step.index for step in self.run.steps if step.op == "sqrt")
        by_root = self.run.made_of(rooted - self.alignment.truth.forward)
        self._judging = {at: ROOTED if by_root[at] else RESULT for at in self._results}
        self.replays = EditReplays(
            self.run,
            self.alignment.truth.forward,
            self._results,
            [each.index for each in self.wrong],
        )
        self._names = EditNames(self.alignment, self.judged, self.replays)
        self._changed_results = ChangedResults(self.alignment, self.judged, self.reruns)
        where = EditStatements(
            *(self.alignment, self.judged, self.region, self.origins), is_unusual=self._is_unusual
        )
        functions = self.reruns.functions
        statements = sorted(where.statements(functions), key=lambda each: each.price)
        self._parts = {each.function: parts_of(each.function) for each in statements}
        self._watched = statements
        self._other_calls = other_calls_of(functions)
        self._keys = keys_of({each.function: None for each in statements})
        self._slopes, self._flags = slopes_of(functions), flags_of(functions)
        self._words, self._siblings = words_of(functions), siblings_of(functions)
        read = {function: list(parts.reads.items()) for function, parts in self._parts.items()}
        WatchedRun(self.run, statements, read)
        for statement in statements:
            if any(each.gives_no_array for each in statement.executions):
                statement.price = max(statement.price, WITHOUT_ARRAYS)
        self.replays.need(execution for each in statements for execution in each.executions)
        running = list[_Candidate]()
        for tier in TIERS:
            limit = min((each.price for each in hits), default=np.inf) + NEAR
            near, far = tier.statements
            some = [each for each in statements if near <= each.price < far and each.executions]
            if near + max(CHEAPEST, tier.changes[0] - MADE_TRUE) > limit:
                some = []
            candidates = sorted(self._candidates(some, tier), key=lambda each: each.price)
            running += [each for each in candidates if each.change.part is None]
            replaying = [each for each in candidates if each.change.part is not None]
            # What can be replayed takes a tenth of the time.
            for which, share in ((replaying, tier.replaying), (running, tier.running)):
                ordered = sorted(which, key=lambda each: each.price) if share else []
                for each in self._tried(ordered, share, hits):
                    hits.append(each)
                    yield each
            running = [] if tier.running else running
        pairs = () if hits else sorted(self._pairs(statements), key=lambda each: each.price)
        yield from self._tried(pairs, 1.0, ())

    def _candidates(
        self, statements: Iterable[StudentStatement], tier: _Tier
    ) -> Iterator[_Candidate]:
        statements = list(statements)
        for number, statement in enumerate(statements):
            if self._is_over(tier.looking):
                break
            if statement not in self._changes:
                self._changes[statement] = self._changes_of(statement)
            changes = self._changes[statement]
            left = tier.looking * self._most - self._work
            most = self._work + FAIR * left / (len(statements) - number)
            for change in self._looked_at(statement, changes, tier, most):
                if change.part is None and self.reruns.may_crash:
                    continue  # only a run would tell
                price = statement.price + change.edit.price + change.more
                yield _Candidate(statement, change, price)

    def _pairs(self, statements: Iterable[StudentStatement]) -> Iterator[_Candidate]:
        """Yield two changes at once of statements with right inputs that then give a true array."""
        seen = set[bytes]()
        for statement in statements:
            value, changes = getattr(statement.node, "value", None), self._changes.get(statement)
            parts = changes.parts if changes is not None else []
            if statement.price >= FIRST or changes is None or len(parts) != 1:
                continue
            above = [] if parts[0].node is value else [id(parts[0].node)]
            for pair in pairs_of(statement.node, changes.scope):
                if self._is_over(PAIRS):
                    return
                self._done += LOOK
                found = self.replays.value(pair.value, statement.executions[0])
                if not isinstance(found, np.ndarray) or found.size < 2 or found.dtype.kind != "f":
                    continue
                key = found.tobytes()
                if key not in seen and any(map(self._is_true, self.alignment.known(found))):
                    seen.add(key)
                    edit = edit_of(statement.node, pair.change())
                    change = StatementChange(edit, 0.0, parts[0], frozenset(above))
                    yield _Candidate(statement, change, statement.price + edit.price)

    def _tried(
        self, candidates: Iterable[_Candidate], share: float, before: Sequence[FoundEdit]
    ) -> Iterator[FoundEdit]:
        """Yield which changes make all right, up to a little dearer than the cheapest one."""
        limit = min((each.price for each in before), default=np.inf) + NEAR
        for each in candidates:
            if each.price > limit or self._is_over(share):
                break
            if len(before) >= MAX_HITS:
                break
            edit, price = each.change.edit, each.price
            if sum(hit.line == edit.line for hit in before) >= MAX_OF_LINE:
                continue
            recorded = self._repairs_recorded(each.change)
            if (
                recorded is not False
                and self._repairs(each.statement, each.change, recorded=bool(recorded))
                and self._is_confirmed(each.statement, edit)
            ):
                limit = min(limit, price + NEAR)
                price -= MADE_TRUE * self._made_true(each.change)
                name = self._names.of(each.statement, edit)
                place = each.statement.file, edit.line
                gives_rate = self._gives_rate(each.change)
                price += UNUSUAL * (self._is_unusual and not gives_rate)
                limit = max(limit, price + NEAR)
                assigned = self._assigned(each)
                leaves = self._names.leaves_penalty(each.statement, edit)
                yield FoundEdit(*place, name, price, edit.text(), gives_rate, assigned, leaves)

    def _assigned(self, candidate: _Candidate) -> int | None:
        """Return the line that assigns the variable which a change replaces, if that is read there
        alone, or the line that only gave a value the name that is read there.
        """
        replaced, function = candidate.change.edit.replaced, candidate.statement.function
        old = replaced()[0] if replaced is not None else None
        if isinstance(old, READ) and (named := self._named(candidate.statement, old)) is not None:
            return named
        if not isinstance(old, ast.Name):
            return None
        names = [e for e in ast.walk(function.node) if isinstance(e, ast.Name) and e.id == old.id]
        targets = [
            (each.executions, each.node.lineno, each.target)
            for each in self._watched
            if each.function is function and isinstance(each.node, ast.Assign)
        ]
        lines = [line for run, line, target in targets if run and target in names]
        is_alone = sum(isinstance(each.ctx, ast.Load) for each in names) == 1
        return lines[0] if len(lines) == 1 and is_alone else None

    def _named(self, statement: StudentStatement, old: ast.expr) -> int | None:
        """Return the line that only gave a value the name which a statement reads."""
        execution, name = statement.executions[0], statement.function.function.__name__
        for step in self.run.steps[execution.begin : execution.end or 0]:
            if step.frames and step.frames[0].function == name:
                return line_of_name(self.run, step, old)
        return None

    def _gives_rate(self, change: StatementChange) -> bool:
        if change.part is None:
            return False
        found = self.alignment.factors_if_right(self._replayed(change), self.judged, anew=True)
        return self.alignment.are_rates(found or {})

    # The changes of a statement

    def _changes_of(self, statement: StudentStatement) -> _Changes:
        """Return the changes of a statement, by what stands in scope where it first runs."""
        execution = statement.executions[0]
        operands = self._operands(statement)
        self._done += STATEMENT
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
            before = statement.target and detached(statement.target)
            if before is not None:
                self.replays.values.keep(before)
            other = other_statements(statement.block, statement.at, before)
            edits = chain(edits_of(statement.node, scope, USUAL_KINDS), other)
        return _Changes(_by_price(edits), scope, parts)

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
        here = execution.here.get("self")
        slopes = [f"self.{name}" if hasattr(here, name) else name for name in self._slopes]
        named = (_tree(each) for each in slopes if each not in parts.calls)
        calls = [*methods, *parts.calls.values(), *named]
        calls = [each for each in calls if replays.is_function(each, execution)]
        places = (
            each.expression
            for each in places_of(statement.node)
            if each.kind != "called" and not isinstance(each.expression, ast.Slice)
        )
        # As the size of an array a number such as 2e9 would take all memory.
        operands = {
            text: node
            for text, node in operands.items()
            if not _is_huge(replays.value(node, execution))
        }
        texts = {**operands, **parts.factors}
        for node in places:
            texts.setdefault(kept.sources.get(id(node)) or ast.unparse(node), node)
        for text, node in texts.items():
            found = replays.value(node, execution)
            value = None if found is FAILED else value_of(found)
            if value is not None:
                # Two variables of a loop may be equal the first time.
                values[text] = value._replace(bits=hash(_values_of(text, statement.executions)))
        sizes = list(dict.fromkeys(n for v in values.values() for n in v.shape if n > 1))
        different = dict[Any, ast.expr]()
        for text, node in operands.items():
            different.setdefault(_values_of(text, statement.executions), node)
        return Scope(
            *(values, list(different.values())[:MAX_OPERANDS], list(parts.factors.values())),
            *(calls, sizes[:MAX_SIZES], self._keys),
            *(self._words, self._slopes, self._flags),
            [operands[each] for each in parts.unread if each in operands],
            self._siblings,
            *(list(parts.indices.values()), list(parts.slices.values())),
            [node for text, node in self._other_calls.items() if text not in parts.calls],
            [
                each
                for each in self._beside_called(statement)
                if replays.is_function(each, execution)
            ],
        )

    def _beside_called(self, statement: StudentStatement) -> Iterator[ast.expr]:
        """Yield the functions of objects of which a statement calls one that begins with the same
        word: layer.activate_input of layer.activate_output.
        """
        for node in ast.walk(statement.node):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and not isinstance(called.value, ast.Call):
                owner = self.replays.value(detached(called.value), statement.executions[0])
                word = called.attr.partition("_")[0]
                for name in list(getattr(owner, "__dict__", {}))[:MAX_OPERANDS]:
                    if name.partition("_")[0] == word and name != called.attr:
                        yield _tree(f"{ast.unparse(called.value)}.{name}")

    def _looked_at(
        self, statement: StudentStatement, changes: _Changes, tier: _Tier, most: float
    ) -> Iterator[StatementChange]:
        """Yield the changes of some price, up to some work. It is lower for those that give a true
        array where the statement first runs, and higher for others.
        """
        parts, execution = changes.parts, statement.executions[0]
        parents = _parents(statement, parts)
        known = {id(each.node): each for each in parts}
        before, seen = dict[int, Any](), changes.seen
        edits = changes.of(statement.node, tier.changes)
        self._done += CHANGE * len(edits)
        for edit in edits:
            if self._work > most or self._is_over(tier.looking):
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
            if not self.replays.reaches_all(part):
                continue
            try:
                found = self._computed_there(node, execution, replaced, above, before)
            except UnknownValueError:
                yield StatementChange(edit)
                continue
            if found is None:
                continue
            more = self._more(found, before[id(node)], len(part.uses) > 1)
            if more is None:
                continue
            if (id(node), found.tobytes()) in seen and found.size > 1:
                more += 0.3  # a cheaper change gives the same here
            seen.add((id(node), found.tobytes()))
            yield StatementChange(edit, more, part, frozenset(above))

    def _computed_there(
        self,
        node: Any,
        execution: Execution,
        replaced: tuple[ast.expr, ast.expr],
        above: Sequence[int],
        before: dict[int, Any],
    ) -> Array | None:
        """Return an expression with a change, None if it cannot be computed; keep it without one in
        ``before``. Raises UnknownValueError where only a run tells.
        """
        self._done += LOOK
        for _ in range(2):  # the first time garbage collection may have taken the time
            try:
                with np.errstate(all="ignore"), TimeLimit(LONGEST):
                    if id(node) not in before:
                        old = self.replays.values.compute(node, execution)
                        before[id(node)] = np.asarray(old, dtype=float)
                    found = self.replays.values.compute(node, execution, None, replaced, above)
                    return np.asarray(found, dtype=float)
            except LimitReached:
                continue
            except UnknownValueError:
                raise
            except (Exception, SystemExit):  # noqa: BLE001 - it may not be computed there
                return None
        self._done += LONGEST  # it may never end
        return None

    def _more(self, found: Array, before: Array, is_several: bool) -> float | None:
        """Return what is added to the price of a change that gives another array, None of one that
        changes nothing.
        """
        if found.shape == before.shape and np.array_equal(found, before):
            return 0.1 if is_several else None  # the first time, what is read may be 0
        more = 0.0 if found.shape == before.shape else 0.7
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

    def _repairs_recorded(self, change: StatementChange) -> bool | None:
        """Whether a change makes all right on the recorded run; None if only a run tells, or a run
        takes less.
        """
        if change.part is None:
            return None
        is_longer = STEP * change.part.reached > LESS * self.reruns.seconds
        if is_longer and not self.reruns.may_crash:
            return None
        self.replayed += 1
        self._done += REPLAY
        try:
            values = self.replays.replayed(change, self._is_possible)
        except (Exception, SystemExit):  # noqa: BLE001 - it may not be computed without a run
            return False if self.reruns.may_crash else None
        if values is None or not self._changed_results.have_scale(values):
            return False
        return self._changed_results.are_right(values, kept=False)

    def _is_possible(self, at: int, values: Mapping[int, Array]) -> bool:
        """Whether a result, if it is one, may be right."""
        self._done += STEP
        each = self._results.get(at)
        if each is None:
            return True
        self._done += self._judging[at]
        if np.array_equal(values[at], self.run.steps[at].value):
            return each not in self.wrong
        # All may get another common factor.
        return self._changed_results.are_right(values, [each], kept=False, anew=True)

    def _replayed(self, change: StatementChange) -> dict[int, Array]:
        """Return the values that differ with a change; none of one that only a run can compute."""
        try:
            return self.replays.replayed(change) or {}
        except (Exception, SystemExit):  # noqa: BLE001 - it may read what only a run sets
            return {}

    def _made_true(self, change: StatementChange) -> float:
        """Return which share of the wrong values behind the results a change makes true ones."""
        if change.part is None:
            return 0.0
        values = self._replayed(change)
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

    def _repairs(
        self, statement: StudentStatement, change: StatementChange, *, recorded: bool
    ) -> bool:
        """Whether a run of the changed program has right results. ``recorded``: they are right on
        the recorded run, which has what updates are made of; then a run must have the same ones.
        """
        if recorded and self.run.is_later:
            return True  # a run would begin with other parameters: the check decides
        self.tried += 1
        self._done += self.reruns.seconds
        try:
            with self._changed(statement, change.edit):
                values = self.reruns.values()
            self._done += rerun.MAX_SECONDS * self.reruns.was_stopped
        except (SyntaxError, ValueError, TypeError):
            return False
        if values is None:
            return False
        self._done += sum(self._judging.values())
        if not recorded:
            lacking = any(each.index not in values for each in self.wrong)
            return not lacking and self._changed_results.are_right(values)
        expected = self._replayed(change)
        for each in self.judged:
            same = expected.get(each.index, self.run.steps[each.index].value)
            value = values.get(each.index, same)
            if value.size == same.size and not agree(value, same):
                return False
            by_size = each in self.wrong and self._changed_results.is_by_size(each, value)
            if by_size and not self._changed_results.is_kept(each):
                return False
        return True

    def _is_confirmed(self, statement: StudentStatement, edit: SourceEdit) -> bool:
        """Whether the check of the changed program finds nothing wrong."""
        self.confirmed += 1
        self._done += CHECK[0] + CHECK[1] * self._size
        with self._changed(statement, edit):
            try:
                return self._is_right({each.path for each in self.judged})
            except (Exception, SystemExit):  # noqa: BLE001 - it may compute what no program does
                return False


def _values_of(text: str, executions: Sequence[Execution]) -> Hashable:
    """Return what an expression is in each execution, or its source if that is not known."""
    if any(text not in each.known for each in executions):
        return text
    values = (np.asarray(each.known[text][0]) for each in executions)
    return tuple((value.shape, value.tobytes()) for value in values)


def _is_huge(found: Any) -> bool:
    return isinstance(found, int | float | np.number) and not abs(float(found)) < HUGE


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
            yield _tree(f"self.{attribute}.{name}")


def _tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
