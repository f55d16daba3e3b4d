/** Colours and axes that the figures share. Colours are "#rrggbb". */

import { superscript } from "../core/format.js";
import { escaped } from "../core/formula.js";

/**
 * A figure in Plotly's format.
 * @typedef {Record<string, any>} Attributes any: plotly.js has no types here
 * @typedef {{data: Attributes[], layout: Attributes, config: Attributes}} Figure
 */

/** @param {string} hex @param {number} i of the channel */
const channel = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
/** Red, green and blue, 0 to 255. @param {string} hex @returns {[number, number, number]} */
export const channels = (hex) => [channel(hex, 0), channel(hex, 1), channel(hex, 2)];

/** @param {string} from @param {string} to @param {number} t 0: from, 1: to */
export function mix(from, to, t) {
  const a = channels(from);
  const b = channels(to);
  return `#${a
    .map((value, i) =>
      Math.round(value + (b[i] - value) * t)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

/**
 * @typedef {{paper: string, sheet: string, wash: string, ink: string, soft: string, rule: string,
 *   strongRule: string, positive: string, negative: string, positiveStrong: string, negativeStrong:
 *   string, zero: string, phases: Record<string, string>, classes: string[], sans: string, math:
 *   string, type: number}} Palette type: pixels of small text
 */

/** @typedef {[number, string][]} ColourScale colours at places from 0 to 1 */

/**
 * Orange, paper, blue: for neurons and matrices.
 * @param {Palette} palette
 * @returns {ColourScale}
 */
export const signedScale = (palette) => [
  [0, palette.negativeStrong],
  [0.25, mix(palette.zero, palette.negativeStrong, 0.5)],
  [0.5, palette.zero],
  [0.75, mix(palette.zero, palette.positiveStrong, 0.5)],
  [1, palette.positiveStrong],
];

/** The same, pale: behind points. @param {Palette} palette @returns {ColourScale} */
export const paleScale = (palette) => [
  [0, mix(palette.paper, palette.classes[0], 0.48)],
  [0.46, mix(palette.paper, palette.classes[0], 0.1)],
  [0.5, palette.paper],
  [0.54, mix(palette.paper, palette.classes[1], 0.1)],
  [1, mix(palette.paper, palette.classes[1], 0.48)],
];

/**
 * From nothing to the phase's colour: for magnitudes.
 * @param {Palette} palette @param {string} colour
 * @returns {ColourScale}
 */
export const magnitudeScale = (palette, colour) => [
  [0, mix(palette.paper, colour, 0.04)],
  [0.5, mix(palette.paper, colour, 0.45)],
  [1, colour],
];

/** The next larger number of a coarse series, for scales that should change seldom. */
export function calm(/** @type {number} */ value) {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  return 1.5 ** Math.ceil(Math.log(value) / Math.log(1.5) - 1e-9);
}

/**
 * Layout shared by all figures.
 * @param {Palette} palette @param {{width: number, height: number}} size
 */
export const frameOf = (palette, { width, height }) => ({
  width,
  height,
  paper_bgcolor: "rgba(0,0,0,0)",
  plot_bgcolor: "rgba(0,0,0,0)",
  font: { family: palette.sans, size: palette.type, color: palette.soft },
  showlegend: false,
  hoverlabel: {
    bgcolor: palette.sheet,
    bordercolor: palette.strongRule,
    font: { family: palette.sans, size: palette.type, color: palette.ink },
  },
  uirevision: "kept",
});

/**
 * A figure whose points are found by the pointer, unless its layout says otherwise.
 * @param {Palette} palette @param {{width: number, height: number}} size
 * @param {Attributes[]} data @param {Attributes} layout
 * @returns {Figure}
 */
export const figureOf = (palette, { width, height }, data, layout) => ({
  data,
  layout: {
    ...{ ...frameOf(palette, { width, height }), hovermode: "closest", dragmode: false },
    ...layout,
  },
  config: CONFIG,
});

/**
 * A trace of points, or of what `mode` says.
 * @param {ArrayLike<number | null>} x @param {ArrayLike<number | null>} y @param {Attributes} look
 * @param {string} hovertemplate @param {"markers" | "lines" | "lines+markers"} [mode]
 */
export const scatter = (x, y, look, hovertemplate, mode = "markers") => ({
  ...{ type: "scatter", mode, x, y, hovertemplate },
  ...look,
});

/**
 * The marker of a trace, with a rim.
 * @param {string} symbol @param {number} size @param {string} color @param {string} rim
 * @param {number} width of the rim
 */
export const rimmed = (symbol, size, color, rim, width) => ({
  marker: { symbol, size, color, line: { color: rim, width } },
});

/**
 * A line from the lower to the upper end of a figure.
 * @param {number} x @param {{color: string, width: number, dash?: string}} line
 * @param {string} [xref] axis of x
 */
export const upright = (x, line, xref = "x") => ({
  ...{ type: "line", xref, yref: "paper", x0: x, x1: x, y0: 0, y1: 1, line },
});

/** Escape text that comes with the data: Plotly takes `<b>` and `&amp;` for markup. */
export const plain = (/** @type {string | number} */ text) => escaped(String(text));

/** Axis shared by the small figures. @param {Palette} palette */
export const axisOf = (palette) => ({
  gridcolor: palette.rule,
  zeroline: false,
  linecolor: palette.rule,
  tickcolor: palette.rule,
  ticklen: 3,
  automargin: false,
  fixedrange: true,
  exponentformat: "e", // plotly.js would style superscripts inline, which the page's policy forbids
  tickfont: { size: palette.type },
});

export const CONFIG = {
  displayModeBar: false,
  responsive: false,
  showTips: false,
  doubleClick: false,
};

/**
 * Cells with sharp edges. Without gaps plotly.js would set a style attribute on the image
 * (`image-rendering`), which the page's policy forbids; gaps too small to see make it draw the
 * cells one by one.
 */
export const CRISP = { zsmooth: false, xgap: 0.001, ygap: 0.001 };

/**
 * Ticks at 10ⁿ in plain characters: plotly.js styles superscripts inline.
 * @param {number[]} range powers of ten
 */
export function powersOfTen([low, high], most = 4) {
  const stride = Math.max(1, Math.ceil((high - low) / most));
  const powers = [];
  for (let power = Math.ceil(low); power <= high; power += stride) powers.push(power);
  return {
    tickvals: powers.map((power) => 10 ** power),
    ticktext: powers.map((power) => `10${superscript(power)}`),
  };
}
