/**
 * The first rows of a table, for the preview alone: the server reads the table, this only shows
 * what it will be about before it has, or when it refuses.
 */

const LOOKED_AT = 20000; // characters
const DELIMITERS = ["\t", ";", ","];
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?$/i;

/**
 * Cells of the first rows that are not empty; `number` is the row as a spreadsheet counts it.
 * @param {string} text @param {string} delimiter @param {number} most
 * @returns {{number: number, cells: string[]}[]}
 */
function records(text, delimiter, most) {
  /** @type {{number: number, cells: string[]}[]} */
  const found = [];
  /** @type {string[]} */
  let cells = [];
  let cell = "";
  let quoted = false;
  let number = 1;
  const end = () => {
    cells.push(unescaped(cell.trim()));
    if (cells.some(Boolean)) found.push({ number, cells });
    cells = [];
    cell = "";
    number += 1;
  };
  for (let i = 0; i < text.length && found.length < most; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (c === '"' && cell.trim() === "") [quoted, cell] = [true, ""];
    else if (c === delimiter) {
      cells.push(unescaped(cell.trim()));
      cell = "";
    } else if (c === "\n") end();
    else if (c !== "\r") cell += c;
  }
  if (found.length < most && (cell || cells.length)) end();
  return found;
}

/**
 * Without the apostrophe that keeps a spreadsheet from taking text for a formula.
 * @param {string} cell
 */
const unescaped = (cell) =>
  /^'+[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(cell) ? cell.slice(1) : cell;

/**
 * The roles of the columns of a file that this program exported; null of any other. As
 * `app/backprop_explorer/datasets/export_layout.py`.
 * @param {string[]} names @param {string[][]} rows
 */
function exportedRoles(names, rows) {
  const end = names.length - (names.at(-1) === "edited" ? 1 : 0);
  if (
    end < 3 ||
    names[end - 1] !== "part" ||
    !rows.every((cells) => ["train", "test"].includes(cells[end - 1]))
  )
    return null;
  let last = end - 2;
  if (last >= 2 && names[last] === `${names[last - 1]} index`) last -= 1;
  const [, stem, k, n] = /^(.*) \((\d+) of (\d+)\)$/.exec(names[last]) ?? [];
  const several =
    k === n &&
    Array.from({ length: Number(n) }, (_, i) => `${stem} (${i + 1} of ${n})`).every(
      (name, i) => names[last + 1 - Number(n) + i] === name,
    );
  const first = stem !== undefined && several ? last + 1 - Number(n) : last;
  return first < 1
    ? null
    : names.map((_, i) => (i < first ? "feature" : i <= last ? "target" : "left out"));
}

/** @param {string} text */
function delimiterOf(text) {
  const [head] = records(text, ",", 1);
  if (head?.cells.length > 2 && ["part", "edited"].includes(head.cells.at(-1) ?? "")) return ",";
  for (const delimiter of DELIMITERS) {
    const widths = new Set(records(text, delimiter, 10).map(({ cells }) => cells.length));
    if (widths.size === 1 && !widths.has(0) && !widths.has(1)) return delimiter;
  }
  const counts = DELIMITERS.map((delimiter) => text.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))];
}

/** @param {string} cell @param {string} delimiter */
const isNumber = (cell, delimiter) =>
  NUMBER.test((delimiter === "," ? cell : cell.replace(",", ".")).replace("\u2212", "-"));

/**
 * @param {string} text
 * @param {boolean | null} header whether the first row has names; null: if no cell of it is a
 *   number
 * @param {number} [most] rows
 * @returns {{columns: {name: string, kind: "number" | "text", suggested: string | null}[], rows:
 *   {number: number, cells: string[]}[], header: boolean} | null}
 */
export function readHead(text, header, most = 10) {
  const start = text.slice(0, LOOKED_AT).replace(/\r\n?/g, "\n");
  const delimiter = delimiterOf(start);
  const all = records(start, delimiter, most + 1);
  if (!all.length) return null;
  const roles =
    header === false
      ? null
      : exportedRoles(
          all[0].cells,
          all.slice(1).map(({ cells }) => cells),
        );
  const named =
    header ?? (roles !== null || all[0].cells.every((cell) => !isNumber(cell, delimiter)));
  const rows = (named ? all.slice(1) : all).slice(0, most);
  const names = all[0].cells.map((cell, k) =>
    named && cell ? cell.slice(0, 60) : `column ${k + 1}`,
  );
  const columns = names.map((name, k) => {
    const filled = rows.map(({ cells }) => cells[k] ?? "").filter(Boolean);
    const numbers = filled.filter((cell) => isNumber(cell, delimiter)).length;
    /** @type {"number" | "text"} */
    const kind = 2 * numbers >= Math.max(filled.length, 1) ? "number" : "text";
    return {
      name: names.indexOf(name) < k ? `${name} (${k + 1})` : name,
      kind,
      suggested: roles?.[k] ?? null,
    };
  });
  return { columns, rows, header: named };
}

/**
 * Where a row of a text begins and ends, to be selected.
 * @param {string} text @param {number} row from 1
 */
export function lineRange(text, row) {
  let from = 0;
  for (let k = 1; k < row; k++) {
    const next = text.indexOf("\n", from);
    if (next < 0) break;
    from = next + 1;
  }
  const end = text.indexOf("\n", from);
  return [from, end < 0 ? text.length : end];
}
