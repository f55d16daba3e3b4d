"""Detect Python code and error messages in a pasted text, so that their numbers are not read.

Examples: ``z1 = x @ W1 + b1``, and the 12 in ``File "x.py", line 12``.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Mapping, Sequence

from backprop_explorer.texts import tutor_reading as texts
from backprop_explorer.tutor.reading.tokens import Source, Token, is_array_call

CODE = texts.CODE
TRACEBACK = texts.ERROR_MESSAGE

_STATEMENTS = {
    *("def", "class", "for", "while", "if", "elif", "else", "return", "import", "from", "with"),
    *("try", "except", "finally", "raise", "assert", "del", "global", "nonlocal", "async"),
    *("await", "yield", "pass", "break", "continue"),
}
_WITHIN_EXPRESSIONS = frozenset(("if", "else", "for", "and", "or", "not", "in", "is"))
# Methods that keep the numbers of an array.
_SAME_NUMBERS = frozenset(
    ("reshape", "ravel", "flatten", "astype", "copy", "squeeze", "tolist", "numpy", "view")
)
_TRACEBACK_STARTS = re.compile(
    r"""(?:(?!Traceback)\w++[ \t]++)?+Traceback\ \(most\ recent\ call
    | [ \t]*+File\ "[^"\n]*+",\ line\ \d
    | Cell\ In\ ?+\[\d++\],\ line\ \d | Input\ In\ \[\d++\]""",
    re.VERBOSE,
)
_WITHIN_TRACEBACK = re.compile(
    r"""[ \t]*+$ | [ \t] | File\  | Cell\  | Input\  | <ipython | -++> | [~/] | Traceback\ \(
    | During\ handling | The\ above\ exception | -{3,}""",
    re.VERBOSE,
)
_EXCEPTION = re.compile(r"(?P<name>\w++(?:\.\w++)*+)(?P<end>:|[ \t]*+$)")
_KINDS_OF_EXCEPTION = ("Error", "Exception", "Warning", "Interrupt", "Exit", "StopIteration")


_ERROR_LINE = re.compile(r"^(?:\w{1,80}\.){0,5}\w{0,80}(?:Error|Exception|Warning)\b", re.MULTILINE)
_CODE = re.compile(
    r"^[ \t>.]{0,40}(?:def|class|import|from|for|while|if|return|print)\b"
    r"|\w{1,80}\.(?:T\b|dot\b|sum\b|mean\b|shape\b|exp\b|zeros|ones|random)"
    r"|[\w\])] ?(?:@|\*\*?) ?[\w(]"
    r"|^[ \t>.]{0,40}[\w.]{1,80} ?(?:[-+*/@]= ?|= ?\w{0,80}[A-Za-z_]\w{0,80} ?[-+*/@(])",
    re.MULTILINE,
)
_LOOKED_AT = 20_000


def code_or_error(text: str) -> str | None:
    """Return a message if a text looks like code or an error message, None otherwise."""
    text = text[:_LOOKED_AT]
    if "Traceback (most recent call" in text or _ERROR_LINE.search(text):
        meaning = explain_error(text)
        return f"{TRACEBACK}: {meaning}" if meaning else TRACEBACK
    return CODE if _CODE.search(text) else None


def is_statement(word: str) -> bool:
    """Whether a word begins a Python statement."""
    return word in _STATEMENTS


def traceback_end(source: Source, tokens: Sequence[Token], at: int) -> int | None:
    """Return the offset at which an error message ends, or None if there is none.

    ``at`` is the index of its first token, which must be the first of its line.
    """
    text = source.text
    start = text.rfind("\n", 0, tokens[at].start) + 1
    end = _line_end(text, start)
    if _is_exception(text, start, end, tokens, at):
        return end
    if not _TRACEBACK_STARTS.match(text, start, end):
        return None
    while end < len(text):
        start = end + 1
        next_end = _line_end(text, start)
        if _exception_name(text, start, next_end):
            return next_end
        if not _WITHIN_TRACEBACK.match(text, start, next_end) and not _TRACEBACK_STARTS.match(
            text, start, next_end
        ):
            break
        end = next_end
    return end


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _exception_name(text: str, start: int, end: int) -> str | None:
    match = _EXCEPTION.match(text, start, end)
    name = match["name"].rpartition(".")[2] if match else ""
    return name if name.endswith(_KINDS_OF_EXCEPTION) else None


def _is_exception(text: str, start: int, end: int, tokens: Sequence[Token], at: int) -> bool:
    """Whether a line is an exception's name and message. "Error: 0.5" is a named number."""
    name = _exception_name(text, start, end)
    if name is None:
        return False
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, BaseException):
        return True
    after = at + 2
    numbers = after < len(tokens) and (
        tokens[after].kind in ("number", "open") or is_array_call(tokens, after)
    )
    return name not in _KINDS_OF_EXCEPTION and not numbers and text[end - 1] != ":"


def block_end(
    source: Source, tokens: Sequence[Token], closes: Mapping[int, int], at: int
) -> int | None:
    """Return the index after a statement, or None if no statement begins at token ``at``.

    ``at`` must be the first token of its line. The indented lines below ``def …:`` or ``for …:``
    belong to the statement.
    """
    first = tokens[at]
    if first.kind != "name" or first.text not in _STATEMENTS:
        return None
    end = logical_line_end(source, tokens, closes, at)
    last = end - 1
    while last > at and tokens[last].kind == "comment":
        last -= 1
    if tokens[last].text != ":":
        return end
    _, indent = source.place(first.start)
    while (
        end < len(tokens)
        and source.breaks_line(tokens[end - 1].end, tokens[end].start)
        and source.place(tokens[end].start)[1] > indent
    ):
        end = logical_line_end(source, tokens, closes, end)
    return end


def logical_line_end(
    source: Source, tokens: Sequence[Token], closes: Mapping[int, int], at: int
) -> int:
    """Return the index after the last token of a line, including calls that continue below it.

    ``closes`` maps the index of each opening bracket to that of its closing bracket.
    """
    index = at
    while index < len(tokens):
        if index > at and source.breaks_line(tokens[index - 1].end, tokens[index].start):
            return index
        called = tokens[index].kind == "open" and _is_called(tokens, index)
        index = closes.get(index, index) + 1 if called else index + 1
    return len(tokens)


def _is_called(tokens: Sequence[Token], at: int) -> bool:
    before = tokens[at - 1] if at else None
    return (
        before is not None
        and before.end == tokens[at].start
        and before.kind in ("name", "path", "close")
    )


def continues_as_code(source: Source, tokens: Sequence[Token], end: int) -> bool:
    """Whether the value before index ``end`` is part of a longer expression."""
    if end == len(tokens):
        return False
    last, token = tokens[end - 1], tokens[end]
    gap = source.text[last.end : token.start]
    if gap.strip(" \t"):
        return False
    if token.kind == "is":
        return True
    if token.kind == "name":
        return token.text in _WITHIN_EXPRESSIONS
    if token.kind == "open" and not gap:
        return token.text == "(" or (
            token.text == "[" and (last.kind == "number" or _is_index(tokens, end))
        )
    if token.kind != "other":
        return False
    if token.text == "." and not gap:
        # A point may also end a sentence.
        attribute = end + 1 < len(tokens) and tokens[end + 1].start == token.end
        return attribute and not _keeps_numbers(tokens, end)
    return not token.text.isalnum() and token.text not in ".?!"


def _is_index(tokens: Sequence[Token], opened: int) -> bool:
    """Whether brackets after an array are an index, as in ``[[1, 2], [3, 4]][0]``."""
    inner = tokens[opened + 1 : opened + 3]
    return len(inner) == 2 and inner[0].text.isdigit() and inner[1].text == "]"


def _keeps_numbers(tokens: Sequence[Token], dot: int) -> bool:
    """Whether the method after ``dot``, such as ``.reshape(2, 1)``, keeps the numbers."""
    return (
        dot + 2 < len(tokens)
        and tokens[dot].text == "."
        and tokens[dot + 1].text in _SAME_NUMBERS
        and tokens[dot + 2].text == "("
    )


# Error messages are read in their last lines.
MAX_READ = 4_000
_SHAPE = r"\((?:\d{1,9},?(?: ?\d{1,9},?)*)?\)"

_BROADCAST = re.compile(
    rf"operands could not be broadcast together with shapes ({_SHAPE})[ ,]*({_SHAPE})"
)
_OUTPUT = re.compile(rf"non-broadcastable output operand with shape ({_SHAPE}).{{0,80}}?({_SHAPE})")
_ALIGNED = re.compile(rf"shapes ({_SHAPE}) and ({_SHAPE}) not aligned")
_MATMUL = re.compile(r"size (\d{1,9}) is different from (\d{1,9})")
_TORCH = re.compile(r"mat1 and mat2 shapes cannot be multiplied \((\d+x\d+) and (\d+x\d+)\)")


def _broadcast(found: Sequence[str]) -> str:
    first, second = found
    text = texts.not_elementwise(first, second)
    if _sorted(first) == _sorted(second) and first != second:
        return texts.differ_by_transpose(text)
    return text


def _sorted(shape: str) -> list[str]:
    return sorted(re.findall(r"\d+", shape))


def _aligned(found: Sequence[str]) -> str:
    first, second = found
    return texts.product_shapes(first, second)


def _matmul(found: Sequence[str]) -> str:
    second, first = found
    return texts.product_entries(first, second)


_EXPLANATIONS: tuple[tuple[re.Pattern[str], Callable[[Sequence[str]], str]], ...] = (
    (_BROADCAST, _broadcast),
    (_OUTPUT, lambda found: texts.in_place(found[0])),
    (_ALIGNED, _aligned),
    (_MATMUL, _matmul),
    (_TORCH, _aligned),
    (
        re.compile(r"too many indices for array|tuple index out of range|axis 1 is out of bounds"),
        lambda found: texts.FEWER_AXES,
    ),
    (
        re.compile(r"setting an array element with a sequence|inhomogeneous shape"),
        lambda found: texts.NO_ONE_ARRAY,
    ),
    (
        re.compile(r"only (?:size-1|length-1|0-dimensional) arrays can be converted"),
        lambda found: texts.FUNCTION_OF_NUMBER,
    ),
    (
        re.compile(r"unsupported operand type\(s\) for .{1,10}: 'NoneType'|'NoneType' and"),
        lambda found: texts.RETURNED_NOTHING,
    ),
)


def explain_error(text: str) -> str | None:
    """Return what an error message means, without a full stop; None if it is not known here."""
    end = text[-MAX_READ:]
    for pattern, explanation in _EXPLANATIONS:
        if match := pattern.search(end):
            return explanation(match.groups())
    return None
