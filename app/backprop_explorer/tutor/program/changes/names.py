"""What a change of the source is called: by its kind, and by the values before and after it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations, product
from typing import Any

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.changes.expression_values import READ
from backprop_explorer.tutor.program.changes.function_parts import detached
from backprop_explorer.tutor.program.changes.places import SourceEdit, loaded
from backprop_explorer.tutor.program.changes.replays import FAILED, EditReplays
from backprop_explorer.tutor.program.changes.slope_kinds import OF_SLOPE
from backprop_explorer.tutor.program.changes.watched_run import StudentStatement
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.steps import last_name
from backprop_explorer.tutor.program.truth import multiple
from backprop_explorer.tutor.program.versions import versions_of

MAX_STEPS = 8  # from z to its activation
_LINEAR = frozenset({"add", "subtract", "negative", "copy", "multiply", "divide"})
_REVERSING = ("::-1", "flip", "rot90")
_OF_COUNT = re.compile(r"shape|len\(|size|\b(self\.)?(m|n|num_\w+|n_\w+)$", re.IGNORECASE)
_OF_SLOPES = (
    *(ids.WRONG_OPERAND, ids.EXTRA_FACTOR, ids.MISSING_FACTOR),
    *(ids.MISSING_ACTIVATION_DERIVATIVE, ids.WRONG_ACTIVATION_DERIVATIVE),
)
_BY_FACTOR = (ids.GRADIENT_SCALE, ids.MISSING_FACTOR)


class EditNames:
    """Names changes of one program. ``judged`` are its results."""

    def __init__(
        self, alignment: Alignment, judged: Sequence[Outcome], replays: EditReplays
    ) -> None:
        self.alignment, self.run = alignment, alignment.run
        self.judged, self.replays = judged, replays

    def of(self, statement: StudentStatement, edit: SourceEdit) -> str:
        """Return the name of a change. What another operand is called depends on both operands,
        and what a factor is called on the value that it scales.
        """
        # An entry of W[i] -= g is set only once, however often it stands in i.
        is_added = isinstance(statement.node, ast.AugAssign)
        if edit.name == ids.GRADIENT_OVERWRITTEN and not is_added:
            at = statement.file, edit.line
            wrong = [each for each in self.judged if each.state != "right"]
            own = any(e.is_update and self.run.steps[e.index].line == at for e in wrong)
            return ids.STEP_INSTEAD_OF_PARAMETERS if own else edit.name
        replaced = edit.replaced() if edit.replaced and edit.name in _OF_SLOPES else None
        name = self._name_of_derivative(statement, *replaced) if replaced is not None else None
        if name is not None:
            return name
        if edit.name == ids.GRADIENT_SCALE and edit.replaced is not None:
            return self._name_of_number(statement, *edit.replaced()) or edit.name
        if edit.replaced is None or edit.name not in (
            *_BY_FACTOR,
            ids.EXTRA_TERM,
            ids.EXTRA_FACTOR,
            ids.WRONG_OPERAND,
        ):
            return edit.name
        execution, (old, new) = statement.executions[0], edit.replaced()
        wholes = _wholes(old, new)
        found = [self.replays.value(each, execution) for each in wholes]
        if edit.name == ids.WRONG_OPERAND and edit.is_elementwise and _are_counts(found, edit):
            return ids.GRADIENT_SCALE
        if edit.name == ids.EXTRA_TERM and _is_count_less_one(old, found):
            return ids.COUNT_LESS_ONE
        if edit.name == ids.EXTRA_FACTOR:
            name = self._name_of_twice(statement, old, *found)
            if name is not None:
                return name
        if edit.name != ids.WRONG_OPERAND:
            return self._name_of_penalty(statement, old, new) or edit.name
        if _is_compared_with_0(statement.node, wholes[0]):
            return ids.WRONG_ACTIVATION_DERIVATIVE  # dz[dz <= 0] = 0
        return self._name_of_other(statement, edit, found)

    def _name_of_derivative(
        self, statement: StudentStatement, old: ast.expr, new: ast.expr
    ) -> str | None:
        """Return the name where an activation stands in the place of its derivative, or that of
        another layer of the same kind is called.
        """
        execution = statement.executions[0]
        if isinstance(old, ast.Attribute) and isinstance(new, ast.Attribute):
            owners = [self.replays.value(detached(e.value), execution) for e in (old, new)]
            same = old.attr == new.attr and type(owners[0]) is type(owners[1])
            if same and OF_SLOPE.search(old.attr) and not isinstance(owners[0], np.ndarray):
                return ids.DERIVATIVE_OF_WRONG_LAYER if owners[0] is not owners[1] else None
        one, other = (self.replays.value(each, execution) for each in (old, new))
        if not all(isinstance(e, np.ndarray) and e.size > 1 for e in (one, other)):
            return None
        kinds = {each.label.kind for each in self.alignment.known(one)}
        is_carried = not kinds.isdisjoint(("gradient", "share")) and "forward" not in kinds
        if one.shape != other.shape or is_carried:
            return None
        one, other = np.asarray(one), np.asarray(other)  # entry by entry, also of np.matrix
        slopes = (one * (1.0 - one), 1.0 - one**2, (one > 0).astype(float))
        is_slope = any(np.allclose(other, each, rtol=1e-9, atol=0.0) for each in slopes)
        return ids.ACTIVATION_INSTEAD_OF_DERIVATIVE if is_slope else None

    def _is_output(self, value: Array) -> bool:
        """Whether a value is that of an activation in the forward pass."""
        known = (e.label for e in self.alignment.known(value) if abs(e.factor - 1.0) < 1e-9)
        steps = (self.run.steps[each.of] for each in known if each.kind == "forward")
        made = (e for e in steps if e.op and self.run.moves[e.index])
        return any(OPS[e.op].family == "elementwise" and self._is_made(e.index) for e in made)

    def _is_made(self, at: int) -> bool:
        """Whether a value is a function of another array of its shape, and not a linear one."""
        behind, waiting = list[int](), [at]
        shape = self.run.steps[at].value.shape
        while waiting and len(behind) < MAX_STEPS:
            behind.append(waiting.pop(0))
            inputs = self.run.steps[behind[-1]].inputs
            waiting += [e for e in inputs if self.run.steps[e].value.shape == shape]
        return any(self._is_activation(at, of) for of in behind[1:])

    def leaves_penalty(self, statement: StudentStatement, edit: SourceEdit) -> bool:
        """Whether a change leaves out a term that is computed from parameters and not from an error
        of a prediction: it may be the gradient of a penalty that the program does not compute.
        """
        left = _term_left_out(*edit.replaced()) if edit.replaced is not None else None
        known, run = statement.executions[0].known, self.run
        read = [ast.unparse(e) for e in ast.walk(left) if isinstance(e, READ)] if left else []
        steps = [known[each][1] for each in read if each in known]
        of_errors = run.made_of(frozenset(self.alignment.fit.root.meets))
        made = [at for at in steps if at is not None and run.moves[at] and run.steps[at].op]
        return bool(made) and not any(of_errors[at] for at in made)

    def _name_of_other(
        self, statement: StudentStatement, edit: SourceEdit, found: Sequence[Any]
    ) -> str:
        """Return what another operand is called. ``found`` are both, or the arrays of which they
        are entries.
        """
        assert edit.replaced is not None
        old, new = edit.replaced()
        if edit.is_elementwise and isinstance(old, ast.Constant) and old.value == 1:
            return ids.MISSING_FACTOR if np.ndim(found[1]) else edit.name
        if self._reads_updated(statement, old) and not self._reads_updated(statement, new):
            known = self.alignment.known(found[1]) if isinstance(found[1], np.ndarray) else ()
            of = [e.label.of for e in known if e.label.kind == "forward"]
            # Else a value of the forward pass belongs here.
            if not any(self.run.steps[self.run.whole_of(at)].op for at in of):
                return ids.UPDATED_WEIGHTS_BACKWARD
        if self._leaves_function(statement, old, new, is_known=found[0] is not FAILED):
            return ids.DERIVATIVE_AT_ACTIVATION
        read = _wholes(old, new)
        if not all(isinstance(each, np.ndarray) for each in found):
            # Lists of arrays, of which two items are taken, or two indices.
            read = old, new
            found = [self.replays.value(each, statement.executions[0]) for each in read]
        if not all(isinstance(each, np.ndarray) for each in found):
            return self._name_of_layer(statement, old) or edit.name
        last = [self.replays.value(each, statement.executions[-1]) for each in read]
        if any(np.any(b) and not np.any(a) for a, b in (found, last)):
            return ids.MISSING_PATH
        if found[0].size > 1 and (found[0] == 1.0).all():
            return ids.MISSING_FACTOR
        if found[0].shape == found[1].shape and np.array_equal(found[1], found[0] > 0):
            return ids.ACTIVATION_INSTEAD_OF_DERIVATIVE  # np.sign of what is not below 0
        reverses = any(word in edit.text() for word in _REVERSING)
        name = _name_of_order(found[0], found[1], reverses=reverses)
        name = name or self._name_of_operand(found[0], found[1], edit)
        if name in (None, ids.DC_DA_INSTEAD_OF_DC_DZ) and isinstance(old, ast.BinOp):
            name = self._name_of_slope(statement, old, new) or name
        if name is None and isinstance(new, READ):
            name = self._name_of_layer(statement, old)
        return edit.name if name is None else name

    def _name_of_layer(self, statement: StudentStatement, old: ast.expr) -> str | None:
        """Return the name where a derivative is taken at a value of another layer, or step."""
        nodes = [e for e in ast.walk(statement.node) if isinstance(e, ast.Subscript)]
        around = (e for e in nodes if any(each is old for each in ast.walk(e.slice)))
        read = old if isinstance(old, READ) else None
        whole = next(around, read)
        if whole is None or not _is_in_slope(statement.node, ast.unparse(whole)):
            return None
        value = self.replays.value(whole, statement.executions[0])
        known = self.alignment.known(value) if isinstance(value, np.ndarray) else ()
        is_forward = any(each.label.kind == "forward" for each in known)
        return ids.DERIVATIVE_OF_WRONG_LAYER if is_forward else None

    def _reads_updated(self, statement: StudentStatement, node: ast.expr) -> bool:
        """Whether an expression of the backward pass reads a parameter after its update."""
        known = statement.executions[0].known
        read = [ast.unparse(each) for each in ast.walk(node) if isinstance(each, READ)]
        steps = [known[each][1] for each in read if each in known]
        return any(at is not None and self.run.whole_of(at) in self._versions for at in steps)

    @cached_property
    def _versions(self) -> dict[int, int]:
        return versions_of(self.run)

    def _leaves_function(
        self, statement: StudentStatement, old: ast.expr, new: ast.expr, *, is_known: bool
    ) -> bool:
        """Whether a change leaves out the function f in f(f(x)), or in f(x) that no replay knows,
        where x is a value of the forward pass.
        """
        if not isinstance(old, ast.Call) or len(old.args) != 1 or old.keywords:
            return False
        if ast.unparse(old.args[0]) != ast.unparse(new):
            return False
        if isinstance(new, ast.Call):
            return ast.unparse(new.func) == ast.unparse(old.func)
        value = self.replays.value(new, statement.executions[0])
        if is_known:
            return isinstance(value, np.ndarray) and self._is_output(value)
        known = self.alignment.known(value) if isinstance(value, np.ndarray) else ()
        return any(each.label.kind == "forward" for each in known)

    def _name_of_number(
        self, statement: StudentStatement, old: ast.expr, new: ast.expr
    ) -> str | None:
        """Return the name of a missing number; one that depends on a parameter, or is an entry of
        the data, is no scale, nor is the exponent of an array.
        """
        powers = (e for e in ast.walk(statement.node) if isinstance(e, ast.BinOp))
        for each in (e for e in powers if isinstance(e.op, ast.Pow)):
            base = self.replays.value(each.left, statement.executions[0])
            if isinstance(base, np.ndarray) and old in ast.walk(each.right):
                return ids.WRONG_ACTIVATION_DERIVATIVE
        number = new.right if isinstance(new, ast.BinOp) and isinstance(new.op, ast.Mult) else None
        if isinstance(number, READ):
            at = statement.executions[0].known.get(ast.unparse(number), (None, None))[1]
            if isinstance(number, ast.Subscript) and self._varies(statement, number):
                weights = {e.source for e in self.judged}  # a network in lists has numbers
                return ids.MISSING_WEIGHTS_BACKWARD if at in weights else ids.MISSING_FACTOR
            if at is None or not self.run.steps[at].op:
                return self._name_of_penalty(statement, old, new)
            if ast.unparse(number) not in ast.unparse(old):
                sources = [e.source for e in self.judged if e.source in self.run.sources]
                depends = self.run.depends[at]
                if any(depends >> self.run.sources.index(each) & 1 for each in sources):
                    return ids.MISSING_FACTOR
            if self._is_entry_of_data(at):
                return ids.MISSING_FACTOR
        return self._name_of_penalty(statement, old, new)

    def _varies(self, statement: StudentStatement, node: ast.expr) -> bool:
        """Whether an expression has another value when a statement runs again."""
        found = [self.replays.value(node, each) for each in statement.executions]
        return any(not np.array_equal(found[0], each) for each in found[1:] if each is not FAILED)

    def _is_entry_of_data(self, at: int) -> bool:
        """Whether a value is an entry of an argument of floats."""
        run = self.run
        whole = run.whole_of(at)
        is_source = whole in run.sources and run.steps[whole].value.dtype.kind == "f"
        return whole != at and is_source and run.steps[whole].value.size > 1

    def _name_of_slope(
        self, statement: StudentStatement, old: ast.expr, new: ast.expr
    ) -> str | None:
        """Return the name where z and its activation are exchanged, as in z (1 - z), or those of
        two layers.
        """
        for one, other in zip(ast.walk(old), ast.walk(new), strict=False):
            if isinstance(one, READ) and isinstance(other, READ):
                if ast.unparse(one) == ast.unparse(other):
                    continue
                found = [self.replays.value(e, statement.executions[0]) for e in (one, other)]
                known = [list(self.alignment.known(e)) for e in found if isinstance(e, np.ndarray)]
                of = [[m.label.of for m in some if m.label.kind == "forward"] for some in known]
                pairs = list(product(*of)) if len(of) == 2 else []
                if any(self._is_activation(*each[::-1]) for each in pairs):
                    return ids.Z_INSTEAD_OF_ACTIVATION
                if any(self._is_activation(*each) for each in pairs):
                    return ids.DERIVATIVE_AT_ACTIVATION
                is_slope = _is_in_slope(old, ast.unparse(one))
                arrays = is_slope and all(isinstance(e, np.ndarray) for e in found)
                if arrays and self._is_output(found[1]) and _is_function_of(*found):
                    return ids.DERIVATIVE_AT_ACTIVATION
                return ids.DERIVATIVE_OF_WRONG_LAYER if pairs and is_slope else None
            if type(one) is not type(other):
                return None
        return None

    def _name_of_twice(
        self, statement: StudentStatement, old: ast.expr, before: Any, after: Any
    ) -> str | None:
        """Return the name where a gradient is multiplied by the derivative of an output that it
        has already, or that of a cross-entropy has: (p - y) p (1 - p).
        """
        if not all(isinstance(each, np.ndarray) and each.size > 1 for each in (before, after)):
            return None
        if before.shape != after.shape or not after.all():
            return None
        if not any(each.label.kind == "gradient" for each in self.alignment.known(after)):
            return None
        ratio, read = before / after, [e for e in ast.walk(old) if isinstance(e, READ)]
        for each in (self.replays.value(e, statement.executions[0]) for e in read):
            if isinstance(each, np.ndarray) and each.shape == after.shape:
                sigmoid = 1.0 / (1.0 + np.exp(-np.clip(each, -500.0, 500.0)))
                slopes = (each * (1.0 - each), 1.0 - each**2, sigmoid * (1.0 - sigmoid))
                if any(slope.any() and np.allclose(ratio, slope) for slope in slopes):
                    return ids.OUTPUT_DERIVATIVE_TWICE
        return None

    def _name_of_penalty(
        self, statement: StudentStatement, old: ast.expr, new: ast.expr
    ) -> str | None:
        """Return the name of another factor in the decay of a parameter, or of one that is none."""
        if self.alignment.fit.root.kind == "upstream":
            return None  # there is no cost, so there is no penalty
        around, left_out = _product_around(statement.node, old), _term_left_out(old, new)
        if _is_less_than_one(statement.node, around):
            return ids.WRONG_ACTIVATION_DERIVATIVE  # 1 - 2 a² for 1 - a²
        term = around if left_out is None else left_out
        # A parameter may be 0 the first time.
        self.replays.values.keep(term)
        of = self._updated_by(statement)
        for execution in (statement.executions[0], statement.executions[-1]):
            value = self.replays.value(term, execution)
            source = self._decays(value, term, of) if isinstance(value, np.ndarray) else None
            other = self.replays.value(new, execution) if source is None else None
            if isinstance(other, np.ndarray) and self._decays(other, new, of) is not None:
                return ids.PENALTY_GRADIENT_SCALE if left_out is None else None  # w² for w
            if source is None:
                continue
            # The penalty is gone, or the parameter is left without a factor.
            is_gone = term is left_out or (around is old and ast.unparse(new) in ast.unparse(old))
            if is_gone and self.alignment.is_bias(source):
                return ids.PENALTY_ON_BIAS
            return None if term is left_out else ids.PENALTY_GRADIENT_SCALE
        return None

    def _updated_by(self, statement: StudentStatement) -> list[int]:
        """Return the parameters that a statement updates; all of them if it updates none."""
        known = [each for each in self.judged if each.source is not None]
        steps = self.run.steps
        own = [
            each
            for each in known
            if each.is_update and steps[each.index].line == (statement.file, statement.node.lineno)
        ]
        return [each.source for each in own or known if each.source is not None]

    def _decays(self, value: Array, term: ast.expr, of: Sequence[int]) -> int | None:
        """Return the parameter of which a value is a multiple, but for entries that are 0."""
        sources = dict.fromkeys(of)
        read = {last_name(ast.unparse(e)) for e in ast.walk(term) if isinstance(e, READ)}
        some, steps = value != 0, self.run.steps
        labels = [each.label for each in self.alignment.known(value)]
        if any(each.kind == "gradient" and each.of in sources for each in labels):
            return None
        for each in sources if value.size > 2 and some.sum() > 1 else ():
            is_read = last_name(steps[each].path or "") in read
            versions = (each, self.run.after.get(each, each)) if is_read else (each,)
            for one in (steps[at].value for at in versions):
                if one.shape == value.shape and multiple(value[some], one[some], 1e-9):
                    return each
        for label in labels:
            # A part of a parameter; its share of the gradient is that of a penalty.
            whole = self.run.whole_of(label.of)
            if label.kind == "forward" and whole in sources:
                return whole
            is_share = label.kind == "share" and value.size > 2 and whole in sources
            if is_share and multiple(value, steps[label.of].value, 1e-9):
                return int(label.of)
        return None

    def _name_of_operand(self, one: Array, other: Array, edit: SourceEdit) -> str | None:
        """Return the name by what two values are: gradients, or values of the forward pass."""
        old, new = (list(self.alignment.known(each)) for each in (one, other))
        pairs = ((a.label, b.label) for a in old for b in new if a.label.kind == b.label.kind)
        for before, after in pairs:
            is_activation = self._is_activation(before.of, after.of)
            if before.kind == "gradient" and is_activation:
                return ids.DC_DA_INSTEAD_OF_DC_DZ
            if before.kind == "forward" and is_activation:
                return ids.DERIVATIVE_AT_ACTIVATION
            if before.kind == "forward" and self._is_activation(after.of, before.of):
                if any(each.label.kind == "slope" for each in new):
                    return None  # the other factor of a product
                return ids.Z_INSTEAD_OF_ACTIVATION
        return None

    def _is_activation(self, at: int, of: int) -> bool:
        """Whether a value is an elementwise function of another alone, and not a linear one."""
        ops = self._ops_between(at, of, MAX_STEPS)
        return ops is not None and not ops <= _LINEAR

    def _ops_between(self, at: int, of: int, depth: int) -> set[str] | None:
        """Return the operations by which a value is made of another alone, entry by entry; None if
        it is not.
        """
        step, shape = self.run.steps[at], self.run.steps[of].value.shape
        if at == of:
            return set()
        if not step.op or OPS[step.op].family not in ("elementwise", "discrete") or not depth:
            return None
        found = {step.op}
        inputs = [each for each in step.inputs if self.run.steps[each].value.size > 1]
        for each in inputs:
            ops = self._ops_between(each, of, depth - 1)
            if ops is None or self.run.steps[each].value.shape != shape:
                return None
            found |= ops
        return found if inputs else None


def _is_compared_with_0(node: ast.AST, operand: ast.AST) -> bool:
    """Whether an expression is compared with 0 in a statement, as the slope of ReLU does."""
    compares = [each for each in ast.walk(node) if isinstance(each, ast.Compare)]
    pairs = [(each.left, each.comparators[0]) for each in compares]
    return any(
        isinstance(b, ast.Constant) and b.value == 0 and ast.unparse(a) == ast.unparse(operand)
        for one, other in pairs
        for a, b in ((one, other), (other, one))
    )


def _is_function_of(value: Array, of: Array) -> bool:
    """Whether a value is the sigmoid or the hyperbolic tangent of another one."""
    functions = (1.0 / (1.0 + np.exp(-np.clip(of, -500.0, 500.0))), np.tanh(of))
    return any(value.shape == e.shape and np.allclose(value, e, 1e-9, 0.0) for e in functions)


def _is_in_slope(node: ast.AST, text: str) -> bool:
    """Whether a variable stands in a derivative: in 1 - x, in x > 0, or in f'(x)."""
    for each in ast.walk(node):
        inner: ast.AST | None = None
        if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Sub):
            inner = each.right if isinstance(each.left, ast.Constant) else None
        elif isinstance(each, ast.Compare):
            inner = each.left
        elif isinstance(each, ast.Call) and OF_SLOPE.search(ast.unparse(each.func)):
            inner = each
        if inner is not None and any(
            isinstance(e, READ) and ast.unparse(e) == text for e in ast.walk(inner)
        ):
            return True
    return False


def _are_counts(found: Sequence[Any], edit: SourceEdit) -> bool:
    """Whether one number of samples, classes or entries stands in the place of another one."""
    whole = all(isinstance(each, int | np.integer) and each > 1 for each in found)
    named = all(_OF_COUNT.search(each) for each in edit.text().split(" -> ", 1))
    return whole and (named or edit.divides)


def _is_count_less_one(old: ast.expr, found: Sequence[Any]) -> bool:
    """Whether 1 is taken from a number of entries."""
    less = isinstance(old, ast.BinOp) and isinstance(old.op, ast.Sub)
    one = less and isinstance(old.right, ast.Constant) and old.right.value == 1  # type: ignore[attr-defined]
    return bool(one) and all(isinstance(each, int | np.integer) and each > 0 for each in found)


def _name_of_order(old: Array, new: Array, *, reverses: bool) -> str | None:
    """Return the name if only the order of the entries is another one. ``reverses``: the source
    says so; else it is another variable.
    """
    if old.size < 3 or np.array_equal(old, new):
        return None
    if old.ndim > 1 and np.array_equal(old.T, new):
        return ids.GRADIENT_TRANSPOSED
    if not reverses:
        return None
    some: Iterator[tuple[int, ...]] = (
        axes for n in range(1, old.ndim + 1) for axes in combinations(range(old.ndim), n)
    )
    flipped = any(np.array_equal(np.flip(old, axes), new) for axes in some)
    return ids.KERNEL_FLIPPED if flipped else None


def _product_around(statement: ast.stmt, node: ast.expr) -> ast.expr:
    """Return the largest product in which an expression is a factor."""
    parents = {id(c): e for e in ast.walk(statement) for c in ast.iter_child_nodes(e)}
    above: Any = parents.get(id(node))
    while (
        isinstance(above, ast.BinOp) and isinstance(above.op, ast.Mult | ast.Div | ast.Pow)
    ) or isinstance(above, ast.UnaryOp):
        node, above = above, parents.get(id(above))
    if isinstance(above, ast.AugAssign) and isinstance(above.op, ast.Mult | ast.Div):
        return ast.BinOp(loaded(above.target), above.op, above.value)
    return node


def _is_less_than_one(statement: ast.stmt, node: ast.expr) -> bool:
    """Whether an expression is subtracted from 1, or from another number."""
    return any(
        isinstance(each, ast.BinOp)
        and isinstance(each.op, ast.Sub)
        and each.right is node
        and isinstance(each.left, ast.Constant)
        for each in ast.walk(statement)
    )


def _term_left_out(old: ast.expr, new: ast.expr) -> ast.expr | None:
    """Return the other term of a sum of which one stays."""
    if isinstance(old, ast.BinOp) and isinstance(old.op, ast.Add | ast.Sub):
        for kept, left in ((old.left, old.right), (old.right, old.left)):
            if ast.unparse(kept) == ast.unparse(new):
                return left
    return None


def _wholes(one: ast.expr, other: ast.expr) -> tuple[ast.expr, ast.expr]:
    """Return the arrays of which two expressions are the same entries."""
    while (
        isinstance(one, ast.Subscript)
        and isinstance(other, ast.Subscript)
        and ast.unparse(one.slice) == ast.unparse(other.slice)
    ):
        one, other = one.value, other.value
    return one, other
