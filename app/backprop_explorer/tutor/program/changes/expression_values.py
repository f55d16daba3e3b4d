"""What an expression gives where a statement of a student's function runs, with some of its parts
replaced.
"""

from __future__ import annotations

import ast
import builtins
import dis
import math
import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.record.array import RecordedArray, plain
from backprop_explorer.tutor.program.changes.places import source_of
from backprop_explorer.tutor.program.time_limit import is_own_code

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_UNARY: dict[type, Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}
_COMPARED: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_BUILTINS = frozenset({"abs", "len", "float", "int", "sum", "min", "max", "range", "round", "pow"})
# Methods and functions of NumPy that change what they are given, or more than that.
_WRITES = frozenset(
    {
        *("append", "extend", "insert", "pop", "remove", "clear", "update", "setdefault", "sort"),
        *("fill", "put", "itemset", "resize", "setflags", "at", "copyto", "place", "putmask"),
        *("fill_diagonal", "shuffle", "seed", "save", "savez", "savetxt", "load", "loadtxt"),
        *("seterr", "tofile", "dump", "random", "default_rng", "open", "print", "input", "exec"),
        *("eval", "setattr", "delattr", "next", "partition", "as_strided"),
    }
)
_TYPES = frozenset({float, int, bool, str, tuple, list, range, enumerate, zip, reversed})
_STORES = ("STORE_ATTR", "STORE_GLOBAL", "STORE_DEREF", "DELETE_", "IMPORT_")
_PLAIN = (int, float, complex, str, bytes, np.generic, type(None), ModuleType)
# np.c_, np.mgrid and np.s_: NumPy takes them for sequences, which never end.
_ENDLESS: Any = (*(type(each).__base__ for each in (np.c_, np.mgrid)), type(np.s_))
READ = (ast.Name, ast.Attribute, ast.Subscript)
MAX_DEPTH = 4
# A result is not computed that takes more products and has so many times its operands' entries.
LARGE, WIDER = 1_000_000, 16
_OUTER = frozenset({"outer", "einsum", "tensordot", "kron"})
_MISSING = object()


class UnknownValueError(Exception):
    """An expression cannot be computed here without changing something, or not at all."""


@dataclass(eq=False)
class Execution:
    """One execution of a statement: its variables, and the values of expressions by their source.

    ``known`` has copies of arrays and numbers, each with the step that it is; ``views`` the steps
    that others of them are views of, and what ``strided`` needs to make these; ``containers`` lists
    and dictionaries as they were. The steps from ``begin`` to before ``end`` are those of the
    statement; ``assigned`` is what it assigned, if that is an array or a number.
    """

    globals: dict[str, Any]
    here: dict[str, Any]
    begin: int = -1
    frame: int = 0
    end: int | None = None
    known: dict[str, tuple[Any, int | None]] = field(default_factory=dict)
    views: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    containers: dict[str, Any] = field(default_factory=dict)
    assigned: tuple[Any, int | None] | None = None
    gives_no_array: bool = False  # it assigned a container without arrays
    entries: list[tuple[str, ast.expr]] = field(default_factory=list)
    made: dict[int, Any] = field(default_factory=dict)  # values of expressions that do not change

    def read_steps(self) -> set[int]:
        """Return the steps that known values are, or are views of."""
        found = {step for _, step in self.known.values() if step is not None}
        return found | {step for step, _ in self.views.values()}

    def named(self, name: str) -> Any:
        """Return a variable. Raises UnknownValueError."""
        for scope in (self.here, self.globals, vars(builtins)):
            if name in scope:
                return scope[name]
        raise UnknownValueError(name)


@dataclass(eq=False)
class ExpressionValues:
    """Computes expressions of one statement; ``sources`` has the source of nodes that stay."""

    sources: dict[int, str] = field(default_factory=dict)
    kept: list[ast.AST] = field(default_factory=list)  # no other node gets their ids
    permanent: set[int] = field(default_factory=set)
    computed: int = 0  # how many parts of expressions
    _clean: dict[Any, bool] = field(default_factory=dict)

    def keep(self, node: ast.AST) -> None:
        """Remember the values of a tree that does not change, and of its parts."""
        if id(node) in self.permanent:
            return
        self.kept.append(node)
        for each in ast.walk(node):
            self.permanent.add(id(each))
            if isinstance(each, READ):
                self.sources.setdefault(id(each), source_of(each))

    def compute(
        self,
        node: ast.expr,
        execution: Execution,
        changed: Mapping[int, Array] | None = None,
        replaced: tuple[ast.expr, ast.expr] | None = None,
        above: Collection[int] = (),
    ) -> Any:
        """Return the value of an expression. ``changed`` are values of steps that differ;
        ``replaced`` is a part of it and what stands there, ``above`` the ids of what it is part of.

        Raises UnknownValueError, and what NumPy raises.
        """
        found = _Computing(self, execution, changed or {}, replaced, above).of(node)
        _refuse_endless(found)
        return found

    def is_clean(self, function: Any, depth: int = 0) -> bool:
        """Whether to call a function changes nothing, and its result depends on the arguments."""
        if isinstance(function, np.vectorize):
            return self.is_clean(function.pyfunc, depth)
        if isinstance(function, type):
            return issubclass(function, np.generic) or function in _TYPES
        if isinstance(function, np.ufunc):
            return True
        name = getattr(function, "__name__", "")
        if name in _WRITES:
            return False
        if isinstance(function, MethodType):
            own = getattr(function.__self__, "__dict__", {})
            code = getattr(function.__func__, "__code__", None)
            reads = code is None or not own.keys().isdisjoint(code.co_names)
            return not reads and self.is_clean(function.__func__, depth)
        if isinstance(function, FunctionType):
            if not is_own_code(function.__code__.co_filename):
                return (function.__module__ or "").startswith("numpy") and "random" not in (
                    function.__module__
                )
            key = function.__code__
            if key not in self._clean:
                self._clean[key] = True  # a function that calls itself
                self._clean[key] = depth < MAX_DEPTH and self._only_computes(function, depth)
            return self._clean[key]
        owner = getattr(function, "__self__", None)
        if isinstance(function, BuiltinFunctionType):
            of_numpy = isinstance(owner, np.ndarray | np.generic)
            return of_numpy or (
                (owner is None or isinstance(owner, ModuleType))
                and (name in _BUILTINS or (function.__module__ or "").startswith(("numpy", "math")))
            )
        return type(function).__module__.startswith("numpy") and callable(function)

    def _only_computes(self, function: FunctionType, depth: int) -> bool:
        code = function.__code__
        if code.co_flags & 0x20 or not _WRITES.isdisjoint(code.co_names):  # a generator
            return False
        for each in dis.get_instructions(code):
            if each.opname.startswith(_STORES):
                return False
        names = (function.__globals__.get(name) for name in code.co_names)
        own = [each for each in names if not isinstance(each, _PLAIN) and not _is_of_numpy(each)]
        return all(isinstance(e, FunctionType) and self.is_clean(e, depth + 1) for e in own)

    @staticmethod
    def copied(given: Any) -> Any:
        """Return an argument of a function, which may write into it. Raises UnknownValueError."""
        if isinstance(given, np.ndarray):
            return given.copy()
        if isinstance(given, _PLAIN):
            return given
        raise UnknownValueError


def _refuse_endless(*values: Any) -> None:
    if any(isinstance(each, _ENDLESS) for each in values):
        raise TypeError(values)


def _product(given: Sequence[Any]) -> int:
    return math.prod(each.size for each in given if isinstance(each, np.ndarray))


def _has_output(function: Any, given: Sequence[Any]) -> bool:
    """Whether a function of NumPy writes into one of its arguments: np.tanh(x, y)."""
    if isinstance(function, np.ufunc):
        return len(given) > function.nin
    name = getattr(function, "__name__", "")
    return name not in ("where", "einsum") and any(
        isinstance(each, np.ndarray) for each in given[2:]
    )


def _is_of_numpy(value: Any) -> bool:
    return (getattr(value, "__module__", "") or "").startswith(("numpy", "builtins"))


def attribute_of(owner: Any, name: str) -> Any:
    """Return an attribute; one with two underscores has the name that its class gives it."""
    if name.startswith("__") and not name.endswith("__"):
        own = (f"_{each.__name__.lstrip('_')}{name}" for each in type(owner).__mro__)
        name = next((each for each in own if hasattr(owner, each)), name)
    return getattr(owner, name)


class _Computing:
    """The computation of one expression."""

    def __init__(
        self,
        values: ExpressionValues,
        execution: Execution,
        changed: Mapping[int, Array],
        replaced: tuple[ast.expr, ast.expr] | None,
        above: Collection[int],
    ) -> None:
        self.values, self.execution, self.changed = values, execution, changed
        self.old: ast.expr | None = replaced[0] if replaced is not None else None
        self.new: ast.expr | None = replaced[1] if replaced is not None else None
        self.above, self.sources = above, values.sources
        # Earlier executions may have changed what this one reads.
        self.fresh = not changed or execution.read_steps().isdisjoint(changed)

    def of(self, node: ast.expr) -> Any:
        self.values.computed += 1
        if node is self.old and self.new is not None:
            self.old = None  # it may stand in what replaces it
            found = self.of(self.new)
            self.old = node
            return found
        key = id(node)
        stays = self.fresh and key in self.values.permanent
        stays = stays and (self.old is None or key not in self.above)
        if stays:
            found = self.execution.made.get(key, _MISSING)
            if found is not _MISSING:
                return found
        is_changed = self.old is not None and key in self.above
        text = self._changed_source(node) if is_changed else self._source(node)
        known = None if text is None else self.execution.known.get(text)
        if known is not None:
            value, step = known
            view = self.execution.views.get(text) if step is None and text is not None else None
            if view is not None and view[0] in self.changed:
                found = OPS["strided"].compute(self.changed[view[0]], **view[1])
            else:
                found = value if step is None else self.changed.get(step, value)
        elif text in self.execution.containers:
            found = self.execution.containers[text]
        else:
            method = _METHODS.get(type(node))
            if method is None:
                raise UnknownValueError(type(node).__name__)
            found = method(self, node)
        if isinstance(found, RecordedArray):
            found = plain(found)
        if stays and not isinstance(node, READ):
            of_other = isinstance(found, np.ndarray) and found.base is not None
            self.execution.made[key] = found.copy() if of_other else found  # it may change
        return found

    def _source(self, node: ast.expr) -> str | None:
        """Return the source of a variable, an attribute or an entry, by which its value at that
        moment is known: the array itself may have been written into since.
        """
        text = self.sources.get(id(node))
        return source_of(node) if text is None and isinstance(node, READ) else text

    def _changed_source(self, node: ast.expr) -> str | None:
        """Return the source of an entry with another key, or of another container or object. What
        it is a part of may have changed since.
        """
        old, new = self.old, self.new
        if new is None or not isinstance(node, ast.Subscript | ast.Attribute):
            return None
        if old is not node.value and (isinstance(node, ast.Attribute) or old is not node.slice):
            return None
        owner = new if old is node.value else node.value
        whole = self.sources.get(id(owner)) or source_of(owner)
        if isinstance(node, ast.Attribute):
            return f"{whole}.{node.attr}"
        return f"{whole}[{source_of(new if old is node.slice else node.slice)}]"

    def _constant(self, node: ast.Constant) -> Any:
        return node.value

    def _name(self, node: ast.Name) -> Any:
        return self.execution.named(node.id)

    def _attribute(self, node: ast.Attribute) -> Any:
        return attribute_of(self.of(node.value), node.attr)

    def _subscript(self, node: ast.Subscript) -> Any:
        return self.of(node.value)[self.of(node.slice)]

    def _slice(self, node: ast.Slice) -> Any:
        return slice(*(e and self.of(e) for e in (node.lower, node.upper, node.step)))

    def _tuple(self, node: ast.Tuple) -> Any:
        return tuple(map(self.of, node.elts))

    def _list(self, node: ast.List) -> Any:
        return [self.of(each) for each in node.elts]

    def _joined(self, node: ast.JoinedStr) -> Any:
        return "".join(map(self.of, node.values))

    def _formatted(self, node: ast.FormattedValue) -> Any:
        if node.format_spec is not None or node.conversion != -1:
            raise UnknownValueError
        return str(self.of(node.value))

    def _binary(self, node: ast.BinOp) -> Any:
        compute = _BINARY.get(type(node.op))
        if compute is None:
            raise UnknownValueError
        one, other = self.of(node.left), self.of(node.right)
        _refuse_endless(one, other)
        sizes = np.size(one), np.size(other)
        large = sizes[0] * sizes[1] > LARGE and not isinstance(node.op, ast.MatMult)
        if large and np.broadcast(one, other).size > WIDER * max(sizes):
            raise ValueError(sizes)  # no step of a program that is checked is so large
        return compute(one, other)

    def _unary(self, node: ast.UnaryOp) -> Any:
        return _UNARY[type(node.op)](self.of(node.operand))

    def _compare(self, node: ast.Compare) -> Any:
        compute = _COMPARED.get(type(node.ops[0]))
        if compute is None or len(node.ops) > 1:
            raise UnknownValueError
        return compute(self.of(node.left), self.of(node.comparators[0]))

    def _if(self, node: ast.IfExp) -> Any:
        return self.of(node.body if self.of(node.test) else node.orelse)

    def _call(self, node: ast.Call) -> Any:
        function = self.of(node.func)
        if not self.values.is_clean(function):
            raise UnknownValueError
        if any(isinstance(e, ast.Starred) for e in node.args) or any(
            e.arg in (None, "out") for e in node.keywords
        ):
            raise UnknownValueError
        keywords: dict[Any, Any] = {each.arg: self.of(each.value) for each in node.keywords}
        given = [self.of(each) for each in node.args]
        if isinstance(function, FunctionType | MethodType) and not _is_of_numpy(function):
            given = list(map(self.values.copied, given))
            keywords = {name: self.values.copied(each) for name, each in keywords.items()}
        elif _has_output(function, given):
            raise UnknownValueError
        elif getattr(function, "__name__", "") in _OUTER and _product(given) > LARGE:
            raise ValueError(function)
        _refuse_endless(*given)
        found = function(*given, **keywords)
        if isinstance(found, np.ndarray) and found.size > WIDER * LARGE:
            raise ValueError(function)  # as np.zeros(x.shape * 4)
        return found


_METHODS: dict[type, Callable[[_Computing, Any], Any]] = {
    ast.Constant: _Computing._constant,
    ast.Name: _Computing._name,
    ast.Attribute: _Computing._attribute,
    ast.Subscript: _Computing._subscript,
    ast.Slice: _Computing._slice,
    ast.Tuple: _Computing._tuple,
    ast.List: _Computing._list,
    ast.JoinedStr: _Computing._joined,
    ast.FormattedValue: _Computing._formatted,
    ast.BinOp: _Computing._binary,
    ast.UnaryOp: _Computing._unary,
    ast.Compare: _Computing._compare,
    ast.IfExp: _Computing._if,
    ast.Call: _Computing._call,
}
