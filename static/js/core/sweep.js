/**
 * Sweeps: maps of training over one or two settings. What an axis can be, what a map says, and how
 * it is written out. Nothing here knows the page or the server.
 */
import { TEXT } from "../text/en.js";
import { number } from "./format.js";
import { isObject } from "./leaves.js";
import { isParameter } from "./names.js";
import { IMPORT } from "./numpy.js";
import { get } from "./recipe.js";

/** @typedef {number | string | boolean} Value */
/**
 * @typedef {{field: string, values?: Value[], scale?: string, from?: number, to?: number, count?:
 *   number}} Axis with `values`, or with scale, from, to and count
 */
/**
 * @typedef {{recipe: Recipe, axes: Axis[], step: number, measure: string, goal?: number | null,
 *   repeats?: number}} Sweep
 */
/** @typedef {Schemas["CatalogMeasure"]} Measure */
/**
 * @typedef {{rows: number, columns: number, values: Float64Array, spread: Float64Array | null,
 *   diverged: Float64Array, reached: number, target: number}} Cells row by row, NaN for none
 */
/** @typedef {{row: number, column: number}} Cell */

const TITLES = TEXT.map.settings;
const NOT_DATA = /^dataset\.(x|target|classes|features|id)/;
const NOT_SETTINGS =
  /^(edits|network\.(weights|value)|batch\.shuffle|optimizer\.layer_factors|.*standardize)/;
const LAYER_RATE = /^optimizer\.learning_rate\.(\d+)$/;

/** What a field is called. @param {string} field */
export function titleOf(field) {
  const layer = /^network\.layers\.(\d+)\.(\w+)$/.exec(field);
  if (layer) return TEXT.map.ofLayer(layer[2], Number(layer[1]) + 1);
  const rate = LAYER_RATE.exec(field);
  if (rate) return TEXT.map.rateOfLayer(Number(rate[1]));
  return TITLES[field] ?? field.replace(/^\w+\./, "").replace(/[._]/g, " ");
}

/**
 * The fields that an axis can set, without weights and biases.
 * @param {Recipe} recipe @returns {string[]}
 */
export function settingsOf(recipe) {
  /** @type {string[]} */
  const fields = Object.keys(TITLES).filter((field) => field.startsWith("network."));
  /** @param {unknown} value @param {string} path */
  const visit = (value, path) => {
    if (NOT_SETTINGS.test(path) || NOT_DATA.test(path)) return;
    if (value && typeof value === "object")
      for (const [key, inner] of Object.entries(value)) visit(inner, path ? `${path}.${key}` : key);
    else if (!fields.includes(path)) fields.push(path);
  };
  visit(recipe, "");
  // The recipe of a link may leave out what has its default.
  const layers = recipe.network?.layers ?? [];
  layers.forEach((_, k) => {
    fields.push(`optimizer.learning_rate.${k + 1}`);
  });
  const order = Object.keys(TITLES);
  const place = (/** @type {string} */ field) =>
    order.includes(field) ? order.indexOf(field) : order.length;
  return fields.sort((a, b) => place(a) - place(b));
}

/**
 * Tables of the catalog whose names a field takes.
 * @type {[RegExp, "activations" | "optimizers" | "initializers" | "schedules"][]}
 */
const NAMES = [
  [/activation$/, "activations"],
  [/^optimizer\.name$/, "optimizers"],
  [/initializer$/, "initializers"],
  [/schedule\.name$/, "schedules"],
];

/**
 * A first choice of values for a field.
 * @param {string} field @param {Recipe} recipe @param {Catalog | null} catalog
 * @param {number} count
 * @returns {Axis}
 */
export function axisFor(field, recipe, catalog, count = 32) {
  const table = NAMES.find(([pattern]) => pattern.test(field))?.[1];
  if (table) {
    const names = (catalog?.[table] ?? []).map((each) => each.name);
    return { field, values: names.filter((/** @type {string} */ name) => name !== "softmax") };
  }
  /** @param {string} scale @param {number} from @param {number} to @param {number} [most] */
  const range = (scale, from, to, most = count) => ({
    ...{ field, scale, from, to, count: Math.min(count, most) },
  });
  if (/seed$/.test(field)) return range("linear", 0, 15, 16);
  if (field === "network.depth") return range("linear", 1, 8, 8);
  if (/units$/.test(field)) return range("log", 1, 64, 7);
  if (field === "batch.size") return range("log", 1, 128, 8);
  if (field === "optimizer.learning_rate" || LAYER_RATE.test(field))
    return range("log", 0.001, 100);
  if (/^penalty/.test(field)) return range("log", 1e-5, 1);
  if (/momentum|beta|decay|rho/.test(field)) return range("linear", 0, 0.99);
  if (isParameter(field)) return range("linear", -4, 4);
  const present = get(recipe, field);
  if (typeof present === "string") return { field, values: [present] };
  const value = Number(present) || 1;
  return Number.isInteger(present) && present > 1
    ? range("linear", 1, 2 * present, 2 * present)
    : range("linear", 0, 2 * value);
}

/**
 * The smaller part of an axis between two of its positions, with as many values; null if it has no
 * smaller one.
 * @param {Axis} axis @param {Value[]} values of the axis, computed
 * @param {number} first @param {number} last
 * @returns {Axis | null}
 */
export function zoomed(axis, values, first, last) {
  const [low, high] = [Math.min(first, last), Math.max(first, last)];
  if (axis.values || axis.from === undefined)
    return low === high ? null : { field: axis.field, values: values.slice(low, high + 1) };
  const [from, to] = [values[low], values[high]];
  if (typeof from !== "number" || typeof to !== "number" || low === high) return null;
  return { ...axis, from, to };
}

/**
 * The best cell; null if the measure has no direction or no cell has a value.
 * @param {Cells} cells @param {string | null} better @returns {Cell | null}
 */
export function bestCell(cells, better) {
  if (better === null) return null;
  const sign = better === "lower" ? 1 : -1;
  let best = -1;
  cells.values.forEach((value, k) => {
    if (Number.isFinite(value) && (best < 0 || sign * value < sign * cells.values[best])) best = k;
  });
  return best < 0 ? null : { row: Math.floor(best / cells.columns), column: best % cells.columns };
}

const MOST_DIGITS = 10;

/**
 * How many digits tell numbers apart: those of a zoomed axis differ in late ones.
 * @param {readonly unknown[]} values @param {number} least
 */
export function digitsFor(values, least) {
  const numbers = [...new Set(values)].filter((value) => typeof value === "number");
  let digits = least;
  while (
    digits < MOST_DIGITS &&
    new Set(numbers.map((value) => number(value, digits))).size < numbers.length
  )
    digits += 1;
  return digits;
}

/** @param {Value | undefined} value @param {number} [digits] */
export const valueText = (value, digits = 3) =>
  typeof value === "number" ? number(value, digits) : String(value ?? "").replace(/_/g, " ");

/**
 * What a cell says, in words.
 * @param {Sweep} sweep with the values of its axes
 * @param {Cells} cells @param {Cell} cell @param {Measure} measure
 */
export function cellText(sweep, cells, { row, column }, measure) {
  const at = row * cells.columns + column;
  const where = sweep.axes
    .map(({ field, values = [] }, a) => {
      const value = values[a ? column : row];
      return TEXT.map.at(titleOf(field), valueText(value, digitsFor(values, 3)));
    })
    .join(", ");
  const value = cells.values[at];
  const died = cells.diverged[at];
  const spread = cells.spread?.[at] ?? NaN;
  let said = TEXT.figures.notComputedYet;
  if (Number.isFinite(value))
    said = TEXT.map.measured(
      measure.title,
      number(value, 4),
      Number.isFinite(spread) ? number(spread, 2) : null,
    );
  else if (cells.reached === cells.target) said = TEXT.map.noValue;
  if (Number.isFinite(died)) said = TEXT.map.divergedAt(died);
  return TEXT.map.cell(where, said);
}

const python = (/** @type {number} */ value) => (Number.isFinite(value) ? String(value) : "np.nan");

/** The map as NumPy. @param {Sweep} sweep @param {Cells} cells */
export function mapAsNumpy(sweep, cells) {
  const matrix = (/** @type {Float64Array} */ data) =>
    Array.from({ length: cells.rows }, (_, r) => {
      const row = [...data.subarray(r * cells.columns, (r + 1) * cells.columns)];
      return `    [${row.map(python).join(", ")}],`;
    }).join("\n");
  const axes = sweep.axes.map(
    ({ field, values = [] }, a) =>
      `${a ? "columns" : "rows"} = ${JSON.stringify(values)}  # ${field}`,
  );
  return [
    IMPORT,
    "",
    `# ${sweep.measure} after ${sweep.step} steps`,
    ...axes,
    `values = np.array([\n${matrix(cells.values)}\n])`,
    `diverged = np.array([\n${matrix(cells.diverged)}\n])`,
    "",
  ].join("\n");
}

/** The map as CSV, one row for each cell. @param {Sweep} sweep @param {Cells} cells */
export function mapAsCsv(sweep, cells) {
  const cell = (/** @type {number} */ value) => (Number.isFinite(value) ? String(value) : "");
  const lines = [
    [...sweep.axes.map(({ field }) => field), sweep.measure, "diverged_at"].map(quoted),
  ];
  for (let k = 0; k < cells.values.length; k++) {
    const place = [Math.floor(k / cells.columns), k % cells.columns];
    lines.push([
      ...sweep.axes.map(({ values }, a) => quoted(String(values?.[place[a]] ?? ""))),
      cell(cells.values[k]),
      cell(cells.diverged[k]),
    ]);
  }
  return `${lines.map((line) => line.join(",")).join("\n")}\n`;
}

/** @param {string} text */
const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);

/**
 * Seconds until the map is there; null before that can be said.
 * @param {{reached: number, target: number}} cells @param {number} seconds since the first cell
 */
export const secondsLeft = ({ reached, target }, seconds) =>
  reached > 0 && seconds > 0.4 ? ((target - reached) * seconds) / reached : null;

/**
 * A map in the address: what a sweep needs but its step and measure may be missing.
 * @param {unknown} value from an address @returns {boolean}
 */
export const isMap = (value) =>
  isObject(value) &&
  Array.isArray(value.axes) &&
  value.axes.length >= 1 &&
  value.axes.length <= 2 &&
  value.axes.every((axis) => typeof axis?.field === "string");
