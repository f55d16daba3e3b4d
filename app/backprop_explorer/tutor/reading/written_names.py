"""Names of arrays as programs print them, converted to one token each.

``grads['dW1'] = …``, ``dW[0] = …``, ``self.W1 = …``, ``Gradient of W1: …``, and ``dW`` below a line
``Layer 1``. PyTorch's ``('0.weight', tensor(…))``, in a ``state_dict()`` or alone, become ``W1 =
tensor(…)``, numbered in order. Only tokens are replaced; the others keep their places in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backprop_explorer.engine import names
from backprop_explorer.tutor.reading.source_code import is_statement
from backprop_explorer.tutor.reading.tokens import Token, closing_brackets
from backprop_explorer.tutor.spellings import spellings

MAX_WORDS = 10
_FILLERS = {
    *("of", "for", "the", "is", "at", "in", "with", "respect", "to", "wrt", "by", "a", "an"),
    *("our", "my", "own", "matrix", "vector", "computed", "are", "av", "til", "i", "and"),
}
# What follows these is no array of the name beside them.
_OF_SHAPES = {"shape", "shapes", "size", "sizes", "dim", "dims", "dimension", "dimensions"}
_HEADINGS = ("layer", "lag")


_PARAMETERS = {"weight": names.weights, "bias": names.biases}


def replace_written_names(tokens: list[Token]) -> list[Token]:
    """Return ``tokens`` with one name token for each name that is written with several."""
    tokens = _with_parameter_names(tokens)
    replaced: list[Token] = []
    heading: str | None = None
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if at and not token.begins_line and tokens[at - 1].kind != "prompt":
            replaced.append(token)
            at += 1
            continue
        if (after := _heading_end(tokens, at)) is not None:
            heading = tokens[at + 1].text
            for rest in tokens[after : after + 1]:
                tokens[after] = rest._replace(before=token.before + rest.before)
            at = after
            continue
        name, after = _name(tokens, at)
        if name is None and heading and token.kind == "name" and spellings(token.text):
            name, after = token.text, at + 1
        if name is not None and heading is not None and _lacks_layer(name):
            name = f"{name}{heading}"
        if name is not None:
            token = token._replace(kind="name", text=name, end=tokens[after - 1].end)
        replaced.append(token)
        at = after
    return replaced


def _lacks_layer(name: str) -> bool:
    first = spellings(name)[0]
    return first.layer is None and first.quantity not in ("x", "target", "C")


def _heading_end(tokens: Sequence[Token], at: int) -> int | None:
    """Return the index after a line that is only "Layer 1", or None."""
    number = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if tokens[at].text.lower() not in _HEADINGS or not number.isdigit():
        return None
    end = at + 2
    if end < len(tokens) and tokens[end].text == ":":
        end += 1
    while end < len(tokens) and tokens[end].kind == "prompt":
        end += 1
    return end if end == len(tokens) or tokens[end].begins_line else None


def _name(tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
    """Return the name that begins at a token, or None, and the index after it or the token."""
    first = tokens[at]
    if first.kind not in ("name", "path") or is_statement(first.text):
        return None, at + 1
    name, end = _entry(tokens, at) or (first.text.removeprefix("self."), at + 1)
    if end == at + 1 and first.kind == "name":
        name, end = _phrase(tokens, at)
    return (name, end) if spellings(name) and _value_follows(tokens, end) else (None, at + 1)


def _entry(tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    """Return ``grads['dW1']`` or ``dW[0]`` as one name, and the index after it."""
    inner = tokens[at + 1 : at + 4]
    if len(inner) < 3 or inner[0].text != "[" or inner[2].text != "]" or inner[0].before:
        return None
    key = inner[1]
    of = tokens[at].text.removeprefix("self.")
    if key.kind == "name" and key.end - key.start == len(key.text) + 2:
        return f"{of}['{key.text}']", at + 4
    if key.kind == "number" and key.text.lstrip("-").isdigit():
        return f"{of}[{key.text}]", at + 4
    return None


def _phrase(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """Return the name in words such as "Gradient of W1", or "", and the index after them."""
    end = at
    while end < min(len(tokens), at + MAX_WORDS):
        token = tokens[end]
        if end > at and token.begins_line:
            break
        if token.kind not in ("name", "path") and not token.text.isdigit():
            break
        end += 1
    words = [token.text for token in tokens[at:end] if token.text.lower() not in _FILLERS]
    if end - at < 2 or any(word.lower() in _OF_SHAPES for word in words):
        return "", end
    phrases = ("_".join(words[start:]) for start in range(len(words)))
    return next(filter(spellings, phrases), ""), end


def _value_follows(tokens: Sequence[Token], at: int) -> bool:
    """Whether = or : or brackets follow."""
    if at >= len(tokens):
        return False
    token = tokens[at]
    opened = token.kind == "open" and token.text != "{" and bool(token.before)
    return token.kind == "is" or (not token.before.strip() and (opened or token.kind == "call"))


def _with_parameter_names(tokens: list[Token]) -> list[Token]:
    """Return ``tokens`` with ``W1 = tensor(…)`` instead of ``('0.weight', tensor(…))``.

    The brackets of the dictionary are removed.
    """
    keys = {at: key for at in range(len(tokens)) if (key := _parameter(tokens, at))}
    if not keys:
        return tokens
    layers = list(dict.fromkeys(layer for layer, _ in keys.values()))
    closes = closing_brackets(tokens)
    removed: set[int] = set()
    for at in keys:
        if tokens[at + 1].kind == "is":
            removed.add(at + 1)
        if at and tokens[at - 1].text == "(" and at - 1 in closes:
            removed |= {at - 1, closes[at - 1]}
    for at, token in enumerate(tokens):
        if token.text == "OrderedDict" and token.kind == "name":
            removed.add(at)
            opened = at + 1
            while opened in closes and opened < at + 3:
                removed |= {opened, closes[opened]}
                opened += 1
    kept: list[Token] = []
    before = ""
    for at, token in enumerate(tokens):
        before += token.before
        if at in removed:
            continue
        kept.append(token._replace(before=before))
        before = ""
        if at in keys:
            layer, parameter = keys[at]
            name = parameter(layers.index(layer) + 1)
            kept[-1] = kept[-1]._replace(kind="name", text=name)
            kept.append(Token("is", "=", token.end, token.end))
    return kept


def _parameter(tokens: Sequence[Token], at: int) -> tuple[str, Callable[[int], str]] | None:
    """Read a name such as ``'fc1.weight.grad'``: its layer, and the line of a layer's number."""
    if tokens[at].kind != "path":
        return None
    path = tokens[at].text
    layer, _, kind = path.removesuffix(".grad").rpartition(".")
    after = at + 1
    while after < len(tokens) and tokens[after].kind in ("is", "label"):
        after += 1
    called = after < len(tokens) and tokens[after].kind == "call"
    if not layer or kind not in _PARAMETERS or not called:
        return None
    of = _PARAMETERS[kind]
    return layer, (lambda k: names.gradient(of(k))) if path.endswith(".grad") else of
