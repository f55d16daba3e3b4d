"""Build the tree of brackets from tokens, and read arrays from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from backprop_explorer.texts import tutor_reading as texts
from backprop_explorer.tutor.reading.printed_array import (
    BLANK,
    MAX_DEPTH,
    PrintedArray,
    from_tokens,
    ragged_message,
)
from backprop_explorer.tutor.reading.tokens import CLOSES, Token, Unreadable, is_array_call

# Dictionaries and calls add brackets around those of an array.
_MAX_NESTING = MAX_DEPTH + 4
NO_NUMBERS = texts.TRACER
SHORTENED = texts.SHORTENED


@dataclass(slots=True)
class Brackets:
    """A pair of brackets. ``kind`` is "[", "(" or "{", or "array" for a call such as array(…)."""

    kind: str
    items: list[Item] = field(default_factory=list)


Item = Brackets | Token


def bracket_tree(tokens: Sequence[Token]) -> Brackets:
    """Return the root of the tree of brackets in ``tokens``.

    Leaves are numbers and names. Raises Unreadable for a token that is not part of a printed array.
    """
    root = Brackets("")
    stack: list[tuple[Brackets, str]] = [(root, "")]
    called = named = False
    for at, token in enumerate(tokens):
        kind = token.kind
        if kind in ("name", "path") and is_array_call(tokens, at):
            called = True
            continue
        if kind == "number":
            stack[-1][0].items.append(token)
        elif kind == "open":
            if len(stack) > _MAX_NESTING:
                raise Unreadable(texts.nested_deeper(MAX_DEPTH))
            bracket = token.text[0]
            node = Brackets("array" if called or bracket == "<" else bracket)
            stack[-1][0].items.append(node)
            stack.append((node, CLOSES[bracket]))
        elif kind == "close":
            if token.text != stack[-1][1]:
                raise Unreadable(texts.no_opening(token.text), token.start)
            stack.pop()
        elif kind == "name":
            stack[-1][0].items.append(token)
        elif kind == "dots":
            raise Unreadable(SHORTENED)
        elif kind not in ("attribute", "label") and not (kind == "is" and named):
            raise Unreadable(texts.NUMBER_OR_BRACKET, token.start)
        called, named = False, kind == "name"
    if len(stack) > 1:
        raise Unreadable(texts.missing_at_end(stack[-1][1]))
    return root


def one_array(node: Item) -> PrintedArray:
    """Read one array from a node or number. Raises Unreadable if it is not one array."""
    numerals: list[str] = []

    def shape_of(item: Item) -> tuple[int, ...]:
        if isinstance(item, Token):
            if item.kind == "name":
                raise Unreadable(texts.WORD, item.start)
            numerals.append(item.text)
            return ()
        if item.kind == "array" and len(item.items) == 1:
            return shape_of(item.items[0])
        shapes = [shape_of(part) for part in item.items]
        for index, shape in enumerate(shapes):
            if shape != shapes[0]:
                raise Unreadable(ragged_message(index, shape, shapes[0]))
        return (len(shapes), *shapes[0]) if shapes else (0,)

    shape = shape_of(node)
    return from_tokens(numerals, shape) if numerals else BLANK


def is_name(item: Item) -> bool:
    """Whether an item is a name rather than a number or brackets."""
    return isinstance(item, Token) and item.kind == "name"


def holds_several(node: Brackets) -> bool:
    """Whether the node holds several arrays, not the rows of one."""
    if node.kind == "{" or any(is_name(item) for item in node.items):
        return True
    parts = [item for item in node.items if isinstance(item, Brackets)]
    if node.kind == "array" or len(parts) < len(node.items):
        return False
    if any(part.kind in ("array", "(") or holds_several(part) for part in parts):
        return True
    # A tuple of plain lists of different depth is (W, b).
    return node.kind == "(" and len({_depth(part) for part in parts}) > 1


def _depth(item: Item) -> int:
    return 1 + _depth(item.items[0]) if isinstance(item, Brackets) and item.items else 0
