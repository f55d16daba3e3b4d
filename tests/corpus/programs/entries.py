"""Programs in the styles of courses: forward and backward pairs, whole programs, updates.

A file of ``written`` has several programs. Each starts with ``== NAME`` and the line ``call:``, the
arguments of ``check_code`` as Python. In the source, a comment after a line gives a mistake and
the line with this mistake (``pass``: the line is left out):

    db = dout.sum(axis=0)
    #! mean_for_sum: db = dout.mean(axis=0)

Names that are equally right are separated by "|". ``latent``: the numbers of the call do not show
the mistake, others do. ``writes:`` names the arguments that a right program writes into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.corpus.code.program import load

FOLDER = Path(__file__).parent / "written"
_MARK = re.compile(r"^\s*#! (latent )?([\w|]+): (.*)$")

# Names of one mistake: a general one, and those of the catalog for dense layers.
SAME = [
    {"broadcast_not_summed", "bias_gradient_not_summed", "weight_gradient_not_summed"},
    {"mean_for_sum", "bias_gradient_not_summed", "batch_scale", "gradient_scale"},
    {"gradient_transposed", "operand_transposed"},
    {"operand_transposed", "weights_transposed_backward", "transposed_weights"},
    {"gradient_scale", "cost_gradient_scale", "batch_scale"},
    {"gradient_sign", "cost_gradient_sign", "gradient_ascent", "sign_lost_backward"},
    {"wrong_operand", "activation_of_wrong_layer", "z_instead_of_activation"},
    {"wrong_operand", "weights_of_wrong_layer", "activation_instead_of_weights"},
    {"missing_path", "missing_next_step", "gradient_overwritten"},
    {"missing_path", "gradient_overwritten", "state_not_kept"},
    {"missing_factor", "missing_activation_derivative", "mask_missing", "missing_weights_backward"},
    {"dC_da_instead_of_dC_dz", "missing_activation_derivative", "missing_factor"},
    {"wrong_activation_derivative", "derivative_at_activation", "missing_activation_derivative"},
    {"wrong_activation_derivative", "activation_instead_of_derivative"},
    {"output_derivative_twice", "activation_derivative_twice"},
    {"softmax_derivative_elementwise", "missing_path"},
    {"per_sample", "weight_gradient_not_summed", "broadcast_not_summed"},
]


def same_name(shown: str, made: tuple[str, ...]) -> bool:
    """Whether a name that was shown says what was made."""
    return shown in made or any(shown in names and names & set(made) for names in SAME)


@dataclass(frozen=True)
class Version:
    """A program as it is run. ``made``: the names of its mistake, which is in ``line``."""

    name: str
    source: str
    call: str
    made: tuple[str, ...] = ()
    line: int = 0
    latent: bool = False
    writes: tuple[str, ...] = ()

    def arguments(self, seed: int = 0) -> tuple[list[Any], dict[str, Any]]:
        """Load the source; return the arguments of ``check_code`` by position and by name."""
        names = load(self.source, f"<cell {self.name} {self.line} {abs(hash(self.source))}>")
        # A program may have a function of such a name itself.
        drawn = {
            **names,
            **drawing(seed),
            "collect": lambda *args, **options: (list(args), options),
        }
        found: tuple[list[Any], dict[str, Any]] = eval(f"collect({self.call})", drawn)
        return found


def drawing(seed: int) -> dict[str, Any]:
    """Return the functions that the calls draw their arguments with."""
    rng = np.random.default_rng(seed)

    def simplex(rows: int, columns: int) -> Any:
        drawn = rng.uniform(0.2, 1.0, (rows, columns))
        return drawn / drawn.sum(axis=1, keepdims=True)

    return {
        "a": lambda *shape: rng.normal(size=shape),
        "p": lambda *shape: rng.normal(size=shape) * 0.4,
        "positive": lambda *shape: rng.uniform(0.5, 2.0, shape),
        "mask": lambda *shape: (np.arange(np.prod(shape)) % 3 != 1).reshape(shape) * 1.0,
        "bits": lambda *shape: (np.arange(np.prod(shape)) % 2).reshape(shape) * 1.0,
        "signs": lambda n: np.where(np.arange(n) % 2, -1.0, 1.0),
        "ints": lambda below, *shape: (np.arange(np.prod(shape)) * 2 % below).reshape(shape),
        "onehot": lambda classes, n: np.eye(classes)[np.arange(n) * 2 % classes],
        "onehot1": lambda classes, k: np.eye(classes)[k],
        "simplex": simplex,
    }


def read(path: Path) -> Iterator[Version]:
    """Yield each program of a file, and after it each of its versions with a mistake."""
    for part in path.read_text(encoding="utf-8").split("\n== ")[0:]:
        head, *rows = part.removeprefix("== ").rstrip().split("\n")
        call = rows.pop(0).removeprefix("call: ")
        writes: tuple[str, ...] = ()
        if rows[0].startswith("writes: "):
            writes = tuple(rows.pop(0).removeprefix("writes: ").split(", "))
        lines, wrong = ["import numpy as np"], []
        for row in rows:
            mark = _MARK.match(row)
            if mark is None:
                lines.append(row)
                continue
            indent = lines[-1][: len(lines[-1]) - len(lines[-1].lstrip())]
            wrong.append((len(lines), mark[1] is not None, mark[2].split("|"), indent + mark[3]))
        yield Version(head, "\n".join(lines) + "\n", call, writes=writes)
        for line, latent, made, text in wrong:
            changed = "\n".join([*lines[: line - 1], text, *lines[line:]]) + "\n"
            yield Version(head, changed, call, tuple(made), line, latent, writes)


def versions() -> list[Version]:
    """Return all programs and their versions, in order."""
    return [each for path in sorted(FOLDER.glob("*.txt")) for each in read(path)]
