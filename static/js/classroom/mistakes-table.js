/** Mistakes as a table: rows are mistakes, columns lines, a cell's depth its count. */
import { named, shortName } from "../core/names.js";
import { phaseOf } from "../core/veil.js";
import { TEXT } from "../text/en.js";
import { h } from "../ui/dom.js";
import { depthOf, phasesOf } from "./mistakes.js";

/**
 * @param {import("./mistakes.js").MistakeTable} table
 * @param {{chosen: {name: string, line: string} | null,
 *   choose: (name: string, line: string) => void}} actions
 */
export function mistakesTable({ lines, rows, totals, total }, { chosen, choose }) {
  const most = Math.max(1, ...rows.flatMap((row) => [...row.counts.values()].map((c) => c.count)));
  const title = (/** @type {import("./mistakes.js").Row} */ row) => row.title ?? TEXT.teach.unnamed;
  return h(
    "table.mistakes[data-readout=map]",
    h(
      "thead",
      h(
        "tr.phases",
        h("td"),
        phasesOf(lines).map(({ phase, span }) =>
          h(
            "th[scope=colgroup]",
            { colspan: span, "data-phase": phase || null },
            TEXT.teach.phases[phase] ?? "",
          ),
        ),
        h("td"),
      ),
      h(
        "tr",
        h("td"),
        lines.map((line) =>
          h(
            "th.math[scope=col]",
            { "aria-label": line ? named(line).spoken : TEXT.teach.elsewhere },
            line ? shortName(named(line)) : "–",
          ),
        ),
        h("td"),
      ),
    ),
    h(
      "tbody",
      rows.map((row) =>
        h(
          "tr",
          { "data-misconception": row.name },
          h("th[scope=row]", title(row)),
          lines.map((line) => cell(row, line)),
          h("td.total", String(row.total)),
        ),
      ),
    ),
    h(
      "tfoot",
      h(
        "tr",
        h("th[scope=row]", TEXT.teach.atLine),
        lines.map((line) => h("td", String(totals.get(line) ?? "·"))),
        h("td.total", String(total)),
      ),
    ),
  );

  /** @param {import("./mistakes.js").Row} row @param {string} line */
  function cell(row, line) {
    const counted = row.counts.get(line);
    if (!counted) return h("td.empty");
    const pressed = chosen?.name === row.name && chosen.line === line;
    return h(
      "td",
      { "data-phase": line ? phaseOf(line) : "cost" },
      h(
        "button",
        {
          "data-depth": depthOf(counted.count, most),
          "data-line": line,
          "aria-pressed": String(pressed),
          "aria-label": TEXT.teach.cell(
            title(row),
            line ? named(line).spoken : TEXT.teach.elsewhere,
            counted.count,
          ),
          onclick: () => choose(row.name, line),
        },
        String(counted.count),
      ),
    );
  }
}
