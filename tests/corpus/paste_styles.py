"""Pastes of tools and languages that print otherwise than NumPy does today.

Each style prints the arrays of one of ``paste_programs``, right or with a mistake. Nothing of the
checker is used here.

python -m tests.corpus.paste_marks styles
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import cycle
from pprint import pformat

import numpy as np
import pandas as pd

from tests.corpus.paste_programs import PROGRAMS, Arrays, steps
from tests.corpus.pastes import NUMBERED, Paste

Named = list[tuple[str, np.ndarray]]
Style = Callable[[Named], str]


def _rows(value: np.ndarray) -> np.ndarray:
    """The array as a matrix: a vector is a row."""
    return np.atleast_2d(value)


def _table(value: np.ndarray, number: str, between: str = " ", end: str = "\n") -> str:
    return end.join(between.join(number % v for v in row) for row in _rows(value))


def _pandas(arrays: Named) -> str:
    return "\n\n".join(
        f"{name}\n{pd.DataFrame(_rows(v))}" if v.ndim else f"{name}: {v}" for name, v in arrays
    )


def _torch(arrays: Named) -> str:
    def tensor(value: np.ndarray, dtype: str = ", dtype=torch.float64") -> str:
        text = np.array2string(value, separator=", ", formatter={"float": lambda v: f"{v:.4f}"})
        return f"tensor({text}{dtype})".replace("\n", "\n       ")

    return "\n".join(f"{name} {tensor(v)}" for name, v in arrays)


def _torch_gradients(arrays: Named) -> str:
    """Of weights that have ``requires_grad``, with all digits."""
    return "\n".join(
        f"{name}: tensor({np.array2string(v, separator=', ')}, dtype=torch.float64, "
        f"{'requires_grad=True' if name[0] in 'Wb' else 'grad_fn=<AddBackward0>'})"
        for name, v in arrays
    )


def _matlab(arrays: Named) -> str:
    return "\n".join(f"{name} =\n\n{_table(v, '%11.6f', '')}\n" for name, v in arrays)


def _matlab_code(arrays: Named) -> str:
    return "\n".join(f"{name} = [{_table(v, '%.8f', ' ', '; ')}];" for name, v in arrays)


def _r(arrays: Named) -> str:
    def shown(value: np.ndarray) -> str:
        if value.ndim < 2:
            return "[1] " + " ".join(f"{v:.7f}" for v in np.atleast_1d(value))
        head = "     " + " ".join(f"{f'[,{k + 1}]':>10}" for k in range(value.shape[1]))
        rows = [f"[{k + 1},] " + " ".join(f"{v:10.7f}" for v in row) for k, row in enumerate(value)]
        return "\n".join([head, *rows])

    return "\n".join(f"> {name}\n{shown(v)}" for name, v in arrays)


def _latex(arrays: Named) -> str:
    def symbol(name: str) -> str:
        return f"{name[:-1]}_{{{name[-1]}}}" if name[-1].isdigit() else name

    def matrix(value: np.ndarray) -> str:
        rows = _table(value, "%.6f", " & ", r" \\ ")
        return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"

    return "\n".join(f"{symbol(name)} = {matrix(v)}" for name, v in arrays)


def _spreadsheet(arrays: Named) -> str:
    """Cells between tabs with decimal commas, each array below its name."""
    return "\n\n".join(f"{n}\n{_table(v, '%.6f', chr(9)).replace('.', ',')}" for n, v in arrays)


def _spreadsheet_beside(arrays: Named) -> str:
    """The name in the first column of the first row."""
    return "\n".join(
        f"{n}\t{_table(v, '%.6f', chr(9), chr(10) + chr(9)).replace('.', ',')}" for n, v in arrays
    )


def _python2(arrays: Named) -> str:
    """``print("W1", W1)`` of Python 2 prints a tuple."""
    return "\n".join(f"({name!r}, {v!r})" for name, v in arrays)


def _dataclass(arrays: Named) -> str:
    return f"Run({', '.join(f'{name}={v!r}' for name, v in arrays)})"


def _json(arrays: Named) -> str:
    return json.dumps({name: v.tolist() for name, v in arrays}, indent=2)


def _json_line(arrays: Named) -> str:
    return json.dumps({name: v.tolist() for name, v in arrays})


def _pretty(arrays: Named) -> str:
    return pformat(dict(arrays))


def _german(arrays: Named) -> str:
    """The text of arrays with every point replaced by a comma."""
    return "\n".join(f"{name} = {v}".replace(".", ",") for name, v in arrays)


def _german_lists(arrays: Named) -> str:
    """Lists with decimal commas and semicolons between the numbers."""
    return "\n".join(
        f"{n} = [{_table(v, '%.6f', '; ', '] [').replace('.', ',')}]"
        if v.ndim < 2
        else f"{n} = [[{_table(v, '%.6f', '; ', ']; [').replace('.', ',')}]]"
        for n, v in arrays
    )


def _jupyter(arrays: Named) -> str:
    return "\n\n".join(f"In [{k}]: {n}\nOut[{k}]: \n{v!r}" for k, (n, v) in enumerate(arrays, 2))


def _logged(arrays: Named) -> str:
    return "\n".join(f"INFO:root:{name} = {v.tolist()}" for name, v in arrays)


def _julia(arrays: Named) -> str:
    def shown(value: np.ndarray) -> str:
        if value.ndim < 2:
            return f"{value.size}-element Vector{{Float64}}:\n" + _table(
                value.reshape(-1, 1), "  %.8f"
            )
        size = "×".join(map(str, value.shape))
        return f"{size} Matrix{{Float64}}:\n" + _table(value, " %.8f", " ")

    return "\n\n".join(f"julia> {name}\n{shown(v) if v.ndim else v}" for name, v in arrays)


def _mathematica(arrays: Named) -> str:
    return "\n".join(
        f"{n} = {json.dumps(v.tolist())}".replace("[", "{").replace("]", "}") for n, v in arrays
    )


def _javascript(arrays: Named) -> str:
    def shown(value: np.ndarray) -> str:
        if value.ndim < 2:
            return f"[ {', '.join(map(str, value.tolist()))} ]" if value.ndim else str(value)
        rows = ",\n".join(f"  [ {', '.join(map(str, row))} ]" for row in value.tolist())
        return f"[\n{rows}\n]"

    return "\n".join(f"{name}: {shown(v)}" for name, v in arrays)


def _shaped(arrays: Named) -> str:
    """With the shape in brackets before the numbers."""
    return "\n".join(f"{name} {v.shape}:\n{v}" if v.ndim else f"{name}: {v}" for name, v in arrays)


def _markdown(arrays: Named) -> str:
    def table(value: np.ndarray) -> str:
        return f"| {_table(value, '%.6f', ' | ', ' |' + chr(10) + '| ')} |"

    return "\n\n".join(f"**{name}**\n\n{table(v)}" for name, v in arrays)


def _markdown_frame(arrays: Named) -> str:
    """``DataFrame.to_markdown()`` below the name."""

    def table(value: np.ndarray) -> str:
        columns = range(value.shape[1])
        head = [" | ".join(["|   ", *map(str, columns)]) + " |", "|---:" * (len(columns) + 1) + "|"]
        rows = [
            f"| {k} | " + " | ".join(f"{v:.6f}" for v in row) + " |" for k, row in enumerate(value)
        ]
        return "\n".join([*head, *rows])

    return "\n\n".join(
        f"{name}\n{table(_rows(v))}" if v.ndim else f"{name}: {v}" for name, v in arrays
    )


def _eigen(arrays: Named) -> str:
    """Rows without brackets below the name, as C++ prints them."""
    return "\n".join(f"{name}:\n{_table(v, '%.6f', '  ')}" for name, v in arrays)


def _doctest(arrays: Named) -> str:
    return "\n".join(f">>> {name}\n{v!r}" for name, v in arrays)


def _colored(arrays: Named) -> str:
    return "\n".join(f"\x1b[1;34m{name}\x1b[0m: {v}" for name, v in arrays)


STYLES: dict[str, Style] = {
    each.__name__[1:].replace("_", " "): each
    for each in (
        _pandas, _torch, _torch_gradients, _matlab, _matlab_code, _r, _latex, _spreadsheet,
        _spreadsheet_beside, _python2, _dataclass, _json, _json_line, _pretty, _german,
        _german_lists, _jupyter, _logged, _julia, _mathematica, _javascript, _shaped,
        _markdown, _markdown_frame, _eigen, _doctest, _colored,
    )
}  # fmt: skip
# A right and a wrong program for each style.
RIGHT = ("regression, half", "chain", "classes", "xor", "leaky", "columns", "deep", "one layer")
WRONG = (
    ("regression, half", "slope taken of a"),
    ("chain", "output slope left out"),
    ("classes", "bias not summed"),
    ("xor", "hidden slope left out"),
    ("regression", "bias not summed"),
)


def _named(arrays: Arrays, depth: int) -> Named:
    layers = range(1, depth + 1)
    order = ["x", "y", *(f"{q}{k}" for k in layers for q in "Wb")]
    order += [*(f"{q}{k}" for k in layers for q in "za"), "C"]
    order += [f"{q}{k}" for k in reversed(layers) for q in ("dz", "dW", "db")]
    words = NUMBERED["English"].split()
    keys = ["x", "y", "W{}", "b{}", "z{}", "a{}", "C", "e", "dz{}", "da{}", "dW{}", "db{}"]
    names = dict(zip(keys, words, strict=False))
    return [
        (names[n.rstrip("123") + "{}" * n[-1].isdigit()].format(n[-1]), arrays[n])
        for n in order
        if n in arrays
    ]


def styled_pastes() -> Iterator[Paste]:
    """Yield a right and a wrong paste of each style."""
    right, wrong = cycle(RIGHT), cycle(WRONG)
    for seed, (style, write) in enumerate(STYLES.items(), 40):
        for program, mistake in ((next(right), ""), next(wrong)):
            depth = len(PROGRAMS[program].sizes) - 1
            arrays = next(iter(steps(PROGRAMS[program], mistake, seed, 1)))
            yield Paste("English", style, program, mistake, write(_named(arrays, depth)), "")
