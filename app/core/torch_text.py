"""What PyTorch prints of a model's parameters: a ``state_dict()``, or each with its name.

Its names become W1, b1, W2, … in order, or dC_dW1, … of a ``.grad``, and nothing of the dictionary
stays. The places in the text stay where they are; only names and brackets are overwritten.
"""

from __future__ import annotations

import re

_KEY = re.compile(
    r"""(?P<pair>\(\s*+)?(?<![\w.])(?P<quote>['"]?)
    (?P<layer>\w++(?:\.\w++)*)\.(?P<kind>weight|bias)(?P<grad>\.grad)?(?P=quote)
    \s*+[,:=]?\s*+(?=(?:Parameter\s++containing:\s*+)?tensor\s*+\()""",
    re.VERBOSE,
)
_KIND = {"weight": "W", "bias": "b"}
_OPENS = re.compile(r"OrderedDict\s*+\(\s*+\[?\{?")
_BRACKET = re.compile(r"[()\[\]{}]")


def named(text: str) -> str:
    """``text`` with ``W1= tensor(…)`` in place of ``('0.weight', tensor(…))``."""
    keys = list(_KEY.finditer(text))
    if not keys:
        return text
    layers = {layer: k for k, layer in enumerate(dict.fromkeys(key["layer"] for key in keys), 1)}
    closed = _closed(text)
    new = list(text)
    for opened in _OPENS.finditer(text):
        end = closed.get(opened.start() + opened.group().index("("))
        _blank(new, *opened.span())
        if end is not None:
            inner = end - 1
            while text[inner].isspace():
                inner -= 1
            _blank(new, inner if text[inner] in "]}" else end, end + 1)
    for key in keys:
        name = f"{'dC_d' if key['grad'] else ''}{_KIND[key['kind']]}{layers[key['layer']]}="
        if len(name) > key.end() - key.start():
            continue
        _blank(new, *key.span())
        new[key.start() : key.start() + len(name)] = name
        end = closed.get(key.start()) if key["pair"] else None
        if end is not None:
            new[end] = " "
    return "".join(new)


def _blank(new: list[str], start: int, end: int) -> None:
    for at in range(start, end):
        if new[at] != "\n":
            new[at] = " "


def _closed(text: str) -> dict[int, int]:
    """Where each bracket is closed."""
    found: dict[int, int] = {}
    still: list[int] = []
    for match in _BRACKET.finditer(text):
        if match.group() in "([{":
            still.append(match.start())
        elif still:
            found[still.pop()] = match.start()
    return found
