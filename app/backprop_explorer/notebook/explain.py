"""``explain``: every line of the forward and backward pass of any NumPy program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.graph import Node
from backprop_explorer.notebook.program_display import ProgramDisplay
from backprop_explorer.notebook.working import Working
from backprop_explorer.record import ProgramRecording, record, to_json
from backprop_explorer.texts import notebook as texts

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from backprop_explorer.notebook.explore import EmbeddedExplorer
    from backprop_explorer.proof import Check


@dataclass(frozen=True)
class ProgramLine:
    """One line of a program's working.

    ``op`` is NumPy's function, or the rule of a gradient; ``inputs`` are ids. ``axes`` has a name
    for each axis of ``value``. ``file`` and ``line`` say where it stands in the program: of a
    gradient, where the value that it belongs to is computed; None for what has no place.
    """

    id: str
    phase: str
    op: str
    inputs: tuple[str, ...]
    axes: tuple[str, ...]
    value: Any
    file: str | None
    line: int | None
    text: str

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return np.shape(self.value)


class GradientsByName(Mapping[str, Any]):
    """∂C/∂v of each array in ``wrt``: by name ("W1"), or by its position among them."""

    def __init__(self, recording: ProgramRecording) -> None:
        self._recording = recording
        # An argument that is called C, or like a gradient, has another id.
        self._ids = {str(name).removesuffix("@own"): name for name in recording.wrt}

    def __getitem__(self, key: str | int) -> Any:
        name = self._recording.wrt[key] if isinstance(key, int) else self._ids.get(key, key)
        return np.array(self._recording.gradient(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._recording.wrt)


class ProgramWorking(Working):
    """The working of a NumPy program: its forward lines in order, the cost, its backward lines.

    ``working["h"]`` is the value of a variable, ``working["dC_dh"]`` the gradient of the cost.
    """

    def __init__(self, recording: ProgramRecording) -> None:
        self.recording = recording

    def __getitem__(self, name: str) -> Any:
        """Return a copy of the value of the line or given ``name``. Raises KeyError."""
        try:
            value = self.recording.value(name)
        except KeyError:
            raise KeyError(texts.no_line(name, ", ".join(self.ids))) from None
        return value.copy() if isinstance(value, np.ndarray) else float(value)

    @property
    def ids(self) -> list[str]:
        """The ids of the lines, in order."""
        return [node.id for node in self.recording.graph.nodes]

    @cached_property
    def lines(self) -> tuple[ProgramLine, ...]:  # type: ignore[override]
        """Every line, in order."""
        return tuple(map(self._line, self.recording.graph.nodes))

    def _line(self, node: Node) -> ProgramLine:
        source = self.recording.source_of(node.id)
        return ProgramLine(
            *(str(node.id), node.role, node.op, tuple(map(str, node.inputs))),
            self.recording.axes[node.id],
            self[node.id],
            *((None, None, "") if source is None else (source.file, source.line, source.text)),
        )

    @property
    def cost(self) -> float:
        """The cost C."""
        return float(self.recording.values[self.recording.cost])

    @property
    def gradients(self) -> GradientsByName:  # type: ignore[override]
        """∂C/∂v of each array in ``wrt``, by name or position."""
        return GradientsByName(self.recording)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know: what was summed, what left the recording and where."""
        return self.recording.notes

    @cached_property
    def checks(self) -> tuple[Check, Check]:
        """The comparison of every gradient with autograd and with finite differences."""
        # Autograd takes longer to import than everything else here.
        from backprop_explorer.proof import check_program

        recording = self.recording
        return check_program(recording.graph, recording.values, recording.cost, recording.wrt)

    @property
    def proof(self) -> tuple[Check, Check]:
        """The same as ``checks``."""
        return self.checks

    def save(self, file: str | Path, *, source: bool = False) -> None:
        """Write the recording as JSON; with the text of the functions that ran if ``source``."""
        Path(file).write_text(to_json(self.recording, source=source), encoding="utf-8")

    def explore(self, *, height: int = 640) -> EmbeddedExplorer:
        """Show the program's page, as ``explore(working)`` does."""
        from backprop_explorer.notebook.explore import explore

        return explore(self, height=height)

    def figure(self, kind: str = "graph") -> Figure:
        """Return a plotly figure of the graph, a box for each source line. Raises InvalidInput."""
        from backprop_explorer.notebook.figures import program_figure

        if kind != "graph":
            raise InvalidInput("kind", texts.program_figure(kind))
        return program_figure(self.recording)

    def __repr__(self) -> str:
        """Return a line for each source line that ran: value, gradient and proof."""
        return ProgramDisplay(self.recording, self.checks).text()

    def _repr_html_(self) -> str:
        """Return a row for each source line that ran: value, gradient and proof."""
        return ProgramDisplay(self.recording, self.checks).html()


def explain(
    f: Callable[..., Any],
    *args: Any,
    wrt: Sequence[str | int] | str | int | None = None,
    upstream: Any = None,
    axes_of: Mapping[str, Sequence[str | None]] | None = None,
    **keywords: Any,
) -> ProgramWorking:
    """Run ``f(*args)`` once and return its working: every value and every gradient, with names.

    ``f`` is any function or method that computes with NumPy; arguments, globals and random states
    are as before afterwards. ``wrt`` has names ("W1", "self.W1", "params['W1']") or positions of
    the arguments that gradients are computed of; None for every float array. ``upstream`` is
    ∂C/∂out where f returns an array, or a sequence with one for each float array of a tuple;
    without it the first is summed. ``axes_of`` names axes, {"x": ("sample", "feature")}: operations
    pass the names on, and without it they come from lines such as ``N, D = x.shape``. Further
    keywords are those of ``f``. Raises InvalidInput with the line of the program where something
    cannot be recorded.
    """
    return ProgramWorking(record(f, args, keywords, wrt=wrt, upstream=upstream, axes_of=axes_of))
