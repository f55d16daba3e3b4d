"""Values in texts, ``@{name}``, and expressions such as the numbers of an answer.

Jinja evaluates both, in its sandbox and without statements: an expression reads values, does
arithmetic and applies the filters below. ``@{`` occurs neither in LaTeX nor in Python.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, Undefined, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from backprop_explorer.lessons.reading.error import one_of
from backprop_explorer.lessons.text import bracketed, tex, vector
from backprop_explorer.lessons.working import assigned, code_of, listed
from backprop_explorer.texts import lessons_reading as texts
from backprop_explorer.tutor.problem import Problem

OPENING = "@{"
# A larger exponent makes numbers without bound.
LARGEST_EXPONENT = 100
LARGEST_INTEGER = 10**LARGEST_EXPONENT
# Digits of a number, or after its point: those of a double.
MOST_DIGITS = 17
# What Jinja says of a text or expression that it cannot read.
_NO_FILTER = re.compile(r"No filter named '(.*)'\.")
_EXPECTED = re.compile(r"expected token '.*', got '(end of )?(.*)'")
_UNEXPECTED = re.compile(r"unexpected (?:char )?'(.*?)'.*")
_NUMBERS = (int, float, np.ndarray, np.number)


class TextError(Exception):
    """A text or expression that cannot be evaluated; ``line`` counts from 0 within it."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


class MissingValueError(TextError):
    """A text or expression names a value that does not exist."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(texts.unknown_value(name))
        self.name, self.known = name, known


def shown(value: Any) -> Any:
    """Return what a text shows of ``value``: four digits of a number, an array as NumPy prints."""
    if isinstance(value, Undefined):
        raise LookupError(_absent(value))
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return tex(float(value))
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return shown(value.item())
    if isinstance(value, np.ndarray | list | tuple):
        return listed(value)
    raise TypeError(texts.not_shown(type(value).__name__))


def fixed(value: float, decimals: int) -> str:
    """Return ``value`` with that many decimals."""
    return f"{float(value):z.{decimals}f}"


def general(value: float) -> str:
    """Return ``value`` in the shortest form: 0.1, 10, 1e-05."""
    return f"{float(value):zg}"


def code(value: Any, name: str) -> str:
    """Return a line for a notebook, ``name = np.array(…)``."""
    return assigned(**{name: value})


def digits(value: float, count: int) -> str:
    """Return ``value`` with that many significant digits, without a power of ten in LaTeX."""
    return f"{float(value):z.{count}g}"


def printed(values: Any) -> str:
    """Return an array as NumPy prints it, a matrix on several lines."""
    array = np.asarray(values)
    return str(array + 0.0 if array.dtype.kind == "f" else array)


def checked_digits(count: int) -> int:
    """Return ``count``. Raises ValueError for more digits than a number has."""
    if abs(operator.index(count)) > MOST_DIGITS:
        raise ValueError(texts.most_digits(MOST_DIGITS))
    return count


def _with_digits(function: Callable[..., str]) -> Callable[..., str]:
    def limited(value: Any, *count: int) -> str:
        return function(value, *map(checked_digits, count))

    return limited


def _rounded(values: Any, decimals: int = 0) -> Any:
    return np.round(values, checked_digits(decimals)) + 0  # +0 makes −0.0 0.0


@dataclass(frozen=True, slots=True)
class TextFunction:
    """A function that an expression may call.

    With ``most`` it takes at most so many values, and the arguments ``named``: NumPy's ``out`` and
    ``where`` write into the values of the lesson.
    """

    function: Callable[..., Any]
    most: int | None = None
    named: frozenset[str] = frozenset()

    def __call__(self, *values: Any, **named: Any) -> Any:
        """Call the function."""
        if self.most is not None:
            if len(values) > self.most:
                raise TypeError(texts.most_values(self.most))
            for name in named.keys() - self.named:
                raise TypeError(texts.unknown_argument(name))
        return self.function(*values, **named)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "bracketed": _with_digits(bracketed),
    "code": code,
    "digits": _with_digits(digits),
    "fixed": _with_digits(fixed),
    "general": general,
    "listed": _with_digits(listed),
    "printed": printed,
    "tex": _with_digits(tex),
    "vector": _with_digits(vector),
}
_ENTRYWISE = ("abs", "exp", "log", "log10", "log2", "sign", "sqrt", "square", "tanh")
# Of an axis, which may be given in order, too.
_OVER = ("argmax", "max", "mean", "min", "sum")
_AXIS = frozenset({"axis", "keepdims"})
# What an expression may call. None makes an array that is larger than the product of its arguments.
FUNCTIONS: Mapping[str, TextFunction] = {
    **{name: TextFunction(getattr(np, name), 1) for name in (*_ENTRYWISE, "diag", "transpose")},
    **{name: TextFunction(getattr(np, name), 2, _AXIS) for name in _OVER},
    **{name: TextFunction(getattr(np, name), 2) for name in ("maximum", "minimum", "outer")},
    "dot": TextFunction(np.matmul, 2),
    "round": TextFunction(_rounded, 2, frozenset({"decimals"})),
}


_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox; arithmetic takes numbers and arrays only, so that it ends soon."""

    intercepted_binops = frozenset(_OPERATORS)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow attributes of a lesson's own objects; an array's ``tofile`` writes a file."""
        plain = isinstance(obj, np.ndarray | np.generic | str | bytes | int | float | complex)
        return not plain and super().is_safe_attribute(obj, attr, value)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read lines and givens of a working, such as ``working.z1``, and ``working.code``."""
        if not isinstance(obj, Problem):
            return super().getattr(obj, attribute)
        return code_of(obj) if attribute == "code" else self.getitem(obj, attribute)

    def is_safe_callable(self, obj: Any) -> bool:
        """Allow the functions above, and those that draw numbers."""
        return isinstance(obj, TextFunction)

    def call_binop(self, _context: Any, operator: str, left: Any, right: Any) -> Any:
        for value in (left, right):
            if isinstance(value, bool) or not isinstance(value, _NUMBERS):
                raise TypeError(texts.needs_numbers(operator, type(value).__name__))
        if operator == "**" and np.max(np.abs(right)) > LARGEST_EXPONENT:
            raise ValueError(texts.largest_exponent(LARGEST_EXPONENT))
        result = _OPERATORS[operator](left, right)
        if isinstance(result, int) and abs(result) > LARGEST_INTEGER:
            raise ValueError(texts.TOO_LARGE)
        return result


def _made() -> _Sandbox:
    environment = _Sandbox(
        variable_start_string=OPENING,
        variable_end_string="}",
        # Never written by an author: there are no statements and no comments.
        block_start_string="@{\x00%",
        block_end_string="%\x00}",
        comment_start_string="@{\x00#",
        comment_end_string="#\x00}",
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        finalize=shown,
        autoescape=False,
    )
    environment.filters = dict(FILTERS)
    environment.globals = dict(FUNCTIONS)
    return environment


_ENVIRONMENT = _made()


class Compiled:
    """A text or an expression, and the names of the values that it needs."""

    def __init__(self, evaluate: Callable[..., Any], names: frozenset[str]) -> None:
        self._evaluate, self.names = evaluate, names

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Evaluate. Raises TextError, MissingValueError."""
        given = {}
        for name in sorted(self.names):
            if name in FUNCTIONS and name not in values:
                continue
            try:
                given[name] = values[name]
            except KeyError:
                raise MissingValueError(name, values) from None
        try:
            # Infinity and NaN are reported where a number is needed.
            with np.errstate(all="ignore"):
                found = self._evaluate(given)
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise TextError(str(error)) from None
        if isinstance(found, Undefined):
            raise TextError(_absent(found))
        return found


@lru_cache(maxsize=4096)
def text(source: str) -> Compiled:
    """Compile a text with ``@{…}``. Raises TextError."""
    if OPENING not in source:
        return Compiled(lambda _: source, frozenset())
    # To Jinja, a sign here takes off the blanks before the value.
    source = re.sub(r"@\{(?=[-+])", "@{ ", source)
    try:
        tree = _ENVIRONMENT.parse(source)
        template = _ENVIRONMENT.from_string(tree)
    except TemplateSyntaxError as error:
        raise TextError(texts.in_text(_described(error)), error.lineno - 1) from None
    return Compiled(template.render, _names(tree))


@lru_cache(maxsize=4096)
def expression(source: str) -> Compiled:
    """Compile an expression such as ``2 * x[0]``. Raises TextError."""
    try:
        tree = _ENVIRONMENT.parse(f"{OPENING} {source} }}")
        (output,) = tree.find_all(nodes.Output)
        if len(output.nodes) != 1 or isinstance(output.nodes[0], nodes.TemplateData):
            raise TextError(texts.expression_unreadable(source))
        evaluate = _ENVIRONMENT.compile_expression(source, undefined_to_none=False)
    except TemplateSyntaxError as error:
        raise TextError(texts.in_expression(_described(error), source)) from None
    except ValueError:
        raise TextError(texts.expression_unreadable(source)) from None
    return Compiled(evaluate, _names(tree))


def _names(tree: nodes.Template) -> frozenset[str]:
    return frozenset(meta.find_undeclared_variables(tree))


def _absent(value: Undefined) -> str:
    """Return what an expression names that its value does not have."""
    return texts.no_such_part(value._undefined_name)


def _described(error: TemplateSyntaxError) -> str:
    """Return Jinja's error in the words of a lesson file."""
    message = error.message or ""
    if named := _NO_FILTER.fullmatch(message):
        return texts.unknown_filter(named[1], one_of(FILTERS, named[1]))
    if got := _EXPECTED.fullmatch(message):
        return texts.not_expected("}" if got[1] else got[2])
    if got := _UNEXPECTED.fullmatch(message):
        return texts.not_expected(got[1])
    return message or texts.UNREADABLE
