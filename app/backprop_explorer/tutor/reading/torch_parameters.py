"""What PyTorch prints of a model's parameters: a ``state_dict()``, or each with its name.

Its names become W1, b1, W2, … in order, or dC_dW1, … of a ``.grad``, and nothing of the dictionary
stays. Only tokens are replaced; those that stay keep their places in the text.
"""

from __future__ import annotations

from backprop_explorer.tutor.reading.tokens import Token, is_array_call

_LETTER = {"weight": "W", "bias": "b"}


def replace_parameter_names(tokens: list[Token]) -> list[Token]:
    """``tokens`` with ``W1 = tensor(…)`` in place of ``('0.weight', tensor(…))``."""
    keys = {at: key for at in range(len(tokens)) if (key := _key(tokens, at))}
    if not keys:
        return tokens
    layers = dict.fromkeys(layer for layer, _, _ in keys.values())
    numbers = {layer: number for number, layer in enumerate(layers, 1)}
    closes = closing_brackets(tokens)
    gone: set[int] = set()
    new: dict[int, list[Token]] = {}
    for at, (layer, letter, is_gradient) in keys.items():
        name = f"{'dC_d' if is_gradient else ''}{letter}{numbers[layer]}"
        end = tokens[at].end
        new[at] = [Token("name", name, tokens[at].start, end), Token("is", "=", end, end)]
        if tokens[at + 1].kind == "is":
            gone.add(at + 1)
        if at and tokens[at - 1].text == "(" and at - 1 in closes:
            gone |= {at - 1, closes[at - 1]}
    for at, token in enumerate(tokens):
        if token.text == "OrderedDict" and token.kind == "name":
            gone |= _around(tokens, at, closes)
    kept = (new.get(at, [token]) for at, token in enumerate(tokens) if at not in gone)
    return [token for each in kept for token in each]


def _key(tokens: list[Token], at: int) -> tuple[str, str, bool] | None:
    """(layer, W or b, whether it is a gradient) of a token such as ``'fc1.weight.grad'``."""
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


def _around(tokens: list[Token], at: int, closes: dict[int, int]) -> set[int]:
    """``OrderedDict([`` and what closes it."""
    found = {at}
    for opened in (at + 1, at + 2):
        if opened < len(tokens) and tokens[opened].kind == "open" and opened in closes:
            found |= {opened, closes[opened]}
        else:
            break
    return found


def closing_brackets(tokens: list[Token]) -> dict[int, int]:
    """The index of the token that closes each bracket, where every bracket in it is closed.

    ``>`` that closes no ``<tf.…`` is ignored: it is a sign.
    """
    closes: dict[int, int] = {}
    still: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind == "open":
            still.append(at)
        elif token.kind == "close":
            pair = f"{tokens[still[-1]].text[0]}{token.text}" if still else ""
            if pair in ("[]", "()", "{}", "<>"):
                closes[still.pop()] = at
            elif token.text != ">":
                still.clear()
    return closes
