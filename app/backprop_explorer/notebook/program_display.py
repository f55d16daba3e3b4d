"""A program's working as HTML and as text: source, value ↓, gradient ↑ and proof, line by line.

The HTML needs no script: a row is a <details> that opens to the formulas of its operations and to
the parts that add up to its gradient; a loop or a call is one that opens to its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
from backprop_explorer.notebook import heat
from backprop_explorer.notebook.html import document, mathml, number
from backprop_explorer.notebook.program_rows import MOST_RUNS, Fold, Row, rows_of, variable_of
from backprop_explorer.record import ProgramRecording
from backprop_explorer.record.lines import formula
from backprop_explorer.texts import notebook as texts

if TYPE_CHECKING:
    from backprop_explorer.proof import Check

# Numbers of a short array in text, and the columns of the text.
SHORT = 4
SOURCE_COLUMNS, VALUE_COLUMNS = 46, 30

STYLE = f"""<style>{heat.STYLE}
.bx.bx-program{{max-width:900px;border:1px solid rgb(127 127 127/.35);border-radius:8px}}
.bx-program .bx-top{{display:flex;flex-wrap:wrap;gap:2px 16px;padding:8px 14px}}
.bx-program .bx-top>:first-child{{font-size:14px;font-weight:600;margin-right:auto}}
.bx-program .bx-grid{{display:grid;gap:0 8px;align-items:center;padding:4px 10px;
 grid-template-columns:30px minmax(0,284px) minmax(0,190px) minmax(0,205px) minmax(0,1fr)}}
.bx-program details{{padding:0}}
.bx-program details:last-of-type{{border-bottom:0}}
.bx-program summary{{list-style:none;padding:0}}
.bx-program summary::-webkit-details-marker{{display:none}}
.bx-program summary:hover{{background:rgb(127 127 127/.1)}}
.bx-program .bx-head{{border-top:1px solid rgb(127 127 127/.3);font-size:12px}}
.bx-program .bx-num{{text-align:right;font-size:11px;opacity:.8}}
.bx-program .bx-src{{font:12.5px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;
 overflow-wrap:anywhere}}
.bx-program .bx-name{{font-size:11px;opacity:.85}}
.bx-program .bx-chip{{font:11px/1.5 sans-serif;border:1px solid rgb(127 127 127/.5);
 border-radius:8px;padding:0 6px;white-space:nowrap}}
.bx-program .bx-proof{{font-size:12px}}
.bx-program .bx-inner{{margin-left:14px;border-left:2px solid rgb(127 127 127/.4)}}
.bx-program .bx-run{{padding:3px 12px;border-top:1px solid rgb(127 127 127/.3);font-size:12px}}
.bx-program .bx-open{{padding:2px 12px 10px 48px;display:flex;flex-wrap:wrap;gap:6px 22px}}
.bx-program .bx-foot{{border-top:1px solid rgb(127 127 127/.3);padding:5px 14px;font-size:12px}}
</style>"""


class ProgramDisplay:
    """The displays of a recording whose gradients were compared by ``checks``."""

    def __init__(self, recording: ProgramRecording, checks: Sequence[Check]) -> None:
        self._recording, self._checks = recording, checks
        self._nodes = recording.graph.by_id

    # Text.

    def text(self) -> str:
        """Return a line for each source line: number, source, value, gradient, proof."""
        rows = [self._title(), *(f"  {note}" for note in self._recording.notes)]
        rows.append(self._line("", texts.SOURCE, texts.VALUE, texts.GRADIENT, ""))
        rows += self._text_rows(rows_of(self._recording), "")
        return "\n".join(row.rstrip() for row in rows)

    def _text_rows(
        self, rows: Sequence[Row | Fold], indent: str, *, in_loop: bool = False
    ) -> Iterator[str]:
        for row in rows:
            head = row.head if isinstance(row, Fold) else row
            source = f"{indent}{head.source}"
            if isinstance(row, Fold) and row.count > 1:
                source += f"  ({texts.runs(row.count)}, {head.names[-1]})"
            line = str(head.number or "")
            if len(head.names) == 1:
                yield self._text_row(line, source, head.names[0])
            else:
                yield self._line(line, source, "", "", "")
                for name in head.names:
                    yield self._text_row("", f"{indent}  {name}", name)
            # Of loops in each other only the outermost: all would be their rounds multiplied.
            short = isinstance(row, Fold) and 1 < row.count <= MOST_RUNS and not in_loop
            if isinstance(row, Fold) and (row.opened or short):
                for run in row.runs:
                    label, rows_of_run = run or ("", ())
                    if label:
                        yield self._line("", f"{indent}  {label}", "", "", "")
                    yield from self._text_rows(
                        rows_of_run, indent + "  ", in_loop=in_loop or row.count > 1
                    )

    def _text_row(self, line: str, source: str, name: Name) -> str:
        value, gradient = _short(self._value(name)), _short(self._gradient(name))
        return self._line(line, source, value, gradient, self._proof(name))

    @staticmethod
    def _line(number: str, source: str, value: str, gradient: str, proof: str) -> str:
        if len(source) > SOURCE_COLUMNS:
            source = source[: SOURCE_COLUMNS - 1] + "…"
        columns = f"{value:<{VALUE_COLUMNS}}  {gradient:<{VALUE_COLUMNS}}"
        return f"{number:>5}  {source:<{SOURCE_COLUMNS}}  {columns}  {proof}"

    def _title(self) -> str:
        cost = float(self._recording.values[self._recording.cost])
        return f"{self._function()}: C = {number(cost)} · {self._verdict()}"

    def _function(self) -> str:
        outermost = (each for each in self._recording.sources.values() if not each.calls)
        function = next((each.function for each in outermost), "")
        return texts.working_of(function.strip("<>")) if function else texts.WORKING

    def _verdict(self) -> str:
        if not np.isfinite(self._recording.values[self._recording.cost]):
            return texts.NOT_CHECKED
        good = all(check.passed for check in self._checks)
        state = texts.AGREES if good else texts.DOES_NOT_AGREE
        return texts.every_gradient(state)

    # HTML.

    def html(self) -> str:
        """Return the table of the source lines."""
        cost = number(float(self._recording.values[self._recording.cost]))
        oracles = self._verdict()
        if oracles != texts.NOT_CHECKED:
            oracles = " · ".join(
                f"{'✓' if check.passed else '✗'} {escape(texts.ORACLES[check.oracle])} "
                f"{_error(check.max_relative_error)}"
                for check in self._checks
            )
        top = (
            f'<div class="bx-top"><span>{escape(self._function())}: C = {cost}</span>'
            f"<span>{oracles}</span></div>"
        )
        notes = "".join(
            f'<div class="bx-foot">{escape(note)}</div>' for note in self._recording.notes
        )
        head = self._grid("bx-grid bx-head", "", texts.SOURCE, texts.VALUE, texts.GRADIENT, "")
        rows = "".join(self._html_rows(rows_of(self._recording)))
        foot = f'<div class="bx-foot">{escape(texts.ROW_OPENS)}</div>'
        return STYLE + document(top, notes, head, rows, foot).replace(
            '<div class="bx">', '<div class="bx bx-program">', 1
        )

    @staticmethod
    def _grid(kind: str, number: str, source: str, value: str, gradient: str, proof: str) -> str:
        cells = (
            f'<span class="bx-num">{number}</span>',
            *(f"<span>{each}</span>" for each in (source, value, gradient)),
            f'<span class="bx-proof">{proof}</span>',
        )
        return f'<div class="{kind}">{"".join(cells)}</div>'

    def _html_rows(self, rows: Sequence[Row | Fold]) -> Iterator[str]:
        for row in rows:
            if isinstance(row, Row):
                yield self._html_row(row)
            else:
                yield self._html_fold(row)

    def _summary(self, row: Row, chip: str = "") -> str:
        chips = "".join(
            f' <span class="bx-chip">{escape(each)}</span>' for each in (chip, row.pattern) if each
        )
        values, gradients, proofs = [], [], []
        for name in row.names:
            named = len(row.names) > 1 or chip
            label = f'<div class="bx-name">{escape(name)}</div>' if named else ""
            values.append(label + heat.heat(self._value(name), "val"))
            gradient = self._gradient(name)
            gradients.append(label + ("" if gradient is None else heat.heat(gradient, "grad")))
            proofs.append(escape(self._proof(name)))
        return self._grid(
            "bx-grid",
            str(row.number or ""),
            f'<span class="bx-src">{escape(row.source)}</span>{chips}',
            "".join(values),
            "".join(gradients),
            "<br>".join(proofs),
        )

    def _html_row(self, row: Row) -> str:
        summary = self._summary(row)
        parts = [self._formula(node) for node in row.nodes]
        for name in row.names:
            parts += self._ways_back(name)
        if not parts:
            return f"<details><summary>{summary}</summary></details>"
        return (
            f"<details><summary>{summary}</summary>"
            f'<div class="bx-open">{"".join(parts)}</div></details>'
        )

    def _html_fold(self, fold: Fold) -> str:
        chip = texts.runs(fold.count) if fold.count > 1 else texts.CALL
        inner = []
        for run in fold.runs:
            if run is None:
                inner.append(f'<div class="bx-run">{escape(texts.more_runs(fold.left_out))}</div>')
                continue
            label, rows = run
            if label:
                inner.append(f'<div class="bx-run"><b>{escape(label)}</b></div>')
            inner += self._html_rows(rows)
        state = " open" if fold.opened else ""
        return (
            f"<details{state}><summary>{self._summary(fold.head, chip)}</summary>"
            f'<div class="bx-inner">{"".join(inner)}</div></details>'
        )

    def _formula(self, node: Node) -> str:
        return f"<div>{mathml(formula(node))}</div>"

    def _ways_back(self, name: Name) -> Iterator[str]:
        """The formula of a gradient, and each of the parts that it adds."""
        node = self._nodes.get(names.gradient(name))
        if node is None:
            return
        yield self._formula(node)
        if node.op != "add_shares":
            return
        for share in node.inputs:
            reader = share.of[0]
            origin = self._recording.sources.get(reader)
            expression = "" if origin is None else origin.text
            through = escape(texts.part_from(variable_of(reader), expression))
            value = heat.heat(self._value(share), "grad")
            yield f'<div><div class="bx-name">{through}</div>{value}</div>'

    # What both show.

    def _value(self, name: Name) -> Any:
        return self._recording.values[name]

    def _gradient(self, name: Name) -> Any:
        """∂C/∂v; None where the cost does not depend on v, or v is no real number."""
        found = self._recording.values.get(names.gradient(name))
        if found is None and name in self._recording.wrt:
            return self._recording.gradient(name)
        return found

    def _proof(self, name: Name) -> str:
        """What the oracles say of a gradient: "✓ 9e−17 2e−10"."""
        if name == self._recording.cost:
            return texts.STARTS_HERE
        line = names.gradient(name)
        states = [check.by_line.get(line) for check in self._checks]
        if all(state is None for state in states):
            return ""
        errors = [
            (state, check.tolerance)
            for state, check in zip(states, self._checks, strict=True)
            if isinstance(state, float)
        ]
        if any(error > tolerance for error, tolerance in errors):
            return texts.CHECK_FAILED
        if "tie" in states:
            return texts.TIE
        if not errors:
            return texts.TOO_SMALL
        return "✓ " + " ".join(_error(error) for error, _ in errors)


def _error(error: float) -> str:
    return f"{error:.0e}".replace("-", "−") if error else "0"


def _short(value: Any) -> str:
    """An array in a few words: its numbers if they are few, else its shape and largest entry."""
    if value is None:
        return ""
    array = np.asarray(value, dtype=np.float64)
    if array.size <= SHORT:
        written = " ".join(f"{entry:z.3g}".replace("-", "−") for entry in array.ravel())
        return f"[{written}]" if array.ndim else written
    finite = np.abs(array[np.isfinite(array)])
    largest = number(float(finite.max(initial=0.0)))
    return texts.shape_and_largest(texts.times(array.shape), largest)
