"""Text as NumPy prints it, back into arrays: one array, or several with their names.

Understood are brackets without commas, lines broken anywhere, ``array([...], dtype=...)``, what
PyTorch, JAX, TensorFlow, autograd and pandas print, scalars such as ``np.float64(0.5)``, tuples and
lists of arrays, dictionaries, and plain rows of numbers separated by commas, semicolons, tabs or
blanks, with a decimal comma too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.core.decimal_comma import commas
from app.core.errors import InvalidInput
from app.core.pandas_text import bracketed
from app.core.printed import BLANK, MAX_DEPTH, Printed, check_size, from_tokens, ragged

MAX_TEXT = 4_000_000
MAX_ARRAYS = 1_000

_NUMBER = r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,5})?|nan\b|inf(?:inity)?\b)"
# Said before an array, and nothing of it: print(layer.weight), a print within autograd's grad.
LABEL = r"(?:Parameter\s++containing:|Autograd\s++ArrayBox\s++with\s++value\b)"
# What JAX prints within jit and grad.
TRACER = re.compile(r"(?:Traced|\w*Tracer)<")
NO_NUMBERS = "a JAX tracer holds no numbers: print outside of jit and grad, or with jax.debug.print"
_TOKENS = re.compile(
    r"""\s*(?:
      (?P<dots>\.\.\.|…)
    | (?P<scalar>(?:np|numpy)\.float(?:16|32|64)\(\s*(?P<inner>"""
    + _NUMBER
    + r""")\s*\))
    | (?P<number>"""
    + _NUMBER
    + r""")(?![\w.])
    | (?P<extra>,?\s*(?:dtype|grad_fn|requires_grad|device|layout|weak_type)
        \s*=\s*(?:<[^<>()]*>|[\w.'":<]+)
      | ,?\s*(?:shape|size)\s*=\s*\([\d\s,]*\)
      | ,?\s*numpy\s*=
      | """
    + LABEL
    + r""")
    | (?P<maker>(?:\w+\.)?(?:array|tensor|matrix|asarray|DeviceArray|list|tuple)(?=\s*\())
    | (?P<name>['"]?[A-Za-z_∂δ][\w∂/]*['"]?)\s*(?P<is>[:=])?
    | (?P<open>[\[({]|<tf\.\w+:?(?:\s+'[^'\n]*')?)
    | (?P<close>[\])}>])
    | (?P<comma>[,;])
    )""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(slots=True)
class _Node:
    """Brackets: ``kind`` is "[", "(" or "{", "array" where a call such as array(…) opened them."""

    kind: str
    items: list[_Node | str | _Name] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Name:
    text: str


_Item = _Node | str | _Name


@dataclass(frozen=True, slots=True)
class EitherWay(Printed):
    """Whole numbers with commas between, such as "1,2", that may be ``decimal`` as well."""

    decimal: Printed


def of_size(printed: Printed, size: int) -> Printed:
    """How an array is meant that should have so many numbers."""
    if isinstance(printed, EitherWay) and printed.decimal.values.size == size:
        return printed.decimal
    return printed


def _near(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return f"line {line}, column {column}"


def _tokens(text: str, where: str) -> Iterator[tuple[str, str, int]]:
    at, end, numbers = 0, len(text.rstrip()), 0
    while at < end:
        match = _TOKENS.match(text, at)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            if TRACER.search(text):
                raise InvalidInput(where, NO_NUMBERS)
            raise InvalidInput(where, f"not a number or a bracket at {_near(text, start)}")
        kind = match.lastgroup or ""
        kind = {"inner": "scalar", "is": "name"}.get(kind, kind)
        if kind == "dots":
            raise InvalidInput(
                where,
                "NumPy left numbers out here (...): call "
                "np.set_printoptions(threshold=np.inf) before printing, and paste again",
            )
        if kind in ("number", "scalar"):
            numbers += 1
            check_size(numbers, where)
            yield "number", match["number"] or match["inner"], match.start(kind)
        elif kind != "extra":
            yield kind, match[kind], match.start(kind)
        at = match.end()


def _plain(text: str, where: str) -> str:
    """Signs as Python has them, where a word processor or a page wrote others; no index."""
    if len(text) > MAX_TEXT:
        raise InvalidInput(where, f"must have at most {MAX_TEXT:,} characters")
    return bracketed(text.replace("\u2212", "-").replace("\u00a0", " "))


_CLOSES = {"[": "]", "(": ")", "{": "}", "<": ">"}


def _tree(text: str, where: str) -> _Node:
    """The brackets of ``text``, under one node that stands for the whole."""
    root = _Node("")
    stack: list[tuple[_Node, str]] = [(root, "")]
    made = False
    for kind, part, at in _tokens(text, where):
        if kind == "maker":
            made = True
            continue
        if kind == "open":
            if len(stack) > MAX_DEPTH + 4:
                raise InvalidInput(where, f"brackets can be nested {MAX_DEPTH} deep")
            bracket = part[0]
            called = bracket == "<" or (made and bracket == "(")
            node = _Node("array" if called else bracket)
            stack[-1][0].items.append(node)
            stack.append((node, _CLOSES[bracket]))
        elif kind == "close":
            if part != stack[-1][1]:
                raise InvalidInput(where, f"{part} closes nothing at {_near(text, at)}")
            stack.pop()
        elif kind == "number":
            stack[-1][0].items.append(part)
        elif kind == "name":
            stack[-1][0].items.append(_Name(part.strip("'\"")))
        made = False
    if len(stack) > 1:
        raise InvalidInput(where, f"{stack[-1][1]} is missing at the end")
    return root


def _leaf(node: _Item, where: str) -> Printed:
    """Brackets that hold one array."""
    tokens: list[str] = []

    def shape_of(item: _Item) -> tuple[int, ...]:
        if isinstance(item, str):
            tokens.append(item)
            return ()
        if isinstance(item, _Name):
            raise InvalidInput(where, "a word stands where a number is needed")
        if item.kind == "array" and len(item.items) == 1:
            return shape_of(item.items[0])
        shapes = [shape_of(part) for part in item.items]
        for index, shape in enumerate(shapes):
            if shape != shapes[0]:
                raise InvalidInput(where, ragged(index, shape, shapes[0]))
        return (len(shapes), *shapes[0]) if shapes else (0,)

    shape = shape_of(node)
    return from_tokens(tokens, shape) if tokens else BLANK


def _rows(text: str, where: str) -> Printed:
    """Plain rows of numbers: CSV, or columns as a spreadsheet copies them."""
    read = [_tree(line, where).items for line in text.splitlines()]
    tokens = [[item for item in row if isinstance(item, str)] for row in read if row]
    for index, row in enumerate(tokens):
        if len(row) != len(tokens[0]):
            raise InvalidInput(where, ragged(index, (len(row),), (len(tokens[0]),)))
    flat = [token for row in tokens for token in row]
    if len(tokens) > 1:
        return from_tokens(flat, (len(tokens), len(tokens[0])))
    return from_tokens(flat, (len(flat),) if len(flat) > 1 else ())


def parse_array(text: str, where: str = "text") -> Printed:
    """One array from ``text``; blank text is a blank.

    Raises InvalidInput naming ``where`` if it cannot be read, or is not one array.
    """
    text = _plain(text, where)
    found = commas(text, where)
    if found.decimal is None:
        return _array(text, where)
    decimal = _array(found.decimal, where)
    if found.sure:
        return decimal
    listed = _array(text, where)
    return EitherWay(listed.values, listed.quantum, listed.digits, listed.decimals, decimal)


def _array(text: str, where: str) -> Printed:
    root = _tree(text, where)
    items = [item for item in root.items if not isinstance(item, _Name)]
    if len(items) < len(root.items):
        # A name in front of its one array says nothing new.
        if len(items) != 1 or len(root.items) != 2:
            raise InvalidInput(where, "only numbers and brackets can stand here")
        return _leaf(items[0], where)
    if not items:
        return BLANK
    if all(isinstance(item, str) for item in items):
        return _rows(text, where)
    if len(items) > 1:
        raise InvalidInput(where, f"{len(items)} arrays stand here, one is needed")
    return _leaf(items[0], where)


def parse_named(text: str, where: str = "text") -> dict[str, Printed]:
    """Several arrays by name, in the order printed.

    Names are taken from ``name = …``, ``name: …`` or a dictionary. Without names the arrays are
    those of the layers in order: a matrix is ``dC_dW1``, the vector after it ``dC_db1``, and so on.
    """
    arrays: dict[str, Printed] = {}
    unnamed: list[Printed] = []
    waiting: str | None = None

    def add(item: _Item) -> None:
        nonlocal waiting
        leaf = _leaf(item, where)
        if waiting is None:
            unnamed.append(leaf)
        elif waiting in arrays:
            raise InvalidInput(where, "one name stands here twice")
        else:
            arrays[waiting] = leaf
            waiting = None
        if len(arrays) + len(unnamed) > MAX_ARRAYS:
            raise InvalidInput(where, f"at most {MAX_ARRAYS} arrays can be read at once")

    def walk(item: _Item) -> None:
        nonlocal waiting
        if isinstance(item, _Name):
            waiting = item.text
        elif isinstance(item, _Node) and _holds_several(item):
            for part in item.items:
                walk(part)
        else:
            add(item)

    text = _plain(text, where)
    found = commas(text, where)
    for item in _tree((found.sure and found.decimal) or text, where).items:
        walk(item)
    if not unnamed:
        return arrays
    if arrays:
        raise InvalidInput(where, "some arrays have a name and others have none")
    return _by_layer(unnamed, where)


def _holds_several(node: _Node) -> bool:
    """Whether brackets hold arrays rather than the rows of one."""
    if node.kind == "{" or any(isinstance(item, _Name) for item in node.items):
        return True
    parts = [item for item in node.items if isinstance(item, _Node)]
    if node.kind == "array" or len(parts) < len(node.items):
        return False
    if any(part.kind in ("array", "(") or _holds_several(part) for part in parts):
        return True
    # (W, b) printed as plain lists.
    return node.kind == "(" and len({_depth(part) for part in parts}) > 1


def _depth(item: _Item) -> int:
    return 1 + _depth(item.items[0]) if isinstance(item, _Node) and item.items else 0


def _by_layer(arrays: list[Printed], where: str) -> dict[str, Printed]:
    named: dict[str, Printed] = {}
    layer = 0
    for array in arrays:
        if array.values.ndim == 2:
            layer += 1
            named[f"dC_dW{layer}"] = array
        elif layer and array.values.ndim == 1 and f"dC_db{layer}" not in named:
            named[f"dC_db{layer}"] = array
        else:
            raise InvalidInput(
                where,
                "arrays without names must be W, b, W, b, … of the layers in order; "
                "or write a name and = in front of each",
            )
    return named
