"""Detect Python code and error messages in a pasted text, so that their numbers are not read.

Examples: ``z1 = x @ W1 + b1``, and the 12 in ``File "x.py", line 12``.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Mapping, Sequence

from backprop_explorer.texts import tutor_reading as texts
from backprop_explorer.tutor.reading.tokens import Source, Token

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
    if (name := _exception_name(text, start, end)) is not None:
        # The exception's name and message alone, but "Error: 0.5" is a named number.
        kind = getattr(builtins, name, None)
        numbers = tokens[min(at + 2, len(tokens) - 1)].kind in ("number", "open", "call")
        if (isinstance(kind, type) and issubclass(kind, BaseException)) or (
            name not in _KINDS_OF_EXCEPTION and not numbers and text[end - 1] != ":"
        ):
            return end
    if not _TRACEBACK_STARTS.match(text, start, end):
        return None
    while end < len(text):
        start, before = end + 1, end
        end = _line_end(text, start)
        if _exception_name(text, start, end):
            return end
        if not any(p.match(text, start, end) for p in (_WITHIN_TRACEBACK, _TRACEBACK_STARTS)):
            return before
    return end


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _exception_name(text: str, start: int, end: int) -> str | None:
    match = _EXCEPTION.match(text, start, end)
    name = match["name"].rpartition(".")[2] if match else ""
    return name if name.endswith(_KINDS_OF_EXCEPTION) else None


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
    end = logical_line_end(tokens, closes, at)
    last = end - 1
    while last > at and tokens[last].kind == "comment":
        last -= 1
    if tokens[last].text != ":":
        return end
    _, indent = source.place(first.start)
    while tokens[end].kind != "end" and source.place(tokens[end].start)[1] > indent:
        end = logical_line_end(tokens, closes, end)
    return end


def logical_line_end(tokens: Sequence[Token], closes: Mapping[int, int], at: int) -> int:
    """Return the index after the last token of a line, including calls that continue below it.

    ``closes`` maps the index of each opening bracket to that of its closing bracket.
    """
    index = at
    while index == at or not tokens[index].begins_line:
        called = (
            tokens[index].kind == "open"
            and not tokens[index].before
            and tokens[index - 1].kind in ("name", "path", "call", "close")
        )
        index = closes.get(index, index) + 1 if called else index + 1
    return index


def continues_as_code(tokens: Sequence[Token], end: int) -> bool:
    """Whether the value before index ``end`` is part of a longer expression."""
    last, token = tokens[end - 1], tokens[end]
    if not token.follows:
        return False
    if token.kind in ("is", "name"):
        return token.kind == "is" or token.text in _WITHIN_EXPRESSIONS
    if token.kind == "open" and not token.before:
        # An index, as in [[1, 2], [3, 4]][0]
        index = tokens[end + 1].text.isdigit() and tokens[end + 2].text == "]"
        return token.text == "(" or (token.text == "[" and (last.kind == "number" or index))
    if token.kind != "other":
        return False
    if token.text == "." and not token.before:
        # A point may also end a sentence, and some methods keep the numbers: .reshape(2, 1)
        method = tokens[end + 1]
        kept = method.text in _SAME_NUMBERS and tokens[end + 2].text == "("
        return not method.before and not kept
    return not token.text.isalnum() and token.text not in ".?!"


# Error messages are read in their last lines.
MAX_READ = 4_000
_SHAPE = r"\((?:\d{1,9},?(?: ?\d{1,9},?)*)?\)"


def _broadcast(first: str, second: str) -> str:
    text = texts.not_elementwise(first, second)
    alike = sorted(re.findall(r"\d+", first)) == sorted(re.findall(r"\d+", second))
    return texts.differ_by_transpose(text) if alike and first != second else text


_EXPLANATIONS: Mapping[re.Pattern[str], str | Callable[..., str]] = {
    re.compile(
        rf"operands could not be broadcast together with shapes ({_SHAPE})[ ,]*({_SHAPE})"
    ): _broadcast,
    re.compile(
        rf"non-broadcastable output operand with shape ({_SHAPE}).{{0,80}}?{_SHAPE}"
    ): texts.in_place,
    re.compile(rf"shapes ({_SHAPE}) and ({_SHAPE}) not aligned"): texts.product_shapes,
    re.compile(r"size (\d{1,9}) is different from (\d{1,9})"): (
        lambda second, first: texts.product_entries(first, second)
    ),
    re.compile(
        r"mat1 and mat2 shapes cannot be multiplied \((\d+x\d+) and (\d+x\d+)\)"
    ): texts.product_shapes,
    re.compile(
        r"too many indices for array|tuple index out of range|axis 1 is out of bounds"
    ): texts.FEWER_AXES,
    re.compile(r"setting an array element with a sequence|inhomogeneous shape"): texts.NO_ONE_ARRAY,
    re.compile(
        r"only (?:size-1|length-1|0-dimensional) arrays can be converted"
    ): texts.FUNCTION_OF_NUMBER,
    re.compile(
        r"unsupported operand type\(s\) for .{1,10}: 'NoneType'|'NoneType' and"
    ): texts.RETURNED_NOTHING,
}


def explain_error(text: str) -> str | None:
    """Return what an error message means, without a full stop; None if it is not known here."""
    for pattern, explanation in _EXPLANATIONS.items():
        if match := pattern.search(text[-MAX_READ:]):
            return explanation if isinstance(explanation, str) else explanation(*match.groups())
    return None
