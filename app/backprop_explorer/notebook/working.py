"""``trace``: every line of a backpropagation, with its values and a display."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.trace import written
from backprop_explorer.notebook.arrays import Array
from backprop_explorer.notebook.givens import Options, read_problem, with_options
from backprop_explorer.notebook.html import document, mathml, matrix, number, shape_text
from backprop_explorer.texts import notebook as texts
from backprop_explorer.tutor.problem import Problem

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from backprop_explorer.proof import Check

_PHASES = {"forward": texts.FORWARD, "cost": "Cost", "backward": texts.BACKWARD, "update": "Update"}


@dataclass(frozen=True)
class WorkingLine:
    """One line: ``value`` in the convention of the working, ``formula`` and ``symbol`` in LaTeX."""

    id: str
    phase: str
    symbol: str
    formula: str
    text: str
    value: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return np.shape(self.value)


class Working:
    """The working of one backpropagation.

    ``working["dC_dW1"]`` is the value of a line or given in the chosen convention. Vectors are
    (n,), batches (N, n), weights (n_out, n_in) in the convention "column", else (n_in, n_out).
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.trace = problem.trace

    def __getitem__(self, name: str) -> Any:
        """Return a copy of the value of the line or given ``name``. Raises KeyError."""
        try:
            shown = self.problem[name]
        except KeyError:
            raise KeyError(texts.no_line(name, ", ".join(self.ids))) from None
        return shown.copy() if isinstance(shown, np.ndarray) else float(shown)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids of the lines."""
        return iter(self.ids)

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.ids)

    @property
    def ids(self) -> list[str]:
        """The ids of all lines, in the order of computation."""
        return [str(line.node.id) for line in self.trace.lines]

    @cached_property
    def lines(self) -> tuple[WorkingLine, ...]:
        """All lines, in the order of computation."""
        lines = []
        for line in self.trace.lines:
            text = written(line.node, self.problem.notation)
            lines.append(
                WorkingLine(
                    line.node.id,
                    line.node.role,
                    text["symbol"],
                    text["formula"],
                    text["text"],
                    self[line.node.id],
                )
            )
        return tuple(lines)

    @property
    def cost(self) -> float:
        """The cost C."""
        return self.trace.cost

    @property
    def gradients(self) -> list[tuple[Array, Array]]:
        """(∂C/∂W, ∂C/∂b) of each layer, in the shapes of the given W and b."""
        layers = range(1, self.trace.network.depth + 1)
        return [
            (self[names.gradient(names.weights(k))], self[names.gradient(names.biases(k))])
            for k in layers
        ]

    @cached_property
    def checks(self) -> tuple[Check, Check]:
        """The comparison of every gradient with autograd and with finite differences."""
        # Autograd takes longer to import than everything else here.
        from backprop_explorer.proof import check_trace

        return check_trace(self.trace)

    def figure(self, kind: str = "network") -> Figure:
        """Return a plotly figure: "network" or "gradient flow". Raises InvalidInput."""
        from backprop_explorer.notebook import figures

        trace = self.trace
        layers = range(1, trace.network.depth + 1)
        if kind == "network":
            values = [trace[names.activation(k)] for k in (0, *layers)]
            weights = [trace[names.weights(k)] for k in layers]
            return figures.network_figure(weights, [each.mean(axis=0) for each in values])
        if kind == "gradient flow":
            return figures.gradient_flow_figure(
                *(
                    [float(np.linalg.norm(trace[names.gradient(of(k))])) for k in layers]
                    for of in (names.weights, names.weighted_sum)
                )
            )
        raise InvalidInput("kind", texts.working_figure(kind))

    def __repr__(self) -> str:
        """Return the ids, shapes and largest entries of all lines."""
        network = self.trace.network
        sizes = "-".join(map(str, (network.inputs, *(layer.units for layer in network.layers))))
        rows = [texts.working_title(sizes, self.cost)]
        for line in self.lines:
            largest = np.max(np.abs(line.value), initial=0.0)
            rows.append(f"  {line.id:<10} {line.shape!s:<10} largest |entry| {largest:.4g}")
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        """Return every line with formula, shape, numbers and check, folded by phase."""
        parts = [f"<div><b>C = {number(self.cost)}</b> · {self._check_sentence()}</div>"]
        parts += [f"<div>{_soft(note.message)}</div>" for note in self.problem.notes]
        parts.append(self._fold("Givens", "".join(map(self._given_html, self.trace.givens))))
        for phase, title in _PHASES.items():
            lines = [self._line_html(line) for line in self.lines if line.phase == phase]
            if lines:
                parts.append(self._fold(f"{title} ({len(lines)})", "".join(lines), opened=True))
        return document(*parts)

    @staticmethod
    def _fold(title: str, body: str, *, opened: bool = False) -> str:
        state = " open" if opened else ""
        return (
            f"<details{state}><summary><b>{escape(title)}</b></summary>"
            f'<div class="bx-body">{body}</div></details>'
        )

    def _given_html(self, name: str) -> str:
        value = self[name]
        symbol = mathml(f"{names.named(name).latex} =")
        return f"<div>{symbol} {matrix(value)} {_soft(shape_text(value))}</div>"

    def _line_html(self, line: WorkingLine) -> str:
        checked = self._checked(line.id)
        return (
            f"<details><summary>{mathml(line.formula)} {_soft(shape_text(line.value))}"
            f"{' ' + checked if checked else ''}</summary>"
            f'<div class="bx-body"><div>{escape(line.text)}</div>'
            f"<div>{mathml(line.symbol + ' =')} {matrix(line.value)}</div></div></details>"
        )

    def _checked(self, name: str) -> str:
        """Return whether both oracles agree with a gradient; "" for other lines."""
        if name not in self.checks[0].by_line:
            return ""
        passed = []
        for check in self.checks:
            error = check.by_line.get(name)
            passed.append(error <= check.tolerance if isinstance(error, float) else None)
        if all(each is None for each in passed):
            return _soft(texts.TOO_SMALL)
        good = all(each is not False for each in passed)
        return _soft(texts.CHECKED if good else texts.CHECK_FAILED)

    def _check_sentence(self) -> str:
        good = all(check.passed for check in self.checks)
        state = texts.AGREES if good else texts.DOES_NOT_AGREE
        return texts.every_gradient(state)


def _soft(text: str) -> str:
    return f'<span class="bx-soft">{escape(text)}</span>'


@with_options
def trace(layers: Sequence[Any], x: Any, target: Any, **options: Unpack[Options]) -> Working:
    """Return every line of the backpropagation of ``x`` to ``target``.

    ``layers`` is a list of (W, b): W has the shape (n_out, n_in) in the convention "column" and
    (n_in, n_out) in "row" and "lecture", b the shape (n_out,). ``x`` has the shape (inputs,) for
    one sample, or (N, inputs); ``target`` (outputs,) or (N, outputs). The shapes of programs are
    accepted as well: b as (1, n), (n, 1), None or a row of W, class numbers as targets, samples as
    columns. Arrays may be lists, NumPy
    arrays, autograd boxes, torch tensors or pandas tables. ``activations`` has a name or a function
    for each layer; a function is recognised by its values. ``reduction`` is "mean", "half_sum",
    "sum", "batch_mean", "half_mean" or "half_batch_mean". The penalty is l1 Σ|W| + l2/2 ΣW², with
    ``penalty_on_biases`` the same of b as well. With ``learning_rate`` the lines of a gradient
    descent step follow. Raises InvalidInput naming the argument.
    """
    return Working(read_problem(layers, x, target, **options))
