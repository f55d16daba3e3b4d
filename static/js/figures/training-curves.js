/**
 * Cost above, score below, over the steps of the run; train solid, test dashed; the current step is
 * a line.
 */
import { TEXT } from "../text/en.js";
import { axisOf, figureOf, powersOfTen, upright } from "./colour.js";

const POINTS = 320;
/**
 * Scores below it (R² of a run that diverges) are outside the figure, and beyond what an SVG path
 * can hold.
 */
const WORST = -100;
const NARROW = 330; // pixels: the note would not fit in one line

/** @typedef {"cost_train" | "cost_test" | "score_train" | "score_test"} Curve */

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
 * @param {RunHistory} history @param {Palette} palette
 * @param {{width: number, height: number, end: number, step: number, score: string, log: boolean,
 *   reference?: RunHistory | null}} options reference: the curves of another run, drawn thin behind
 * @returns {Figure}
 */
export function curvesFigure(
  history,
  palette,
  { width, height, end, step, score, log, reference = null },
) {
  const n = history.step.length;
  const x = thin(history.step, n);
  /**
   * @param {Curve} name @param {string} colour @param {string} dash @param {string} axis
   * @param {string} text
   */
  const line = (name, colour, dash, axis, text) => ({
    type: "scatter",
    mode: n > 1 ? "lines" : "markers",
    x,
    y: bounded(thin(history[name], n), axis),
    yaxis: axis,
    line: { color: colour, width: dash ? 1.6 : 1.8, dash: dash || "solid" },
    marker: { color: colour, size: 5 },
    hovertemplate: `${text} %{y:.4g}<extra></extra>`,
    connectgaps: false,
  });
  const { ink, soft, phases } = palette;
  /** @param {RunHistory} other @param {Curve} name @param {string} axis @param {string} text */
  const behind = (other, name, axis, text) => ({
    type: "scatter",
    mode: "lines",
    x: thin(other.step, other.step.length),
    y: bounded(thin(other[name], other.step.length), axis),
    yaxis: axis,
    line: { color: soft, width: 1, dash: name.endsWith("test") ? "dot" : "solid" },
    hovertemplate: TEXT.figures.ofReference(text),
  });
  const others = reference?.step.length
    ? [
        behind(reference, "cost_train", "y", TEXT.figures.train),
        behind(reference, "cost_test", "y", TEXT.figures.test),
        behind(reference, "score_train", "y2", TEXT.figures.train),
      ]
    : [];
  return figureOf(
    palette,
    { width, height },
    [
      line("cost_train", phases.cost, "", "y", TEXT.figures.costTrain),
      line("cost_test", phases.cost, "dash", "y", TEXT.figures.costTest),
      line("score_train", ink, "", "y2", TEXT.figures.ofTrain(score)),
      line("score_test", ink, "dash", "y2", TEXT.figures.ofTest(score)),
      ...others,
    ],
    {
      margin: { l: 46, r: 18, t: 6, b: 38 },
      hovermode: "x unified",
      xaxis: {
        ...axisOf(palette),
        range: [0, end],
        anchor: "y2",
        nticks: 6,
        exponentformat: "SI",
        title: { text: TEXT.figures.stepAxis, font: { size: palette.type }, standoff: 4 },
      },
      yaxis: {
        ...axisOf(palette),
        domain: [0.46, 1],
        ...costAxis(reference ? [history, reference] : [history], log),
        title: {
          text: TEXT.figures.costAxis,
          font: { size: palette.type, color: phases.cost },
          standoff: 6,
        },
      },
      yaxis2: {
        ...axisOf(palette),
        domain: [0, 0.36],
        ...scoreRange(history, score),
        nticks: 3,
        title: {
          text: score === "r2" ? "𝑅²" : score,
          font: { size: palette.type, color: soft },
          standoff: 6,
        },
      },
      annotations:
        n > 1
          ? []
          : [
              {
                text: TEXT.figures.curvesGrow(width < NARROW ? "<br>" : " "),
                x: 0.5,
                y: 0.74,
                xref: "paper",
                yref: "paper",
                showarrow: false,
                font: { size: palette.type, color: soft },
              },
            ],
      shapes: [upright(step, { color: ink, width: 1.2 })],
    },
  );
}

/** Values as they are drawn. @param {number[]} values @param {string} axis */
const bounded = (values, axis) =>
  axis === "y2" ? values.map((value) => Math.max(value, WORST)) : values;

/**
 * The axis begins at 0, so that a small change does not look large. It is logarithmic if that is
 * chosen, or if the costs differ by more than five powers of ten.
 * @param {RunHistory[]} histories @param {boolean} log
 */
function costAxis(histories, log) {
  let low = Infinity;
  let high = 0;
  for (const values of histories.flatMap((history) => [history.cost_train, history.cost_test])) {
    for (const value of values) {
      if (value > high && Number.isFinite(value)) high = value;
      if (value > 0 && value < low) low = value;
    }
  }
  if (high > 0 && (log || high > 1e5 * low)) {
    const range = [
      Math.floor(Math.log10(low) * 4 - 0.1) / 4,
      Math.ceil(Math.log10(high) * 4 + 0.1) / 4,
    ];
    return {
      type: "log",
      range,
      ...(range[1] - range[0] > 1 ? powersOfTen(range, 3) : { nticks: 3 }),
    };
  }
  return { type: "linear", range: [0, high > 0 ? high * 1.06 : 1], nticks: 4 };
}

/** @param {RunHistory} history @param {string} score */
function scoreRange(history, score) {
  if (score !== "r2") return { range: [0, 1.04] };
  let low = 0;
  for (const name of /** @type {const} */ (["score_train", "score_test"]))
    for (const value of history[name]) if (value < low) low = value;
  return { range: [Math.max(low, -2) * 1.05, 1.04] };
}
