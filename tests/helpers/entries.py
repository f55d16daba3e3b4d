"""A reader of ``entry``: computes a line from what is *shown* of it, and from nothing else.

A line shows its arrays, its ``signature`` ("i,ji,j->j") and how one entry is written out
("Σ[{1}·{0}] + {2}"). If these three say what the line really computes, evaluating the text for
every entry must give the shown value. Python's own parser does it here, one entry at a time.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_FUNCTIONS: dict[str, Any] = {
    "__builtins__": {},
    "exp": math.exp,
    "log": math.log,
    "ln": math.log,
    **{name: getattr(math, name) for name in ("sinh", "cosh", "sin", "tan", "erf")},
    **{f"arc{name}": getattr(math, f"a{name}") for name in ("sin", "cos", "tan")},
    **{f"ar{name}": getattr(math, f"a{name}") for name in ("sinh", "cosh", "tanh")},
    "log2": math.log2,
    "log10": math.log10,
    "atan2": math.atan2,
    "cbrt": math.cbrt,
    "tanh": math.tanh,
    "cos": math.cos,
    "sqrt": math.sqrt,
    "floor": math.floor,
    "max": max,
    "min": min,
    "abs": abs,
    "pi": math.pi,
    "sign": lambda d: float(np.sign(d)),
    "clip": lambda d, low, high: min(max(d, low), high),
    "huber": lambda d: 0.5 * d * d if abs(d) <= 1 else abs(d) - 0.5,
    "sigma": lambda z: 1 / (1 + math.exp(-z)),
    "gelu": lambda z: z / 2 * (1 + math.tanh(_u(z))),
    "gelu_slope": lambda z: (
        (1 + math.tanh(_u(z))) / 2
        + z / 2 * (1 - math.tanh(_u(z)) ** 2) * math.sqrt(2 / math.pi) * (1 + 0.134145 * z * z)
    ),
}


def _u(z: float) -> float:
    return math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)


def evaluate(signature: str, entry: str, inputs: Sequence[Any], shape: Sequence[int] = ()) -> Any:
    """The array that ``entry`` describes, from the shown inputs.

    An axis "1" has one entry, which is repeated along the axis of the others. ``shape`` is that of
    the value, if an axis of it is in no input.
    """
    left, output = signature.split("->")
    whole = output
    parts = left.split(",")
    inputs = [
        np.squeeze(value, tuple(k for k, letter in enumerate(axes) if letter == "1"))
        for axes, value in zip(parts, inputs, strict=True)
    ]
    letters = [axes.replace("1", "") for axes in parts]
    output = output.replace("1", "")
    sizes: dict[str, int] = {}
    for axes, value in zip(letters, inputs, strict=True):
        assert len(axes) == np.ndim(value), f"{axes} for an array of shape {np.shape(value)}"
        for letter, size in zip(axes, np.shape(value), strict=True):
            assert sizes.setdefault(letter, size) == size, f"axis {letter} has two sizes"
    for letter, size in zip(whole, shape, strict=bool(shape)):
        sizes.setdefault(letter, size)
    # An entry may read an input along other letters: Σ[{0:kj}].
    for number, axes in re.findall(r"\{(\d+):([a-z]*)\}", entry):
        for letter, size in zip(axes, np.shape(inputs[int(number)]), strict=True):
            sizes.setdefault(letter, size)
    # ``k`` is another unit of the layer that ``j`` counts.
    if "j" in sizes:
        sizes.setdefault("k", sizes["j"])
    reader = _Reader(letters, inputs, sizes)
    ranges = [range(sizes[letter]) for letter in output]
    values = [
        reader.value(entry, dict(zip(output, place, strict=True)))
        for place in itertools.product(*ranges)
    ]
    found = [1 if letter == "1" else sizes[letter] for letter in whole]
    return np.reshape(values, found) if whole else values[0]


class _Reader:
    def __init__(self, letters: list[str], inputs: Sequence[Any], sizes: dict[str, int]) -> None:
        self.letters, self.inputs, self.sizes = letters, inputs, sizes

    def value(self, text: str, bound: Mapping[str, int]) -> float:
        """The number that ``text`` stands for where the axes are ``bound``."""
        while (start := text.find("Σ[")) >= 0:
            end = _closing(text, start + 1)
            inner = text[start + 2 : end]
            free = [letter for letter in self._axes(inner) if letter not in bound]
            total = math.fsum(
                self.value(inner, {**bound, **dict(zip(free, place, strict=True))})
                for place in itertools.product(*(range(self.sizes[letter]) for letter in free))
            )
            text = f"{text[:start]}({total!r}){text[end + 1 :]}"
        text = re.sub(r"\{(\d+)(?::([a-z]*))?\}", lambda m: self._number(m, bound), text)
        for letter, place in bound.items():
            text = re.sub(rf"(?<=\[){letter} =|(?<=if ){letter} =", f"{place} =", text)
            text = re.sub(rf"= {letter}\b", f"= {place}", text)
        return float(eval(_python(text), _FUNCTIONS))

    def _axes(self, text: str) -> list[str]:
        """The axes read by what stands in a sum, in order; an inner sum binds its own."""
        while (start := text.find("Σ[")) >= 0:
            text = text[:start] + text[_closing(text, start + 1) + 1 :]
        found: list[str] = []
        for match in re.finditer(r"\{(\d+)(?::([a-z]*))?\}", text):
            axes = match[2] if match[2] is not None else self.letters[int(match[1])]
            found += [letter for letter in axes if letter not in found]
        return found

    def _number(self, match: re.Match[str], bound: Mapping[str, int]) -> str:
        number = int(match[1])
        axes = match[2] if match[2] is not None else self.letters[number]
        if match[2] is None and not all(letter in bound for letter in axes):
            raise AssertionError(f"{match[0]} of axes {axes} outside of a sum")
        value = self.inputs[number]
        return f"({float(np.asarray(value)[tuple(bound[letter] for letter in axes)])!r})"


def _closing(text: str, opening: int) -> int:
    depth = 0
    for position in range(opening, len(text)):
        depth += (text[position] == "[") - (text[position] == "]")
        if depth == 0:
            return position
    raise AssertionError(f"no closing bracket in {text!r}")


def _python(text: str) -> str:
    """The mathematics of an entry as Python."""
    text = re.sub(r"tanh²(\([^()]*(?:\([^()]*\))*[^()]*\))", r"tanh\1**2", text)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = re.sub(r"√(\([^()]*(?:\([^()]*\)[^()]*)*\))", r"sqrt\1", text)
    text = re.sub(r"⌊([^⌋]*)⌋", r"floor(\1)", text)
    text = re.sub(r"log (\([^()]*\))", r"log\1", text)
    text = text.replace("GELU′", "gelu_slope").replace("GELU", "gelu").replace("σ", "sigma")
    text = text.replace("·", "*").replace("−", "-").replace("²", "**2").replace("^", "**")
    text = text.replace("π", "pi").replace("∛", "cbrt").replace("[", "(").replace("]", ")")
    return re.sub(r"(\d|\)) = (\d|\()", r"\1 == \2", text)
