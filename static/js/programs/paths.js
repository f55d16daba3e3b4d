/** The paths from a variable to the cost as a small graph: what comes back along each edge. */
import { number } from "../core/format.js";
import { PROGRAMS } from "../text/programs.js";
import { h, s } from "../ui/dom.js";
import { box, text, tip } from "../ui/svg.js";

const TEXTS = PROGRAMS.check;
const [LETTER, HIGH, GAP, DOWN] = [8.5, 38, 48, 64]; // px: letter and height of a node, gaps
const [LEAST, MOST_LETTERS] = [58, 14]; // width of a node
const SMALLEST = 0.86; // scale, with which letters have 10 px

/**
 * Columns are longest ways from the first variable. What an edge passes goes below it.
 * @param {{of: string, to: string}[]} edges
 */
function placesOf(edges) {
  const names = [...new Set(edges.flatMap(({ of, to }) => [of, to]))];
  const columns = new Map(names.map((name) => [name, 0]));
  const column = (/** @type {string} */ name) => columns.get(name) ?? 0;
  names.forEach(() => {
    for (const { of, to } of edges) columns.set(to, Math.max(column(to), column(of) + 1));
  });
  const rows = new Map();
  const taken = new Set();
  for (const name of names) {
    const at = column(name);
    let row = edges.filter(({ of, to }) => column(of) < at && at < column(to)).length;
    while (taken.has(`${at},${row}`)) row += 1;
    taken.add(`${at},${row}`);
    rows.set(name, row);
  }
  return { names, column, row: (/** @type {string} */ name) => rows.get(name) ?? 0 };
}

/** A text with dots where it is long. @param {string} text */
const short = (text) => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text);

/**
 * Of a check without edges those of the parts alone.
 * @param {Schemas["ProgramCheckResult"]} result @param {number} place of the chosen entry
 */
export function pathGraph({ parts = [], parts_of: from = "", edges: links = [] }, place) {
  const edges = links.length
    ? links
    : parts.map(({ through, ...part }) => ({ ...part, of: from, to: through }));
  const { names, column, row } = placesOf(edges);
  const widest = Math.max(...names.map((name) => short(name).length));
  const wide = Math.max(LEAST, LETTER * widest + 14);
  const left = (/** @type {string} */ name) => column(name) * (wide + GAP) + 2;
  const top = (/** @type {string} */ name) => row(name) * DOWN + 12;
  const width = Math.max(...names.map(left)) + wide + 2;
  const height = Math.max(...names.map(top)) + HIGH + 6;
  /** Beside each other at one side of a node. @param {"of" | "to"} side @param {number} k */
  const end = (side, k) => {
    const name = edges[k][side];
    const other = side === "of" ? "to" : "of";
    const all = edges
      .filter((each) => each[side] === name)
      .sort((p, q) => row(p[other]) - row(q[other]));
    const fraction = (all.indexOf(edges[k]) + 1) / (all.length + 1);
    return [left(name) + (side === "of" ? wide : 0), top(name) + HIGH * fraction];
  };
  const drawn = edges.map(({ missing, array }, k) => {
    const [[x, y], [farX, farY]] = [end("of", k), end("to", k)];
    const bend = Math.min(GAP, (farX - x) / 2);
    const value = array.numbers?.[array.numbers.length > place ? place : 0] ?? 0;
    const kind = missing ? "missing" : value ? null : "nothing";
    return [
      s("path", {
        class: kind,
        d: `M${farX},${farY}C${farX - bend},${farY} ${x + bend},${y} ${x + 3},${y}`,
        "marker-end": `url(#tip-${missing ? "missing" : "path"})`,
      }),
      text(
        (x + farX) / 2,
        (y + farY) / 2 - (Math.abs(y - farY) < 12 ? 5 : -4),
        number(value, 3),
        `edge-part.${kind ?? ""}`,
      ),
    ];
  });
  const lines = new Map(edges.map(({ to, line }) => [to, line]));
  const isLost = (/** @type {string} */ name) => {
    const incoming = edges.filter(({ to }) => to === name);
    return incoming.length > 0 && incoming.every(({ missing }) => missing);
  };
  const svg = s(
    "svg",
    {
      ...{ class: "path-graph", viewBox: `0 0 ${width} ${height}`, width, role: "img" },
      "aria-label": TEXTS.graphOf(names[0], parts.length),
    },
    s(
      "defs",
      ["tip-path", "tip-missing"].map((id) => tip(id, id, 12)),
    ),
    drawn.map(([path]) => path),
    names.map((name) => {
      const line = lines.get(name);
      const note = isLost(name) ? TEXTS.missing : line ? TEXTS.inLine(line) : "";
      return s(
        "g",
        {
          class: isLost(name) ? "missing" : null,
          transform: `translate(${left(name)},${top(name)})`,
        },
        s("title", name),
        box(0, 0, wide, HIGH, "box", 8),
        text(7, note ? 17 : 24, short(name), "node-name"),
        note ? text(7, 32, note, "node-note") : null,
      );
    }),
    drawn.map(([, value]) => value),
  );
  svg.style.minWidth = `${SMALLEST * width}px`;
  return h("div.path-graph-scroll[tabindex=0]", svg);
}
