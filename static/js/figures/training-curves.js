/**
 * Cost above, score below, over the steps of the run; train solid, test dashed; the current step is a line.
 */
import { CONFIG, axisOf, frameOf } from "./colour.js";

const POINTS = 320;

/**
 * At most POINTS points: equal strides through what is recorded, always with the last.
 * @param {number[]} values @param {number} length
 */
function thin(values, length) {
  if (length <= POINTS) return values.slice(0, length);
  const out = new Array(POINTS);
  for (let i = 0; i < POINTS; i++) out[i] = values[Math.round((i * (length - 1)) / (POINTS - 1))];
  return out;
}

/**
 * @param {import("../history.js").History} history @param {import("./colour.js").Palette} palette
 * @param {{width: number, height: number, end: number, step: number, score: string, log: boolean}} options
 */
export function curvesFigure(history, palette, { width, height, end, step, score, log }) {
  const n = history.step.length;
  const x = thin(history.step, n);
  const line = (name, colour, dash, axis, text) => ({
    type: "scatter",
    mode: n > 1 ? "lines" : "markers",
    x,
    y: thin(history[name], n),
    yaxis: axis,
    line: { color: colour, width: dash ? 1.6 : 1.8, dash: dash || "solid" },
    marker: { color: colour, size: 5 },
    hovertemplate: `${text} %{y:.4g}<extra></extra>`,
    connectgaps: false,
  });
  const { ink, soft, phases } = palette;
  return {
    data: [
      line("cost_train", phases.cost, "", "y", "cost, train"),
      line("cost_test", phases.cost, "dash", "y", "cost, test"),
      line("score_train", ink, "", "y2", `${score}, train`),
      line("score_test", ink, "dash", "y2", `${score}, test`),
    ],
    layout: {
      ...frameOf(palette, { width, height }),
      margin: { l: 44, r: 12, t: 6, b: 34 },
      hovermode: "x unified",
      dragmode: false,
      xaxis: { ...axisOf(palette), range: [0, end], anchor: "y2", nticks: 6, title: { text: "step", font: { size: 11 }, standoff: 4 } },
      yaxis: { ...axisOf(palette), domain: [0.46, 1], type: log ? "log" : "linear", ...rangeOf(history, log), nticks: 4, ...(log ? { exponentformat: "e", dtick: 1 } : {}), title: { text: "cost", font: { size: 11, color: phases.cost }, standoff: 6 } },
      yaxis2: { ...axisOf(palette), domain: [0, 0.36], ...scoreRange(history, score), nticks: 3, title: { text: score === "r2" ? "𝑅²" : score, font: { size: 11, color: soft }, standoff: 6 } },
      shapes: [{ type: "line", xref: "x", yref: "paper", x0: step, x1: step, y0: 0, y1: 1, line: { color: ink, width: 1.2 } }],
    },
    config: CONFIG,
  };
}

/** From zero up, so that a small change does not look large. */
function rangeOf(history, log) {
  if (log) return { autorange: true };
  let high = 0;
  for (const name of ["cost_train", "cost_test"]) for (const value of history[name]) if (value > high) high = value;
  return { range: [0, high > 0 ? high * 1.06 : 1] };
}

function scoreRange(history, score) {
  if (score !== "r2") return { range: [0, 1.04] };
  let low = 0;
  for (const name of ["score_train", "score_test"]) for (const value of history[name]) if (value < low) low = value;
  return { range: [Math.max(low, -2) * 1.05, 1.04] };
}
