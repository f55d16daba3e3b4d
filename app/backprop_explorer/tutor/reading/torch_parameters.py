"""Convert printed PyTorch parameters: a ``state_dict()``, or parameters with their names.

Names become W1, b1, W2, … in order, or the gradients of these for a ``.grad``. The brackets of the
dictionary are removed. Only tokens are replaced; the other tokens keep their places in the text.
"""

from __future__ import annotations

from backprop_explorer.engine import names
from backprop_explorer.tutor.reading.tokens import Token, is_array_call

_LETTER = {"weight": "W", "bias": "b"}


def replace_parameter_names(tokens: list[Token]) -> list[Token]:
    """Return ``tokens`` with ``W1 = tensor(…)`` instead of ``('0.weight', tensor(…))``."""
    keys = {at: key for at in range(len(tokens)) if (key := _key(tokens, at))}
    if not keys:
        return tokens
    layers = dict.fromkeys(layer for layer, _, _ in keys.values())
    numbers = {layer: number for number, layer in enumerate(layers, 1)}
    closes = closing_brackets(tokens)
    removed: set[int] = set()
    new: dict[int, list[Token]] = {}
    for at, (layer, letter, is_gradient) in keys.items():
        of = names.indexed(letter, numbers[layer])
        name = names.gradient(of) if is_gradient else of
        end = tokens[at].end
        new[at] = [Token("name", name, tokens[at].start, end), Token("is", "=", end, end)]
        if tokens[at + 1].kind == "is":
            removed.add(at + 1)
        if at and tokens[at - 1].text == "(" and at - 1 in closes:
            removed |= {at - 1, closes[at - 1]}
    for at, token in enumerate(tokens):
        if token.text == "OrderedDict" and token.kind == "name":
            removed |= _dictionary_brackets(tokens, at, closes)
    kept = (new.get(at, [token]) for at, token in enumerate(tokens) if at not in removed)
    return [token for each in kept for token in each]


def _key(tokens: list[Token], at: int) -> tuple[str, str, bool] | None:
    """Read a name such as ``'fc1.weight.grad'``: its layer, "W" or "b", and whether a gradient.

    None for other tokens.
    """
    if tokens[at].kind != "path":
        return None
    path = tokens[at].text
    plain = path.removesuffix(".grad")
    layer, _, kind = plain.rpartition(".")
    if not layer or kind not in _LETTER:
        return None
    at += 1
    while at < len(tokens) and tokens[at].kind in ("is", "label"):
        at += 1
    if at == len(tokens) or not is_array_call(tokens, at):
        return None
    return layer, _LETTER[kind], path != plain


def _dictionary_brackets(tokens: list[Token], at: int, closes: dict[int, int]) -> set[int]:
    """Return the indices of ``OrderedDict([`` and of its closing brackets."""
    indices = {at}
    for opened in (at + 1, at + 2):
        if opened < len(tokens) and tokens[opened].kind == "open" and opened in closes:
            indices |= {opened, closes[opened]}
        else:
            break
    return indices


def closing_brackets(tokens: list[Token]) -> dict[int, int]:
    """Map the index of each opening bracket to that of its closing bracket.

    Only pairs whose inner brackets are all closed are included. A ``>`` without ``<tf.…`` before it
    is an operator and is ignored.
    """
    closes: dict[int, int] = {}
    open_brackets: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind == "open":
            open_brackets.append(at)
        elif token.kind == "close":
            pair = f"{tokens[open_brackets[-1]].text[0]}{token.text}" if open_brackets else ""
            if pair in ("[]", "()", "{}", "<>"):
                closes[open_brackets.pop()] = at
            elif token.text != ">":
                open_brackets.clear()
    return closes
