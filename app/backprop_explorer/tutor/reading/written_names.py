"""Names of arrays as programs print them, converted to one token each.

``grads['dW1'] = …``, ``dW[0] = …``, ``self.W1 = …``, ``Gradient of W1: …``, and ``dW`` below a line
``Layer 1``. Only tokens are replaced; the other tokens keep their places in the text.
"""

from __future__ import annotations

from collections.abc import Sequence

from backprop_explorer.tutor.reading.source_code import is_statement
from backprop_explorer.tutor.reading.tokens import Source, Token, is_array_call
from backprop_explorer.tutor.spellings import spellings

MAX_WORDS = 10
_FILLERS = {
    *("of", "for", "the", "is", "at", "in", "with", "respect", "to", "wrt", "by", "a", "an"),
    *("our", "my", "own", "matrix", "vector", "computed", "are", "av", "til", "i", "and"),
}
# What follows these is no array of the name beside them.
_OF_SHAPES = {"shape", "shapes", "size", "sizes", "dim", "dims", "dimension", "dimensions"}
_HEADINGS = ("layer", "lag")


def replace_written_names(source: Source, tokens: Sequence[Token]) -> list[Token]:
    """Return ``tokens`` with one name token for each name that is written with several."""
    replaced: list[Token] = []
    heading: str | None = None
    at = 0
    while at < len(tokens):
        if not _begins_line(source, tokens, at):
            replaced.append(tokens[at])
            at += 1
            continue
        if (after := _heading_end(source, tokens, at)) is not None:
            heading, at = tokens[at + 1].text, after
            continue
        name, after = _name(source, tokens, at)
        if name is None and heading and tokens[at].kind == "name" and spellings(tokens[at].text):
            name, after = tokens[at].text, at + 1
        if name is None:
            replaced.append(tokens[at])
            at += 1
            continue
        if heading is not None and _lacks_layer(name):
            name = f"{name}{heading}"
        replaced.append(Token("name", name, tokens[at].start, tokens[after - 1].end))
        at = after
    return replaced


def _lacks_layer(name: str) -> bool:
    first = spellings(name)[0]
    return first.layer is None and first.quantity not in ("x", "target", "C")


def _begins_line(source: Source, tokens: Sequence[Token], at: int) -> bool:
    if at == 0 or tokens[at - 1].kind == "prompt":
        return True
    return source.breaks_line(tokens[at - 1].end, tokens[at].start)


def _heading_end(source: Source, tokens: Sequence[Token], at: int) -> int | None:
    """Return the index after a line that is only "Layer 1", or None."""
    if at + 1 >= len(tokens) or tokens[at].text.lower() not in _HEADINGS:
        return None
    if not tokens[at + 1].text.isdigit():
        return None
    end = at + 2
    if end < len(tokens) and tokens[end].text == ":":
        end += 1
    while end < len(tokens) and tokens[end].kind == "prompt":
        end += 1
    if end < len(tokens) and not source.breaks_line(tokens[end - 1].end, tokens[end].start):
        return None
    return end


def _name(source: Source, tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
    """Return the name that begins at a token and the index after it; None if there is none."""
    first = tokens[at]
    if first.kind not in ("name", "path") or is_statement(first.text) or is_array_call(tokens, at):
        return None, at
    name, end = first.text, at + 1
    if (entry := _entry(tokens, at)) is not None:
        name, end = entry
    elif first.kind == "path":
        name = name.removeprefix("self.")
    if end > at + 1 or first.kind == "path":
        known = bool(spellings(name)) and _value_follows(source, tokens, end)
        return (name, end) if known else (None, at)
    return _phrase(source, tokens, at)


def _entry(tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    """Return ``grads['dW1']`` or ``dW[0]`` as one name, and the index after it."""
    inner = tokens[at + 1 : at + 4]
    if len(inner) < 3 or inner[0].text != "[" or inner[2].text != "]":
        return None
    if inner[0].start != tokens[at].end:
        return None
    key = inner[1]
    of = tokens[at].text.removeprefix("self.")
    if key.kind == "name" and key.end - key.start == len(key.text) + 2:
        return f"{of}['{key.text}']", at + 4
    if key.kind == "number" and key.text.lstrip("-").isdigit():
        return f"{of}[{key.text}]", at + 4
    return None


def _phrase(source: Source, tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
    """Return the name in words such as "Gradient of W1", and the index after them."""
    end = at
    while end < len(tokens) and end - at < MAX_WORDS:
        token = tokens[end]
        if source.breaks_line(tokens[at].start, token.start):
            break
        if token.kind not in ("name", "path") and not token.text.isdigit():
            break
        if is_array_call(tokens, end):
            break
        end += 1
    words = [token.text for token in tokens[at:end] if token.text.lower() not in _FILLERS]
    if any(word.lower() in _OF_SHAPES for word in words):
        return None, at
    if end - at < 2 or not _value_follows(source, tokens, end):
        return None, at
    for start in range(len(words)):
        name = "_".join(words[start:])
        if spellings(name):
            return name, end
    return None, at


def _value_follows(source: Source, tokens: Sequence[Token], at: int) -> bool:
    """Whether = or : or brackets follow."""
    if at >= len(tokens):
        return False
    if tokens[at].kind == "is":
        return True
    gap = source.text[tokens[at - 1].end : tokens[at].start]
    return not gap.strip() and (
        (tokens[at].kind == "open" and tokens[at].text != "{" and bool(gap))
        or is_array_call(tokens, at)
    )
